/* aif_modes.c - "aif modes": which access modes the site has, what each allows, and whether it is
 * open */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "message.h"
#include "modes_json.h"
#include "modetext.h"
#include "rules.h"
#include "table.h"

static const char help[] =
    "Usage: aif modes [--json|--parsable] [MODE]...\n"
    "The access modes of this site: open or closed (where, until when, why), limits of a job, who "
    "may\n"
    "hold an allocation, pacing, and the published award. Reads policy.json only; asks no daemon.\n"
    "  -j, --json      as JSON, times in seconds since 1970, time limits in minutes\n"
    "  -P, --parsable  columns separated by '|', one mode a line\n"
    "Exit status: 0 ok, 1 no such mode or no valid policy.json, 2 wrong command line.\n";

enum format { FORMAT_TEXT, FORMAT_PARSABLE, FORMAT_JSON };

struct modes {
    const struct aif_policy *policy;
    const struct aif_mode **shown;
    size_t count;
    enum format format;
    time_t now;
};

/* ---- one line a mode ---- */

static char *limit_text(const struct aif_mode *mode)
{
    char text[AIF_MINUTES_TEXT];

    if (!mode->wall_max_minutes)
        return NULL;
    aif_message_minutes(mode->wall_max_minutes, text);
    return aif_tool_strdup(text);
}

static void add_row(struct aif_table *table, const struct aif_mode *mode, time_t now)
{
    aif_table_add(table, aif_tool_strdup(mode->name));
    aif_table_add(table, aif_tool_strdup(mode->code));
    aif_table_add(table, aif_tool_strdup(aif_modetext_state(mode, now)));
    aif_table_add(table, aif_modetext_range(&mode->gpus_per_job));
    aif_table_add(table, aif_modetext_range(&mode->nodes_per_job));
    aif_table_add(table, limit_text(mode));
    aif_table_add(table, aif_modetext_categories(mode->categories));
    aif_table_add(table, aif_modetext_award(&mode->award));
    aif_table_add(table, aif_tool_strdup(mode->title));
}

static void print_table(const struct modes *m)
{
    static const char *const titles[] = {"MODE",   "?CODE", "STATE",  "?GPUS/JOB", "?NODES/JOB",
                                         "?>TIME", "?FOR",  "?AWARD", "?TITLE",    NULL};
    struct aif_table *table = aif_table_create(titles);

    for (size_t i = 0; i < m->count; i++)
        add_row(table, m->shown[i], m->now);
    aif_table_print(table, m->format == FORMAT_PARSABLE);
    aif_table_destroy(table);
}

/* ---- one mode in full ---- */

static void say(const char *label, char *text)
{
    if (text)
        printf("%-11s  %s\n", label, text);
    free(text);
}

static void say_closures(const struct aif_mode *mode, time_t now)
{
    for (size_t i = 0; i < mode->closure_count; i++) {
        if (aif_modetext_closed_now(&mode->closures[i], now))
            say("closed", aif_modetext_closure(&mode->closures[i]));
        else if (aif_modetext_closes_later(&mode->closures[i], now))
            say("closes", aif_modetext_closure(&mode->closures[i]));
    }
}

static void say_shares(const struct aif_policy *policy, const struct aif_mode *mode)
{
    for (size_t i = 0; i < policy->share_count; i++)
        if (aif_modetext_in_share(&policy->shares[i], mode))
            say("share", aif_modetext_share(&policy->shares[i]));
}

static char *title_text(const struct aif_mode *mode)
{
    return aif_tool_format("%s%s%s%s%s%s", mode->name, mode->code ? " (" : "",
                           mode->code ? mode->code : "", mode->code ? ")" : "",
                           mode->title ? ": " : "", mode->title ? mode->title : "");
}

static char *state_line(const struct aif_mode *mode, time_t now)
{
    bool note = !mode->open && mode->closed_note;

    return aif_tool_format("%s%s%s", aif_modetext_state(mode, now), note ? ": " : "",
                           note ? mode->closed_note : "");
}

static void print_full(const struct aif_policy *policy, const struct aif_mode *mode, time_t now)
{
    say("mode", title_text(mode));
    say("state", state_line(mode, now));
    say_closures(mode, now);
    say("for", aif_modetext_categories(mode->categories));
    say("partitions", aif_modetext_partitions(mode));
    say("GPUs", aif_modetext_range(&mode->gpus_per_job));
    say("nodes", aif_modetext_range(&mode->nodes_per_job));
    say("time limit", limit_text(mode));
    say("jobs", aif_modetext_jobs(mode));
    say("interactive", aif_modetext_interactive(mode));
    say("inference", aif_modetext_inference(mode));
    say("pacing", aif_modetext_pacing(&mode->pacing));
    say("residency", aif_modetext_residency(mode));
    say("lane", aif_modetext_lane(&mode->lane));
    say("yields", aif_modetext_yield(policy, mode));
    say("award", aif_modetext_award(&mode->award));
    say_shares(policy, mode);
}

static void print_text(const struct modes *m, bool named)
{
    if (!named) {
        print_table(m);
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        if (i)
            putchar('\n');
        print_full(m->policy, m->shown[i], m->now);
    }
}

/* ---- which modes ---- */

static int unknown_mode(const struct aif_policy *policy, const char *name)
{
    const char *near = aif_policy_mode_suggest(policy, name);

    return aif_tool_fail(AIF_EXIT_FAILED,
                         "no mode \"%.64s\" in policy.json (" AIF_M_UNKNOWN "); %s%s", name,
                         near ? "did you mean " : "\"aif modes\" lists them", near ? near : "");
}

static int pick(struct modes *m, int argc, char **argv)
{
    m->shown =
        aif_tool_alloc(argc ? (size_t)argc : m->policy->mode_count, sizeof(struct aif_mode *));
    for (int i = 0; i < argc; i++) {
        const struct aif_mode *mode = aif_policy_mode(m->policy, argv[i]);

        if (!mode)
            mode = aif_policy_mode_by_code(m->policy, argv[i]);
        if (!mode)
            return unknown_mode(m->policy, argv[i]);
        m->shown[m->count++] = mode;
    }
    for (size_t i = 0; !argc && i < m->policy->mode_count; i++)
        m->shown[m->count++] = &m->policy->modes[i];
    return AIF_EXIT_OK;
}

static int show(struct modes *m, int argc, char **argv)
{
    int rc = pick(m, argc, argv);

    if (rc == AIF_EXIT_OK && m->format == FORMAT_JSON)
        aif_modes_json_print(m->policy, m->shown, m->count, m->now);
    else if (rc == AIF_EXIT_OK && m->format == FORMAT_PARSABLE)
        print_table(m);
    else if (rc == AIF_EXIT_OK)
        print_text(m, argc > 0);
    free(m->shown);
    return rc;
}

/* allocations.json is nobody's business here, and need not be readable. */
static int load_and_show(const char *conf_dir, struct modes *m, int argc, char **argv)
{
    char *path = aif_tool_format("%s/policy.json", conf_dir);
    struct aif_policy *policy = NULL;
    struct aif_error err = {0};
    int rc = aif_policy_load(path, &policy, &err);

    free(path);
    if (rc < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    m->policy = policy;
    rc = show(m, argc, argv);
    aif_policy_destroy(policy);
    return rc;
}

int aif_cmd_modes(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"help", no_argument, NULL, 'h'},
        {"json", no_argument, NULL, 'j'},
        {"parsable", no_argument, NULL, 'P'},
        {0},
    };
    struct modes m = {.now = time(NULL)};
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "hjP", longs, help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        m.format = opt == 'j' ? FORMAT_JSON : FORMAT_PARSABLE;
    }
    return load_and_show(ctx->conf_dir, &m, argc - optind, argv + optind);
}
