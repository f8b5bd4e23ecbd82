/* aif_audit.c - "aif audit": what the ledger knows of where data was processed */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "audit_show.h"
#include "common.h"
#include "ledger_tool.h"
#include "timetext.h"

static const char help[] =
    "Usage: aif audit residency [--job ID] [--dataset ID] [--user NAME] [--from DATE] [--to DATE]\n"
    "                           [--json | --parsable | --csv] [--ledger FILE]\n"
    "Show the decisions about jobs with a data residency tag: where data was processed, by whom,\n"
    "under which permit, and what was refused. The ledger is verified first, and only what its\n"
    "chain proves is shown.\n"
    "\n"
    "  --job ID         only of this job, its array's tasks or its heterogeneous components\n"
    "  --dataset ID     only of jobs that named this data set\n"
    "  --user NAME      only of this user, as the ledger names users (\"aif ledger user NAME\")\n"
    "  --from DATE      only what was decided on or after DATE (2026-11-02, or RFC 3339)\n"
    "  --to DATE        only what was decided before DATE\n"
    "  --json           print JSON\n"
    "  --parsable       print '|'-separated columns; \"\\|\" is a '|' inside of one\n"
    "  --csv            print CSV\n"
    "  --ledger FILE    default: the ledger that policy.json names\n"
    "\n"
    "Decisions get into the ledger with each round of aif-reportd. As root or its user.\n"
    "Exit status: 0 ok, 1 the ledger cannot be read or does not verify, 2 wrong command line.\n";

struct audit {
    const char *ledger;
    enum aif_audit_format format;
    uint32_t job; /* 0: all */
    const char *dataset, *user;
    bool has_to;
    int64_t from, to;
    struct aif_audit_show *show;
    uint64_t until; /* sequence number of the last event that is verified */
};

/* ---- filters ---- */

static bool names_dataset(const struct aif_auditevent *event, const char *id)
{
    const char *at = event->datasets;
    char one[AIF_DATASETIDS_ID_SIZE];

    while (aif_datasetids_next(&at, one))
        if (!strcasecmp(one, id))
            return true;
    return false;
}

/* Where events were lost, any may be among them. */
static bool is_wanted(const struct audit *audit, const struct aif_auditevent *event)
{
    if (event->at < audit->from || (audit->has_to && event->at >= audit->to))
        return false;
    if (event->kind == AIF_AUDIT_LOST)
        return true;
    return (!audit->job || event->job == audit->job || event->parent == audit->job) &&
           (!audit->dataset || names_dataset(event, audit->dataset)) && (!audit->user || !strcmp(event->user, audit->user));
}

static int visit(const struct aif_event *carrier, void *data, struct aif_error *err)
{
    const struct audit *audit = data;
    struct aif_auditevent event;

    if (carrier->seq > audit->until || strcmp(carrier->kind, AIF_AUDITEVENT_LEDGER))
        return 0;
    if (aif_auditevent_parse(carrier->body, strlen(carrier->body), &event, err) < 0)
        return -1;
    if (is_wanted(audit, &event))
        aif_audit_show_add(audit->show, &event, carrier);
    aif_auditevent_clear(&event);
    return 0;
}

/* ---- the whole ---- */

static int show_ledger(struct audit *audit, struct aif_ledger *ledger)
{
    struct aif_error broken = {0}, err = {0};
    struct aif_chain chain;
    bool verified = aif_ledger_verify(ledger, &chain, &broken) == 0;
    int rc;

    if (!verified && broken.code != AIF_ECHAIN)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", broken.text);
    audit->until = chain.count;
    audit->show = aif_audit_show_create(audit->format);
    rc = aif_ledger_tell_archived(ledger, audit->from, &err);
    if (rc == 0)
        rc = aif_ledger_iterate(ledger, visit, audit, &err);
    if (rc == 0)
        aif_audit_show_end(audit->show, &chain, verified);
    aif_audit_show_destroy(audit->show);
    if (!verified)
        return aif_tool_fail(AIF_EXIT_FAILED, "the ledger does not verify: %s", broken.text);
    return rc == 0 ? AIF_EXIT_OK : aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
}

static int run(struct aif_cmd_context *ctx, struct audit *audit)
{
    struct aif_ledger *ledger;
    struct aif_error err = {0};
    int rc = audit->ledger ? AIF_EXIT_OK : aif_tool_snapshot(ctx);

    if (rc != AIF_EXIT_OK)
        return rc;
    if (!audit->ledger)
        audit->ledger = ctx->snapshot->policy->report.ledger;
    if (aif_ledger_open(audit->ledger, AIF_LEDGER_READ, &ledger, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    rc = show_ledger(audit, ledger);
    aif_ledger_close(ledger);
    return rc;
}

/* ---- the command line ---- */

static int set_date(const char *option, const char *value, int64_t *ret_time)
{
    time_t when;

    if (aif_timetext_date(value, AIF_DAY_START, &when) < 0)
        return aif_tool_fail(-1, "--%s %s: must be a date like 2026-11-02 or 2026-11-02T12:00:00Z", option, value);
    *ret_time = (int64_t)when;
    return 0;
}

static int set_job(struct audit *audit, const char *value)
{
    uint64_t job;

    if (aif_text_to_u64(value, &job) < 0 || !job || job > UINT32_MAX)
        return aif_tool_fail(-1, "--job %s: must be the number of a job", value);
    audit->job = (uint32_t)job;
    return 0;
}

static int set_dataset(struct audit *audit, const char *value)
{
    if (!aif_datasetids_is_id(value))
        return aif_tool_fail(-1, "--dataset %s: must be one id of letters, digits and . _ -", value);
    audit->dataset = value;
    return 0;
}

/* 0, or -1 after one line. */
static int set_option(struct audit *audit, int opt, const char *value)
{
    switch (opt) {
    case 'J':
        return set_job(audit, value);
    case 'd':
        return set_dataset(audit, value);
    case 'f':
        return set_date("from", value, &audit->from);
    case 't':
        audit->has_to = true;
        return set_date("to", value, &audit->to);
    case 'u':
        audit->user = value;
        return 0;
    case 'l':
        audit->ledger = value;
        return 0;
    default:
        audit->format = (enum aif_audit_format)(opt - '0');
        return 0;
    }
}

int aif_cmd_audit(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"job", required_argument, NULL, 'J'},
        {"dataset", required_argument, NULL, 'd'},
        {"user", required_argument, NULL, 'u'},
        {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 't'},
        {"ledger", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, '0' + AIF_AUDIT_JSON},
        {"parsable", no_argument, NULL, '0' + AIF_AUDIT_PARSABLE},
        {"csv", no_argument, NULL, '0' + AIF_AUDIT_CSV},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct audit audit = {.format = AIF_AUDIT_TABLE};
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "h", longs, help, &rc)) >= 0)
        if (set_option(&audit, opt, optarg) < 0)
            return AIF_EXIT_USAGE;
    if (opt == AIF_TOOL_OPT_DONE)
        return rc;
    if (optind != argc - 1 || strcmp(argv[optind], "residency"))
        return aif_tool_fail(AIF_EXIT_USAGE, "say \"aif audit residency\"; see \"aif audit --help\"");
    return run(ctx, &audit);
}
