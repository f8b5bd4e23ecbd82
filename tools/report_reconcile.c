/* report_reconcile.c - "aif report reconcile": where usage is told differently, and why; see report_tool.h */
#include "config.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aif-reportd-reconcile.h"
#include "common.h"
#include "message.h"
#include "report_tool.h"
#include "slurmconn.h"
#include "table.h"

/* ---- the lines of the reporter's parts, as lines of aif ---- */

const char aif_reportd_log_retry[] = "try again when \"sacctmgr show cluster\" answers";

__attribute__((format(printf, 1, 0))) static void put_line(const char *fmt, va_list args)
{
    fputs("aif: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
}

void aif_reportd_log(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    put_line(fmt, args);
    va_end(args);
}

void aif_reportd_log_change(enum aif_reportd_topic topic, const char *fmt, ...)
{
    va_list args;

    (void)topic;
    va_start(args, fmt);
    put_line(fmt, args);
    va_end(args);
}

/* What works is not worth a line here. */
void aif_reportd_log_fine(enum aif_reportd_topic topic)
{
    (void)topic;
}

/* ---- what is shown ---- */

static char *hours(uint64_t secs)
{
    char text[AIF_AMOUNT_TEXT];

    aif_message_hours(secs, text);
    return aif_tool_strdup(text);
}

static char *difference(const struct aif_place_finding *finding)
{
    char text[AIF_AMOUNT_TEXT];
    uint64_t secs = aif_place_difference(finding);

    if (!secs)
        return aif_tool_strdup("0");
    aif_message_hours(secs, text);
    return aif_tool_format("%c%s", finding->there_secs > finding->ledger_secs ? '+' : '-',
                           strcmp(text, "0") ? text : "<0.01");
}

static void print_table(const struct aif_findings *findings, bool parsable)
{
    static const char *const titles[] = {"ALLOCATION", "MONTH", "PLACE", ">THERE", ">LEDGER", ">DIFFERENCE", "STATE", "WHY", NULL};
    struct aif_table *table = aif_table_create(titles);

    for (size_t i = 0; i < findings->count; i++) {
        const struct aif_place_finding *finding = &findings->items[i];

        aif_table_add(table, aif_tool_strdup(finding->alloc->id));
        aif_table_add(table, aif_tool_strdup(finding->month[0] ? finding->month : "all"));
        aif_table_add(table, aif_tool_strdup(aif_place_name(finding)));
        aif_table_add(table, hours(finding->there_secs));
        aif_table_add(table, hours(finding->ledger_secs));
        aif_table_add(table, difference(finding));
        aif_table_add(table, aif_tool_strdup(finding->bad ? "differs" : "ok"));
        aif_table_add(table, finding->why[0] ? aif_tool_strdup(finding->why) : NULL);
    }
    aif_table_print(table, parsable);
    aif_table_destroy(table);
}

static json_object *number(uint64_t value)
{
    return json_object_new_int64(value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static void print_json(const struct aif_findings *findings)
{
    json_object *list = json_object_new_array();

    for (size_t i = 0; i < findings->count; i++) {
        const struct aif_place_finding *finding = &findings->items[i];
        json_object *object = json_object_new_object();

        json_object_object_add(object, "allocation", json_object_new_string(finding->alloc->id));
        json_object_object_add(object, "month", finding->month[0] ? json_object_new_string(finding->month) : NULL);
        json_object_object_add(object, "place", json_object_new_string(aif_place_name(finding)));
        json_object_object_add(object, "there_seconds", number(finding->there_secs));
        json_object_object_add(object, "ledger_seconds", number(finding->ledger_secs));
        json_object_object_add(object, "differs", json_object_new_boolean(finding->bad));
        json_object_object_add(object, "why", finding->why[0] ? json_object_new_string(finding->why) : NULL);
        json_object_array_add(list, object);
    }
    puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(list);
}

/* ---- sending again ---- */

static bool differs(const struct aif_findings *findings, const struct aif_sink_conf *sink)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].bad && findings->items[i].kind == AIF_PLACE_SINK && findings->items[i].sink == sink)
            return true;
    return false;
}

static int resend(const struct aif_report_conf *conf, const char *path, const struct aif_findings *findings)
{
    int rc = AIF_EXIT_OK;

    for (size_t i = 0; rc == AIF_EXIT_OK && i < conf->sink_count; i++)
        if (differs(findings, &conf->sinks[i])) {
            rc = aif_report_resend(path, conf->sinks[i].name);
            if (rc == AIF_EXIT_OK)
                fprintf(stderr, "aif: the next round sends everything to %s once more\n", conf->sinks[i].name);
        }
    return rc;
}

/* ---- the command ---- */

/* The months to look at, by the first second of each; -1 after one line. */
static int months_of(const struct aif_report_wish *wish, int64_t ret_starts[2])
{
    const int64_t now = (int64_t)time(NULL);
    struct tm tm = {0};
    const char *end;

    if (!wish->month) {
        ret_starts[0] = aif_record_month_start(now, -1);
        ret_starts[1] = aif_record_month_start(now, 0);
        return 2;
    }
    end = strptime(wish->month, "%Y-%m", &tm);
    tm.tm_mday = 1;
    if (!end || *end || strlen(wish->month) != AIF_MONTH_SIZE - 1) {
        aif_tool_fail(AIF_EXIT_USAGE, "--month %s: must be a month like 2026-11", wish->month);
        return -1;
    }
    ret_starts[0] = (int64_t)timegm(&tm);
    return 1;
}

static int compare(struct aif_reportd *reportd, const struct aif_alloc *only, const int64_t *starts, int count,
                   struct aif_findings *findings)
{
    struct aif_live *live = NULL;
    struct aif_error err = {0};
    int rc = 0;

    if (aif_live_try("", &live)) {
        live = NULL;
        aif_tool_fail(0, "slurmctld does not answer: its counters are left out");
    }
    /* Its counters know no months, so once is enough. */
    for (int i = 0; rc == 0 && i < count; i++)
        rc = aif_reconcile_month(reportd, i + 1 < count ? NULL : live, only, starts[i], findings, &err);
    aif_live_free(live);
    if (rc == 0)
        return AIF_EXIT_OK;
    return err.code == AIF_ENOENT ? AIF_EXIT_SLURM : aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
}

static int run(struct aif_reportd *reportd, const struct aif_report_wish *wish, const struct aif_alloc *only,
               struct aif_findings *findings)
{
    struct aif_error err = {0};
    int64_t starts[2];
    int count = months_of(wish, starts);
    int rc;

    if (count < 0)
        return AIF_EXIT_USAGE;
    if (aif_ledger_open(wish->ledger, AIF_LEDGER_READ, &reportd->ledger, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    rc = aif_slurm_init();
    if (rc == AIF_EXIT_OK)
        rc = compare(reportd, only, starts, count, findings);
    aif_ledger_close(reportd->ledger);
    return rc;
}

static int result(const struct aif_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].bad)
            return AIF_EXIT_FAILED;
    return AIF_EXIT_OK;
}

int aif_report_reconcile(struct aif_cmd_context *ctx, const struct aif_report_wish *wish)
{
    struct aif_reportd reportd = {.snapshot = ctx->snapshot};
    struct aif_findings findings = {0};
    const struct aif_alloc *only = NULL;
    int rc;

    if (wish->allocation && !(only = aif_alloctable_by_id(ctx->snapshot->allocs, wish->allocation)))
        return aif_tool_fail(AIF_EXIT_FAILED, "no such allocation: %s; \"aif quota --all\" lists them", wish->allocation);
    rc = run(&reportd, wish, only, &findings);
    if (rc == AIF_EXIT_OK) {
        if (wish->json)
            print_json(&findings);
        else
            print_table(&findings, wish->parsable);
        rc = result(&findings);
        if (rc != AIF_EXIT_OK && wish->resend &&
            resend(&ctx->snapshot->policy->report, wish->ledger, &findings) != AIF_EXIT_OK)
            rc = AIF_EXIT_FAILED;
    }
    aif_findings_free(&findings);
    return rc;
}
