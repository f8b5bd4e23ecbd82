/* aif_quota.c - "aif quota": what allocations have, have used and have left */
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "common.h"
#include "live.h"
#include "message.h"
#include "rules.h"
#include "slurmconn.h"
#include "table.h"

static const char help[] =
    "Usage: aif quota [--all] [--json|--parsable] [ID]...\n"
    "Per allocation: amount, used, reserved by running jobs up to their time limits, and left,\n"
    "in hours of its unit, as slurmctld counts right now. ID is a project ID, QOS or account.\n"
    "Without ID: for root and SlurmUser all, for others those they may use (--all: all).\n"
    "  -a, --all       all allocations\n"
    "  -j, --json      as JSON, times in seconds too\n"
    "  -P, --parsable  columns separated by '|'\n"
    "Exit status: 0 ok, 1 unknown ID or something is not counted, 2 wrong command line,\n"
    "3 slurmctld cannot be reached.\n";

enum format { FORMAT_TABLE, FORMAT_PARSABLE, FORMAT_JSON };

struct quota {
    const struct aif_snapshot *snapshot;
    struct aif_live *live;
    const char *user; /* of whom to show; NULL: everybody */
    time_t now;
    enum format format;
    struct aif_table *table;
    struct json_object *array;
    size_t shown;
    int rc;
};

static const char *state_text(const struct aif_alloc *alloc, time_t now)
{
    if (alloc->state != AIF_STATE_OK)
        return aif_alloc_state_name(alloc->state);
    if (now < alloc->start)
        return "not started";
    return now > alloc->end ? "ended" : "ok";
}

static long days_left(const struct aif_alloc *alloc, time_t now)
{
    return now > alloc->end ? 0 : (long)((alloc->end - now) / 86400);
}

static char *hours(uint64_t secs)
{
    char text[AIF_AMOUNT_TEXT];

    aif_message_hours(secs, text);
    return aif_tool_strdup(text);
}

static void add_row(struct quota *q, const struct aif_alloc *alloc, const struct aif_usage *usage)
{
    char end[AIF_DATE_TEXT];

    aif_message_date(alloc->end, end);
    aif_table_add(q->table, aif_tool_strdup(alloc->id));
    aif_table_add(q->table, aif_tool_strdup(alloc->mode->name));
    aif_table_add(q->table, aif_tool_strdup(aif_unit_name(alloc->unit)));
    aif_table_add(q->table, hours(alloc->amount_secs));
    aif_table_add(q->table, usage->known ? hours(usage->used_secs) : NULL);
    aif_table_add(q->table, usage->known ? hours(usage->reserved_secs) : NULL);
    aif_table_add(q->table, usage->known ? hours(aif_live_left(alloc, usage)) : NULL);
    aif_table_add(q->table, aif_tool_strdup(end));
    aif_table_add(q->table, aif_tool_format("%ld", days_left(alloc, q->now)));
    aif_table_add(q->table, aif_tool_strdup(state_text(alloc, q->now)));
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

static void put_amount(struct json_object *object, const char *key, uint64_t secs)
{
    struct json_object *amount = json_object_new_object();

    json_object_object_add(amount, "seconds", json_object_new_int64((int64_t)secs));
    json_object_object_add(amount, "hours", json_object_new_double((double)secs / 3600.0));
    json_object_object_add(object, key, amount);
}

static void add_json(struct quota *q, const struct aif_alloc *alloc, const struct aif_usage *usage)
{
    struct json_object *object = json_object_new_object();

    put_text(object, "allocation", alloc->id);
    put_text(object, "account", alloc->account);
    put_text(object, "qos", alloc->qos);
    put_text(object, "mode", alloc->mode->name);
    put_text(object, "unit", aif_unit_name(alloc->unit));
    put_text(object, "state", state_text(alloc, q->now));
    put_amount(object, "amount", alloc->amount_secs);
    if (usage->known) {
        put_amount(object, "used", usage->used_secs);
        put_amount(object, "reserved", usage->reserved_secs);
        put_amount(object, "left", aif_live_left(alloc, usage));
    }
    json_object_object_add(object, "start", json_object_new_int64((int64_t)alloc->start));
    json_object_object_add(object, "end", json_object_new_int64((int64_t)alloc->end));
    json_object_object_add(object, "days_left", json_object_new_int64(days_left(alloc, q->now)));
    json_object_array_add(q->array, object);
}

/* Say why the numbers are missing; scripts see it by the exit code. */
static void explain_unknown(struct quota *q, const struct aif_alloc *alloc)
{
    if (!aif_live_qos(q->live, alloc->qos))
        q->rc = aif_tool_fail(AIF_EXIT_FAILED, "allocation %s has no QOS %s in Slurm; run \"aif apply\"", alloc->id,
                              alloc->qos);
    else
        q->rc = aif_tool_fail(AIF_EXIT_FAILED, "allocation %s: Slurm does not count %s (" AIF_Q_UNTRACKED "); put it into AccountingStorageTRES of slurm.conf and restart slurmctld",
                              alloc->id, q->snapshot->policy->gpu_tres);
}

static void show(struct quota *q, const struct aif_alloc *alloc)
{
    struct aif_usage usage;

    q->shown++;
    aif_live_usage(q->live, q->snapshot->policy, alloc, &usage);
    if (q->format == FORMAT_JSON)
        add_json(q, alloc, &usage);
    else
        add_row(q, alloc, &usage);
    if (!usage.known)
        explain_unknown(q, alloc);
}

static bool may_use(const struct quota *q, const struct aif_alloc *alloc)
{
    char **member = alloc->members;

    if (!aif_live_has_account(q->live, alloc->account))
        return false;
    while (member && *member && strcmp(*member, q->user))
        member++;
    return !member || *member;
}

static void show_all(struct quota *q)
{
    for (size_t i = 0; i < aif_alloctable_count(q->snapshot->allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(q->snapshot->allocs, i);

        if (q->user && !may_use(q, alloc))
            continue;
        show(q, alloc);
    }
    if (q->user && !q->shown)
        aif_tool_fail(0, "no allocation lets %s compute here; \"aif quota --all\" shows all", q->user);
}

static void show_named(struct quota *q, const char *name)
{
    const struct aif_alloctable *allocs = q->snapshot->allocs;
    const struct aif_alloc *alloc = aif_alloctable_by_id(allocs, name);

    if (!alloc)
        alloc = aif_alloctable_by_qos(allocs, name);
    if (alloc) {
        show(q, alloc);
        return;
    }
    alloc = aif_alloctable_by_account(allocs, name);
    if (!alloc)
        q->rc = aif_tool_fail(AIF_EXIT_FAILED, "no allocation, QOS or account \"%s\" in allocations.json (" AIF_A_UNKNOWN ")", name);
    for (; alloc; alloc = alloc->next_of_account)
        show(q, alloc);
}

static void run(struct quota *q, int argc, char **argv)
{
    static const char *const titles[] = {"ALLOCATION", "MODE", "UNIT", ">AMOUNT", ">USED", ">RESERVED", ">LEFT",
                                         "END", ">DAYS", "STATE", NULL};

    q->table = aif_table_create(titles);
    q->array = json_object_new_array();
    if (!argc)
        show_all(q);
    for (int i = 0; i < argc; i++)
        show_named(q, argv[i]);
    if (q->format == FORMAT_JSON)
        puts(json_object_to_json_string_ext(q->array, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    else if (q->shown)
        aif_table_print(q->table, q->format == FORMAT_PARSABLE);
    json_object_put(q->array);
    aif_table_destroy(q->table);
}

/* Whose allocations to show when none are named: NULL for root, who is nobody's member. */
static char *caller(void)
{
    struct passwd *entry = getuid() ? getpwuid(getuid()) : NULL;

    return entry ? aif_tool_strdup(entry->pw_name) : NULL;
}

static int load_and_run(struct aif_cmd_context *ctx, struct quota *q, bool all, int argc, char **argv)
{
    char *user = all || argc ? NULL : caller();
    int rc = aif_tool_snapshot(ctx);

    if (rc == AIF_EXIT_OK)
        rc = aif_slurm_init();
    if (rc == AIF_EXIT_OK)
        rc = aif_live_load(user, &q->live);
    if (rc == AIF_EXIT_OK) {
        q->snapshot = ctx->snapshot;
        q->user = user;
        run(q, argc, argv);
        rc = q->rc;
    }
    aif_live_free(q->live);
    free(user);
    return rc;
}

int aif_cmd_quota(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"all", no_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},
        {"json", no_argument, NULL, 'j'},
        {"parsable", no_argument, NULL, 'P'},
        {0},
    };
    struct quota q = {.now = time(NULL)};
    bool all = false;
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "ahjP", longs, help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        if (opt == 'a')
            all = true;
        else
            q.format = opt == 'j' ? FORMAT_JSON : FORMAT_PARSABLE;
    }
    return load_and_run(ctx, &q, all, argc - optind, argv + optind);
}
