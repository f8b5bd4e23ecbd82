/* aif_report.c - "aif report": how far usage has been reported, which rows could not be, whether all places agree, and what rules that only advise would do */
#include "config.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "ledger_archive.h"
#include "ledger_tool.h"
#include "plot.h"
#include "policysinks.h"
#include "reportstate.h"
#include "report_tool.h"
#include "table.h"
#include "timetext.h"

static const char help[] =
    "Usage: aif report status|quarantine [--json | --parsable] [--ledger FILE]\n"
    "       aif report reconcile [--month MONTH] [--allocation ID] [--resend] [--json | --parsable]\n"
    "                            [--ledger FILE]\n"
    "       aif report resend SINK [--ledger FILE]\n"
    "       aif report advise [--from DATE] [--to DATE] [--json | --parsable] [--ledger FILE]\n"
    "       aif report plot [--islands | --allocation ID] [--output FILE] [--ledger FILE]\n"
    "How far aif-reportd is, whether all places agree, and what would be refused.\n"
    "\n"
    "  status         each sink of policy.json: when it had everything last, how many rows it\n"
    "                 does not have yet, why it failed\n"
    "  quarantine     the rows that could not be recorded, or that a sink cannot take, and why\n"
    "  reconcile      what slurmdbd, slurmctld's counters and every sink have, against the ledger,\n"
    "                 for each allocation: the differences, and what they are made of\n"
    "  resend SINK    let the next round send everything to the sink once more, for a service\n"
    "                 that has lost data; nothing counts twice. Only while aif-reportd is stopped\n"
    "  advise         what the rules that only advise (\"enforce\" of policy.json) would have refused,\n"
    "                 held or given less time, by rule, mode and account: how often, the GPU-hours\n"
    "                 asked, and the last one's message; jobs that were refused anyway do not count\n"
    "  plot           draw what each allocation used by day against an even pace, with gnuplot\n"
    "\n"
    "  --month MONTH  like 2026-11 (UTC); default: this and the previous one\n"
    "  --allocation ID\n"
    "                 this one only\n"
    "  --resend       then, as resend does, for every sink that differs\n"
    "  --from DATE    only what was decided on or after DATE (2026-11-02, or RFC 3339); default: a week\n"
    "                 before the end\n"
    "  --to DATE      only what was decided before DATE; default: now\n"
    "  --islands      draw the GPUs of each island instead: used, free in fragments, free, out of service\n"
    "  --output FILE  the picture: PNG if the name ends in .png, else SVG; default: SVG to stdout\n"
    "  --json         for programs\n"
    "  --parsable     columns separated by '|', for scripts\n"
    "  --ledger FILE  default: the ledger that policy.json names\n"
    "\n"
    "Exit status: 0 fine; 1 a sink failed last, rows are in quarantine, places differ, or the ledger\n"
    "cannot be read; 2 wrong command line; 3 slurmdbd cannot be read.\n";

struct report {
    const char *ledger_path;
    bool json;
    bool parsable;
    bool bad; /* something is not as it should be */
    struct aif_ledger *ledger;
    struct aif_table *table;
    json_object *list;
};

/* ---- cells ---- */

static char *time_text(int64_t t)
{
    time_t when = (time_t)t;
    char text[32];
    struct tm tm;

    if (!t || !gmtime_r(&when, &tm))
        return NULL;
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    return aif_tool_strdup(text);
}

static void put_text(json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

static void put_time(json_object *object, const char *key, int64_t t)
{
    char *text = time_text(t);

    put_text(object, key, text);
    free(text);
}

static void put_number(json_object *object, const char *key, uint64_t value)
{
    json_object_object_add(object, key, json_object_new_int64((int64_t)value));
}

/* ---- status ---- */

static void add_sink(struct report *report, const struct aif_sink_conf *conf, const struct aif_sinkstate *state,
                     uint64_t backlog)
{
    if (report->json) {
        json_object *object = json_object_new_object();

        put_text(object, "sink", conf->name);
        put_text(object, "type", aif_sink_type_name(conf->type));
        put_time(object, "success", state->success);
        put_number(object, "backlog", backlog);
        put_number(object, "cursor", state->cursor);
        put_time(object, "failure", state->failure);
        put_text(object, "reason", state->why[0] ? state->why : NULL);
        json_object_array_add(report->list, object);
        return;
    }
    aif_table_add(report->table, aif_tool_strdup(conf->name));
    aif_table_add(report->table, aif_tool_strdup(aif_sink_type_name(conf->type)));
    aif_table_add(report->table, time_text(state->success));
    aif_table_add(report->table, aif_tool_format("%llu", (unsigned long long)backlog));
    aif_table_add(report->table, time_text(state->failure));
    aif_table_add(report->table, state->why[0] ? aif_tool_strdup(state->why) : NULL);
}

/* What is older than the policy wants kept here: an archive is made by hand, while aif-reportd is stopped. */
static int tell_old(const struct report *report, const struct aif_report_conf *conf, struct aif_error *err)
{
    struct aif_ledger_prefix prefix;
    const int64_t before = aif_record_month_start((int64_t)time(NULL), -(int)conf->retain_months);

    if (!conf->retain_months)
        return 0;
    if (aif_ledger_prefix(report->ledger, before, &prefix, err) < 0)
        return -1;
    if (prefix.last >= prefix.first)
        fprintf(stderr, "aif: %llu events of the ledger are older than %u months; \"aif ledger archive\" moves them to a file\n",
                (unsigned long long)(prefix.last - prefix.first + 1), conf->retain_months);
    return 0;
}

static int status(struct report *report, const struct aif_report_conf *conf, struct aif_error *err)
{
    struct aif_sinkstate state;
    uint64_t backlog, last;

    for (size_t i = 0; i < conf->sink_count; i++) {
        if (aif_reportstate_sink_get(report->ledger, conf->sinks[i].name, &state, err) < 0 ||
            aif_reportstate_backlog(report->ledger, state.cursor, &backlog, &last, err) < 0)
            return -1;
        report->bad |= state.why[0] != '\0';
        add_sink(report, &conf->sinks[i], &state, backlog);
    }
    return tell_old(report, conf, err);
}

/* ---- quarantine ---- */

static int add_bad(const struct aif_badrow *row, void *data, struct aif_error *err)
{
    struct report *report = data;

    (void)err;
    report->bad = true;
    if (report->json) {
        json_object *object = json_object_new_object();

        put_text(object, "where", row->cluster);
        put_number(object, "job", row->job_id);
        put_number(object, "row", row->db_index);
        put_time(object, "since", row->since);
        put_text(object, "reason", row->reason);
        json_object_array_add(report->list, object);
        return 0;
    }
    aif_table_add(report->table, aif_tool_strdup(row->cluster));
    aif_table_add(report->table, aif_tool_format("%u", row->job_id));
    aif_table_add(report->table, aif_tool_format("%llu", (unsigned long long)row->db_index));
    aif_table_add(report->table, time_text(row->since));
    aif_table_add(report->table, aif_tool_strdup(row->reason));
    return 0;
}

/* ---- resend ---- */

static bool has_sink(const struct aif_report_conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->sink_count; i++)
        if (!strcmp(conf->sinks[i].name, name))
            return true;
    return false;
}

int aif_report_resend(const char *path, const char *sink)
{
    struct aif_ledger *ledger = NULL;
    struct aif_error err = {0};
    int fd = -1, rc = -1;

    /* A ledger that is not there is not made here. */
    if (aif_ledger_open(path, AIF_LEDGER_READ, &ledger, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    aif_ledger_close(ledger);
    ledger = NULL;
    if (aif_ledger_lock(path, &fd, &err) == 0 && aif_ledger_open(path, AIF_LEDGER_WRITE, &ledger, &err) == 0)
        rc = aif_reportstate_resend(ledger, sink, &err) < 0 ? -1 : aif_ledger_tell_archived(ledger, 0, &err);
    aif_ledger_close(ledger);
    if (fd >= 0)
        close(fd);
    return rc < 0 ? aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text) : AIF_EXIT_OK;
}

static int resend(const struct aif_report_conf *conf, const char *path, const char *name)
{
    if (!has_sink(conf, name))
        return aif_tool_fail(AIF_EXIT_FAILED, "no such sink: %s; \"aif report status\" lists them", name);
    return aif_report_resend(path, name);
}

/* ---- the command ---- */

static void print(const struct report *report)
{
    if (report->json)
        puts(json_object_to_json_string_ext(report->list, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    else
        aif_table_print(report->table, report->parsable);
}

static int show(struct report *report, const struct aif_report_conf *conf, bool want_status)
{
    static const char *const status_titles[] = {"SINK", "TYPE", "SUCCESS", ">BACKLOG", "FAILURE", "REASON", NULL};
    static const char *const bad_titles[] = {"WHERE", ">JOB", ">ROW", "SINCE", "REASON", NULL};
    struct aif_error err = {0};
    int rc;

    if (aif_ledger_open(report->ledger_path, AIF_LEDGER_READ, &report->ledger, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    report->table = aif_table_create(want_status ? status_titles : bad_titles);
    report->list = json_object_new_array();
    rc = want_status ? status(report, conf, &err)
                     : aif_reportstate_each_bad(report->ledger, add_bad, report, &err);
    if (rc == 0)
        print(report);
    aif_table_destroy(report->table);
    json_object_put(report->list);
    aif_ledger_close(report->ledger);
    if (rc < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    return report->bad ? AIF_EXIT_FAILED : AIF_EXIT_OK;
}

/* Which of them; NULL: the arguments do not fit. */
static const char *command_of(int argc, char **argv)
{
    static const char *const commands[] = {"status", "quarantine", "reconcile", "resend", "plot", "advise"};

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (optind < argc && !strcmp(argv[optind], commands[i]))
            return argc - optind == (i == 3 ? 2 : 1) ? commands[i] : NULL;
    return NULL;
}

static int run(struct aif_cmd_context *ctx, const struct aif_report_wish *wish, const char *command, const char *name)
{
    const struct aif_report_conf *conf = &ctx->snapshot->policy->report;
    struct report report = {.ledger_path = wish->ledger, .json = wish->json, .parsable = wish->parsable};

    if (!strcmp(command, "reconcile"))
        return aif_report_reconcile(ctx, wish);
    if (!strcmp(command, "advise"))
        return aif_report_advise(wish);
    if (!strcmp(command, "plot"))
        return wish->islands ? aif_plot_islands(ctx, wish->output)
                             : aif_plot_consumption(ctx, wish->ledger, wish->allocation, wish->output);
    if (!strcmp(command, "resend"))
        return resend(conf, wish->ledger, name);
    return show(&report, conf, !strcmp(command, "status"));
}

static int set_date(const char *option, const char *value, bool *ret_given, int64_t *ret_time)
{
    time_t when;

    if (aif_timetext_date(value, AIF_DAY_START, &when) < 0)
        return aif_tool_fail(-1, "--%s %s: must be a date like 2026-11-02 or 2026-11-02T12:00:00Z", option, value);
    *ret_given = true;
    *ret_time = (int64_t)when;
    return 0;
}

/* 0, or -1 after one line. */
static int set_option(struct aif_report_wish *wish, int opt, const char *value)
{
    if (opt == 'f')
        return set_date("from", value, &wish->has_from, &wish->from);
    if (opt == 't')
        return set_date("to", value, &wish->has_to, &wish->to);
    if (opt == 'l')
        wish->ledger = value;
    else if (opt == 'm')
        wish->month = value;
    else if (opt == 'a')
        wish->allocation = value;
    else if (opt == 'o')
        wish->output = value;
    wish->islands |= opt == 'i';
    wish->json |= opt == 'j';
    wish->parsable |= opt == 'p';
    wish->resend |= opt == 'r';
    return 0;
}

/* Options belong to commands. */
static int check_options(const struct aif_report_wish *wish, const char *command)
{
    const bool reconcile = !strcmp(command, "reconcile"), plot = !strcmp(command, "plot");

    if ((wish->month || wish->resend) && !reconcile)
        return aif_tool_fail(AIF_EXIT_USAGE, "--month and --resend are for \"aif report reconcile\"");
    if (wish->allocation && !reconcile && !plot)
        return aif_tool_fail(AIF_EXIT_USAGE, "--allocation is for \"aif report reconcile\" and \"aif report plot\"");
    if ((wish->has_from || wish->has_to) && strcmp(command, "advise"))
        return aif_tool_fail(AIF_EXIT_USAGE, "--from and --to are for \"aif report advise\"");
    if ((wish->islands || wish->output) && !plot)
        return aif_tool_fail(AIF_EXIT_USAGE, "--islands and --output are for \"aif report plot\"");
    if (plot && (wish->json || wish->parsable || (wish->islands && wish->allocation)))
        return aif_tool_fail(AIF_EXIT_USAGE, "plot takes either --islands or --allocation, and neither --json nor --parsable");
    return AIF_EXIT_OK;
}

int aif_cmd_report(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'},
        {"parsable", no_argument, NULL, 'p'},
        {"ledger", required_argument, NULL, 'l'},
        {"month", required_argument, NULL, 'm'},
        {"allocation", required_argument, NULL, 'a'},
        {"resend", no_argument, NULL, 'r'},
        {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 't'},
        {"islands", no_argument, NULL, 'i'},
        {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct aif_report_wish wish = {0};
    const char *command;
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "h", longs, help, &rc)) >= 0)
        if (set_option(&wish, opt, optarg) < 0)
            return AIF_EXIT_USAGE;
    if (opt == AIF_TOOL_OPT_DONE)
        return rc;
    command = command_of(argc, argv);
    if (!command)
        return aif_tool_fail(AIF_EXIT_USAGE, "status, quarantine, reconcile, resend SINK, advise or plot? See \"aif report --help\"");
    rc = check_options(&wish, command);
    if (rc != AIF_EXIT_OK)
        return rc;
    rc = aif_tool_snapshot(ctx);
    if (rc != AIF_EXIT_OK)
        return rc;
    if (!wish.ledger)
        wish.ledger = ctx->snapshot->policy->report.ledger;
    return run(ctx, &wish, command, argv[argc - 1]);
}
