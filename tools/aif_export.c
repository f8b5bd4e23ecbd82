/* aif_export.c - "aif export": what auditors read */
#include "config.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "ledger.h"
#include "timetext.h"

static const char help[] =
    "Usage: aif export [--format=jsonl|csv] [--ledger FILE] [--since DATE] [--allocation ID]\n"
    "Print the usage ledger.\n"
    "\n"
    "  --format=jsonl   every event with its hashes, one JSON object a line (the default);\n"
    "                   \"aif export | aif verify\" checks the chain of a complete export\n"
    "  --format=csv     every job row once, as it stands now; times are UTC\n"
    "  --ledger FILE    default: the ledger that policy.json names\n"
    "  --since DATE     only jobs that ended, and other events that were written, on or after\n"
    "                   DATE (2026-11-02, or RFC 3339)\n"
    "  --allocation ID  only this allocation\n"
    "\n"
    "A filtered jsonl export says so in its first line; its chain cannot be verified.\n"
    "Exit status: 0 ok, 1 the ledger cannot be read, 2 wrong command line.\n";

struct export {
    const char *ledger;
    bool csv;
    const char *since_text;
    int64_t since;
    const char *allocation;
    struct aif_text text;
    struct aif_chain chain; /* of what was printed */
};

static bool filtered(const struct export *export)
{
    return export->since_text || export->allocation;
}

static bool allocation_fits(const struct export *export, const char *body)
{
    json_object *object, *value;
    bool fits;

    if (!export->allocation)
        return true;
    object = json_tokener_parse(body);
    fits = json_object_object_get_ex(object, "allocation", &value) &&
           !strcasecmp(json_object_get_string(value), export->allocation);
    json_object_put(object);
    return fits;
}

static bool wanted(const struct export *export, const struct aif_event *event)
{
    struct aif_record record;
    int64_t at = event->at;

    if (!filtered(export))
        return true;
    if (aif_record_parse(event->body, &record, NULL) == 0)
        at = record.end;
    return at >= export->since && allocation_fits(export, event->body);
}

/* Hand what was built to stdio; a failing write is noticed by aif_tool_finish(). */
static void flush_text(struct export *export)
{
    fwrite(export->text.data, 1, export->text.length, stdout);
    export->text.length = 0;
}

static int print_line(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct export *export = data;

    export->chain.count = event->seq;
    memcpy(export->chain.head, event->hash, sizeof(event->hash));
    if (!wanted(export, event))
        return 0;
    if (aif_chain_format(event, &export->text) < 0)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    flush_text(export);
    return 0;
}

static int append_filter(struct aif_text *text, const char *key, const char *value)
{
    if (!value)
        return 0;
    if (aif_text_printf(text, ",\"%s\":", key) < 0)
        return -1;
    return aif_text_json(text, value);
}

static int print_filter_header(struct export *export)
{
    int rc = aif_text_printf(&export->text, AIF_CHAIN_HEADER_PART);

    if (rc == 0)
        rc = append_filter(&export->text, "since", export->since_text);
    if (rc == 0)
        rc = append_filter(&export->text, "allocation", export->allocation);
    if (rc == 0)
        rc = aif_text_printf(&export->text, "}\n");
    if (rc < 0)
        return aif_tool_fail(AIF_EXIT_USAGE, "allocation \"%s\" is not text", export->allocation);
    flush_text(export);
    return AIF_EXIT_OK;
}

static int export_jsonl(struct aif_ledger *ledger, struct export *export)
{
    struct aif_error err = {0};

    aif_chain_start(&export->chain);
    if (filtered(export) && print_filter_header(export) != AIF_EXIT_OK)
        return AIF_EXIT_USAGE;
    if (!filtered(export))
        puts(AIF_CHAIN_HEADER);
    if (aif_ledger_iterate(ledger, print_line, export, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    if (!filtered(export) && aif_chain_trailer(&export->chain, &export->text) == 0)
        flush_text(export);
    return AIF_EXIT_OK;
}

/* RFC 4180: quote what needs it, double the quotes inside. */
static void csv_text(const char *value, char end)
{
    bool quote = strpbrk(value, "\",\r\n") != NULL;

    if (quote)
        putchar('"');
    for (; *value; value++) {
        if (*value == '"')
            putchar('"');
        putchar(*value);
    }
    if (quote)
        putchar('"');
    putchar(end);
}

static void csv_time(int64_t t)
{
    time_t when = (time_t)t;
    char text[32] = "";
    struct tm tm;

    if (t && gmtime_r(&when, &tm))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    printf("%s,", text);
}

static void csv_record(const struct aif_record *record, const struct aif_event *event)
{
    const char *const texts[] = {record->allocation, record->account, record->user,      record->qos,
                                 record->mode,       record->residency, record->partition, record->state};

    csv_text(record->cluster, ',');
    printf("%llu,%u,", (unsigned long long)record->db_index, record->job_id);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        csv_text(texts[i], ',');
    csv_time(record->submit);
    csv_time(record->start);
    csv_time(record->end);
    printf("%llu,%llu,%llu,%llu,%llu,", (unsigned long long)record->elapsed,
           (unsigned long long)record->gpus, (unsigned long long)record->nodes,
           (unsigned long long)aif_record_gpu_secs(record),
           (unsigned long long)(record->start ? record->nodes * record->elapsed : 0));
    printf("%llu,%s,%s\n", (unsigned long long)event->seq, event->kind, event->hash);
}

static int print_record(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct aif_record record;

    if (!wanted(data, event))
        return 0;
    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    csv_record(&record, event);
    return 0;
}

static int export_csv(struct aif_ledger *ledger, struct export *export)
{
    struct aif_error err = {0};

    puts("cluster,db_index,job_id,allocation,account,user,qos,mode,residency,partition,state,submit,start,end,"
         "elapsed,gpus,nodes,gpu_seconds,node_seconds,seq,kind,hash");
    if (aif_ledger_iterate_latest(ledger, print_record, export, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    return AIF_EXIT_OK;
}

static int export_ledger(struct export *export)
{
    struct aif_ledger *ledger;
    struct aif_error err = {0};
    int rc;

    if (aif_ledger_open(export->ledger, AIF_LEDGER_READ, &ledger, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    rc = export->csv ? export_csv(ledger, export) : export_jsonl(ledger, export);
    aif_ledger_close(ledger);
    aif_text_free(&export->text);
    return rc;
}

/* 0, or -1 after one line. */
static int set_option(struct export *export, int opt, const char *value)
{
    time_t since;

    if (opt == 'l')
        export->ledger = value;
    else if (opt == 'a')
        export->allocation = value;
    else if (opt == 'f' && (!strcmp(value, "csv") || !strcmp(value, "jsonl")))
        export->csv = !strcmp(value, "csv");
    else if (opt == 'f')
        return aif_tool_fail(-1, "--format=%s: must be jsonl or csv", value);
    else if (aif_timetext_date(value, AIF_DAY_START, &since) < 0)
        return aif_tool_fail(-1, "--since %s: must be a date like 2026-11-02 or 2026-11-02T12:00:00Z", value);
    else {
        export->since = (int64_t)since;
        export->since_text = value;
    }
    return 0;
}

int aif_cmd_export(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"format", required_argument, NULL, 'f'},     {"ledger", required_argument, NULL, 'l'},
        {"since", required_argument, NULL, 's'},      {"allocation", required_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},             {0},
    };
    struct export export = {0};
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "h", longs, help, &rc)) >= 0)
        if (set_option(&export, opt, optarg) < 0)
            return AIF_EXIT_USAGE;
    if (opt == AIF_TOOL_OPT_DONE)
        return rc;
    if (optind < argc)
        return aif_tool_fail(AIF_EXIT_USAGE, "export takes no argument %s; see \"aif export --help\"", argv[optind]);
    if (!export.ledger) {
        rc = aif_tool_snapshot(ctx);
        if (rc != AIF_EXIT_OK)
            return rc;
        export.ledger = ctx->snapshot->policy->report.ledger;
    }
    return export_ledger(&export);
}
