/* lanes_show.c - tables of "aif lanes"; see lanes_show.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "common.h"
#include "lanes_show.h"
#include "lanetext.h"
#include "message.h"
#include "table.h"

const char *aif_lanes_show_state(const struct aif_lanedata *data, const struct aif_mode *mode)
{
    const struct aif_policy *policy = data->snapshot->policy;
    const char *state = "open";

    if (!mode || !mode->lane.present)
        return "none";
    if (!data->jobs->plugin)
        return "off";
    for (size_t i = 0; i < policy->share_count; i++) {
        struct aif_sharewindow_state share;

        if (!aif_share_has_mode(&policy->shares[i], mode))
            continue;
        aif_sharewindow_get(data->windows, i, &share);
        if (share.closed && !policy->shares[i].categories)
            return "closed";
        if (share.closed)
            state = "partly";
    }
    return state;
}

/* Modes without a lane only while jobs of theirs wait. */
static bool is_shown(const struct aif_lanestat *stat)
{
    return stat->outside || (stat->mode && stat->mode->lane.present);
}

static void add_number(struct aif_table *table, uint64_t number)
{
    aif_table_add(table, aif_tool_format("%llu", (unsigned long long)number));
}

static void add_mode(struct aif_table *table, const struct aif_lanedata *data,
                     const struct aif_lanestat *stat)
{
    const bool promised = stat->mode && stat->mode->lane.target;

    aif_table_add(table, aif_tool_strdup(stat->mode ? stat->mode->name : "(others)"));
    aif_table_add(table, aif_tool_strdup(aif_lanes_show_state(data, stat->mode)));
    add_number(table, stat->queued);
    add_number(table, stat->running);
    aif_table_add(table, stat->mode
                             ? aif_tool_format("%llu", (unsigned long long)stat->waits.started)
                             : NULL);
    for (int i = 0; i < AIF_WAITS_PERCENTILES; i++)
        aif_table_add(table, aif_lanetext_secs(stat->waits.percentile[i]));
    aif_table_add(table, promised ? aif_lanetext_secs(stat->mode->lane.target) : NULL);
    aif_table_add(table, aif_lanetext_percent(stat->waits.kept_bp));
    add_number(table, stat->outside);
    aif_table_add(table, aif_lanetext_secs(stat->longest));
}

static void print_modes(const struct aif_lanedata *data, const struct aif_lanestat *stats,
                        bool parsable)
{
    static const char *const titles[] = {"MODE",    "LANE",     ">QUEUED",  ">RUNNING", ">STARTED",
                                         ">WAIT50", ">WAIT90",  ">WAIT95",  ">WAIT99",  ">TARGET",
                                         ">KEPT",   ">OUTSIDE", ">LONGEST", NULL};
    struct aif_table *table = aif_table_create(titles);

    for (size_t i = 0; i <= data->snapshot->policy->mode_count; i++)
        if (is_shown(&stats[i]))
            add_mode(table, data, &stats[i]);
    aif_table_print(table, parsable);
    aif_table_destroy(table);
}

static void print_shares(const struct aif_lanedata *data, bool parsable)
{
    static const char *const titles[] = {"SHARE",         ">USED", ">LIMIT",
                                         ">RUNNING GPUS", "LANES", NULL};
    const struct aif_policy *policy = data->snapshot->policy;
    struct aif_table *table;

    if (!policy->share_count)
        return;
    table = aif_table_create(titles);
    for (size_t i = 0; i < policy->share_count; i++) {
        struct aif_sharewindow_state share;

        aif_sharewindow_get(data->windows, i, &share);
        aif_table_add(table, aif_tool_strdup(policy->shares[i].title));
        aif_table_add(table, aif_lanetext_percent(share.used_bp));
        aif_table_add(table, aif_lanetext_percent((int64_t)policy->shares[i].percent * 100));
        add_number(table, share.running_gpus);
        aif_table_add(table, aif_tool_strdup(share.closed ? "closed" : "open"));
    }
    putchar('\n');
    aif_table_print(table, parsable);
    aif_table_destroy(table);
}

void aif_lanes_show_parsable(const struct aif_lanedata *data, const struct aif_lanestat *stats)
{
    print_modes(data, stats, true);
    print_shares(data, true);
}

static void say_waits(const struct aif_lanedata *data)
{
    char since[AIF_DATE_TEXT];

    aif_message_second(data->from, since);
    if (data->ledger)
        printf("Waits: of jobs that started since %s, from the ledger and the queue.\n", since);
    else
        printf("Waits: only of jobs that slurmctld still knows; the ledger was not read: %s\n",
               data->ledger_why);
}

static void say_shares(const struct aif_lanedata *data)
{
    static const char *const words[] = {
        [AIF_LANEDATA_CONTROLLER] = "as the controller counts them",
        [AIF_LANEDATA_COMPUTED] =
            "computed from the ledger and running jobs; the controller's own count cannot be read",
        [AIF_LANEDATA_PARTIAL] = ("of the jobs that slurmctld shows here; those that ended are "
                                  "missing, so it may be more"),
    };
    char since[AIF_DATE_TEXT];

    if (!data->windows)
        return;
    aif_message_second(data->from, since);
    printf("Shares: since %s, %s.\n", since, words[data->shares]);
}

static void say_guard(const struct aif_lanedata *data)
{
    const struct aif_lanes_conf *lanes = &data->snapshot->policy->lanes;
    char *after;

    if (!lanes->guard_after)
        return;
    after = aif_lanetext_secs(lanes->guard_after);
    printf("Guard: jobs outside of lanes are lifted once they have waited %s.\n", after);
    free(after);
}

void aif_lanes_show_text(const struct aif_lanedata *data, const struct aif_lanestat *stats)
{
    print_modes(data, stats, false);
    print_shares(data, false);
    putchar('\n');
    say_waits(data);
    say_shares(data);
    say_guard(data);
    if (data->jobs->hidden)
        puts("Jobs of other users cannot be seen here (PrivateData=jobs): all numbers are of yours "
             "alone.");
    if (!data->jobs->plugin)
        puts("Neither priority/aif nor site_factor/aif is configured: lanes lift no job.");
}
