/* aif_export.c - "aif export": what auditors read */
#include "config.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "exporting.h"
#include "ledger_tool.h"
#include "timetext.h"

static const char help[] =
    "Usage: aif export [--format=jsonl|csv] [--output FILE [--sign]] [--totals] [--ledger FILE]\n"
    "                  [--since DATE] [--until DATE] [--allocation ID] [--user NAME] [--mode NAME]\n"
    "Print the usage ledger.\n"
    "\n"
    "  --format=jsonl   every event with its hashes, one JSON object a line (the default);\n"
    "                   \"aif export | aif verify\" checks the chain of a complete export\n"
    "  --format=csv     every job row once, as it stands now; times are UTC\n"
    "  --totals         end a csv with one line, \"# total ...\", of sums and the chain's head\n"
    "  --output FILE    write to FILE, which is there when it is complete; with a progress bar on\n"
    "                   a terminal\n"
    "  --sign           first sign the ledger with its key, then write FILE.sig; with --totals\n"
    "  --ledger FILE    default: the ledger that policy.json names\n"
    "  --key FILE       with --sign; default: the key that policy.json names\n"
    "  --since DATE     only jobs that ended, and other events that were written, on or after\n"
    "                   DATE (2026-11-02, or RFC 3339)\n"
    "  --until DATE     only those before DATE\n"
    "  --allocation ID, --user NAME, --mode NAME\n"
    "                   only rows of these\n"
    "\n"
    "A filtered jsonl export says so in its first line; its chain cannot be verified.\n"
    "Exit status: 0 ok, 1 the ledger cannot be read, 2 wrong command line.\n";

struct export {
    const char *ledger;
    const char *output;
    const char *key;
    bool csv;
    bool sign;
    bool totals;
    const char *since_text, *until_text;
    int64_t since, until;
    const char *allocation, *user, *mode;
    struct aif_export_out out;
    struct aif_export_csv table;
};

/* ---- filters ---- */

static bool filtered(const struct export *export)
{
    return export->since_text || export->until_text || export->allocation || export->user || export->mode;
}

static bool time_fits(const struct export *export, int64_t at)
{
    return at >= export->since && (!export->until_text || at < export->until);
}

static bool record_fits(const struct export *export, const struct aif_record *record)
{
    return time_fits(export, record->end) &&
           (!export->allocation || !strcasecmp(record->allocation, export->allocation)) &&
           (!export->user || !strcmp(record->user, export->user)) &&
           (!export->mode || !strcasecmp(record->mode, export->mode));
}

/* Of an event that is about no job row. */
static bool other_fits(const struct export *export, const struct aif_event *event)
{
    json_object *object, *value;
    bool fits;

    if (!time_fits(export, event->at) || export->user || export->mode)
        return false;
    if (!export->allocation)
        return true;
    object = json_tokener_parse(event->body);
    fits = json_object_object_get_ex(object, "allocation", &value) &&
           !strcasecmp(json_object_get_string(value), export->allocation);
    json_object_put(object);
    return fits;
}

static bool wanted(const struct export *export, const struct aif_event *event)
{
    struct aif_record record;

    if (!filtered(export))
        return true;
    if (aif_record_parse(event->body, &record, NULL) == 0)
        return record_fits(export, &record);
    return other_fits(export, event);
}

static int append_filter(struct aif_text *text, const char *key, const char *value)
{
    if (!value)
        return 0;
    if (aif_text_printf(text, ",\"%s\":", key) < 0)
        return -1;
    return aif_text_json(text, value);
}

static int filter_header(const struct export *export, struct aif_text *text)
{
    if (aif_text_printf(text, AIF_CHAIN_HEADER_PART) < 0 || append_filter(text, "since", export->since_text) < 0 ||
        append_filter(text, "until", export->until_text) < 0 ||
        append_filter(text, "allocation", export->allocation) < 0 || append_filter(text, "user", export->user) < 0 ||
        append_filter(text, "mode", export->mode) < 0)
        return aif_tool_fail(-1, "a filter is not text");
    return aif_text_printf(text, "}\n");
}

/* ---- rows ---- */

static int print_line(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct export *export = data;

    aif_export_show(&export->out, event->seq);
    if (!wanted(export, event))
        return 0;
    if (aif_chain_format(event, &export->out.text) < 0)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    return aif_export_flow(&export->out, err);
}

static int print_row(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct export *export = data;
    struct aif_record record;

    aif_export_show(&export->out, event->seq);
    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    if (!record_fits(export, &record))
        return 0;
    if (aif_export_csv_row(&export->table, &record, event, &export->out.text) < 0)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    return aif_export_flow(&export->out, err);
}

/* Events that were moved to an archive are not among them: the first line says so, and whoever filters is told. */
static int print_header(struct aif_ledger *ledger, struct export *export)
{
    struct aif_error err = {0};

    if (!filtered(export))
        return aif_export_header(&export->out, ledger, &err) < 0 ? aif_tool_fail(-1, "%s", err.text) : 0;
    if (aif_ledger_tell_archived(ledger, export->since, &err) < 0)
        return aif_tool_fail(-1, "%s", err.text);
    return filter_header(export, &export->out.text);
}

static int print_jsonl(struct aif_ledger *ledger, struct export *export, const struct aif_chain *head)
{
    struct aif_text *text = &export->out.text;
    struct aif_error err = {0};

    if (print_header(ledger, export) < 0)
        return -1;
    if (aif_ledger_iterate(ledger, print_line, export, &err) < 0)
        return aif_tool_fail(-1, "%s", err.text);
    return filtered(export) ? 0 : aif_chain_trailer(head, text);
}

static int print_csv(struct aif_ledger *ledger, struct export *export, const struct aif_chain *head)
{
    struct aif_error err = {0};

    aif_export_csv_head(&export->out.text);
    if (aif_ledger_iterate_latest(ledger, print_row, export, &err) < 0)
        return aif_tool_fail(-1, "%s", err.text);
    return export->totals ? aif_export_csv_totals(&export->table, head, &export->out.text) : 0;
}

/* ---- the whole ---- */

static int print_all(struct export *export, struct aif_chain *ret_head)
{
    struct aif_ledger *ledger;
    struct aif_error err = {0};
    int rc;

    if (aif_ledger_open(export->ledger, AIF_LEDGER_READ, &ledger, &err) < 0)
        return aif_tool_fail(-1, "%s", err.text);
    if (aif_ledger_view(ledger, ret_head, &err) < 0) {
        aif_ledger_close(ledger);
        return aif_tool_fail(-1, "%s", err.text);
    }
    if (isatty(STDERR_FILENO) && (export->output || !isatty(STDOUT_FILENO)))
        export->out.total = ret_head->count;
    rc = export->csv ? print_csv(ledger, export, ret_head) : print_jsonl(ledger, export, ret_head);
    if (rc == 0)
        aif_export_show(&export->out, export->out.total);
    aif_ledger_rollback(ledger);
    aif_ledger_close(ledger);
    return rc < 0 ? -1 : aif_export_finish(&export->out);
}

/* The ledger's last event is then a signature, so that a jsonl export carries it, too. */
static int sign_ledger(const struct export *export, const struct aif_signkey *key)
{
    struct aif_ledger *ledger = NULL;
    struct aif_error err = {0};
    int rc = aif_ledger_open(export->ledger, AIF_LEDGER_WRITE, &ledger, &err);

    if (rc == 0)
        rc = aif_ledger_checkpoint(ledger, key, time(NULL), &err);
    aif_ledger_close(ledger);
    return rc < 0 ? aif_tool_fail(-1, "%s", err.text) : 0;
}

static int export_signed(struct export *export)
{
    struct aif_statement statement = {.at = time(NULL)};
    struct aif_signkey *key;
    struct aif_chain head;
    struct aif_error err = {0};
    int rc;

    if (aif_signkey_load(export->key, &key, &err) < 0)
        return aif_tool_fail(-1, "%s%s", err.text,
                             err.code == AIF_ENOENT ? "; \"aif ledger key --new\" makes one" : "");
    rc = sign_ledger(export, key);
    if (rc == 0)
        rc = print_all(export, &head);
    if (rc == 0) {
        statement.events = head.count;
        memcpy(statement.head, head.head, sizeof(head.head));
        rc = aif_export_sign(&export->out, key, &statement);
    }
    aif_signkey_destroy(key);
    return rc;
}

static int export_ledger(struct export *export)
{
    struct aif_chain head;
    int rc = aif_export_open(&export->out, export->output, export->sign);

    if (rc == 0)
        rc = export->sign ? export_signed(export) : print_all(export, &head);
    aif_export_drop(&export->out);
    return rc < 0 ? AIF_EXIT_FAILED : AIF_EXIT_OK;
}

/* ---- the command line ---- */

static int set_date(const char *option, const char *value, const char **text, int64_t *ret_time)
{
    time_t when;

    if (aif_timetext_date(value, AIF_DAY_START, &when) < 0)
        return aif_tool_fail(-1, "--%s %s: must be a date like 2026-11-02 or 2026-11-02T12:00:00Z", option, value);
    *text = value;
    *ret_time = (int64_t)when;
    return 0;
}

static int set_format(struct export *export, const char *value)
{
    if (strcmp(value, "csv") && strcmp(value, "jsonl"))
        return aif_tool_fail(-1, "--format=%s: must be jsonl or csv", value);
    export->csv = !strcmp(value, "csv");
    return 0;
}

/* 0, or -1 after one line. */
static int set_option(struct export *export, int opt, const char *value)
{
    const struct {
        int opt;
        const char **text;
    } texts[] = {{'l', &export->ledger}, {'a', &export->allocation}, {'u', &export->user},
                 {'m', &export->mode},   {'o', &export->output},     {'k', &export->key}};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i].opt == opt)
            *texts[i].text = value;
    export->totals |= opt == 't' || opt == 'S';
    export->sign |= opt == 'S';
    if (opt == 'f')
        return set_format(export, value);
    if (opt == 's')
        return set_date("since", value, &export->since_text, &export->since);
    return opt == 'U' ? set_date("until", value, &export->until_text, &export->until) : 0;
}

/* What no option said, policy.json says. */
static int fill(struct aif_cmd_context *ctx, struct export *export)
{
    int rc;

    if (export->ledger && (export->key || !export->sign))
        return AIF_EXIT_OK;
    rc = aif_tool_snapshot(ctx);
    if (rc != AIF_EXIT_OK)
        return rc;
    if (!export->ledger)
        export->ledger = ctx->snapshot->policy->report.ledger;
    if (!export->key)
        export->key = ctx->snapshot->policy->report.key;
    return AIF_EXIT_OK;
}

int aif_cmd_export(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"format", required_argument, NULL, 'f'}, {"ledger", required_argument, NULL, 'l'},
        {"since", required_argument, NULL, 's'},  {"until", required_argument, NULL, 'U'},
        {"user", required_argument, NULL, 'u'},   {"mode", required_argument, NULL, 'm'},
        {"output", required_argument, NULL, 'o'}, {"key", required_argument, NULL, 'k'},
        {"sign", no_argument, NULL, 'S'},         {"totals", no_argument, NULL, 't'},
        {"allocation", required_argument, NULL, 'a'}, {"help", no_argument, NULL, 'h'},
        {0},
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
    if (export.sign && !export.output)
        return aif_tool_fail(AIF_EXIT_USAGE, "--sign needs --output FILE: the signature is written beside it");
    rc = fill(ctx, &export);
    return rc == AIF_EXIT_OK ? export_ledger(&export) : rc;
}
