/* aif-reportd-metrics.c - how far reporting is, for a Prometheus node exporter; see aif-reportd.h */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "aif-reportd-reconcile.h"
#include "ledger_archive.h"
#include "metrics.h"

struct picture {
    struct aif_sinkstate sinks[AIF_SINKS_MAX];
    uint64_t backlogs[AIF_SINKS_MAX];
    uint64_t quarantined;
    int64_t reconciled; /* when all places were compared last; 0: never */
    int64_t differences[AIF_SINKS_MAX + 2]; /* by place, as place_name() has them */
    int64_t collected; /* when slurmdbd was read to the end last; 0: never */
    int64_t overdue; /* events that should be in an archive */
    struct aif_chain chain;
};

static int count_bad(const struct aif_badrow *row, void *data, struct aif_error *err)
{
    uint64_t *count = data;

    (void)row;
    (void)err;
    ++*count;
    return 0;
}

static int read_sinks(struct aif_ledger *ledger, const struct aif_report_conf *conf, struct picture *picture,
                      struct aif_error *err)
{
    uint64_t last;

    for (size_t i = 0; i < conf->sink_count; i++)
        if (aif_reportstate_sink_get(ledger, conf->sinks[i].name, &picture->sinks[i], err) < 0 ||
            aif_reportstate_backlog(ledger, picture->sinks[i].cursor, &picture->backlogs[i], &last, err) < 0)
            return -1;
    return 0;
}

/* slurmdbd, slurmctld, then the sinks. */
static const char *place_name(const struct aif_report_conf *conf, size_t i)
{
    static const char *const names[] = {"slurmdbd", "slurmctld"};

    return i < 2 ? names[i] : conf->sinks[i - 2].name;
}

static int read_differences(struct aif_ledger *ledger, const struct aif_report_conf *conf, struct picture *picture,
                            struct aif_error *err)
{
    char key[AIF_RECONCILE_KEY_SIZE];

    for (size_t i = 0; i < conf->sink_count + 2; i++) {
        snprintf(key, sizeof(key), AIF_RECONCILE_STATE_PLACE, place_name(conf, i));
        if (aif_reportstate_get(ledger, key, &picture->differences[i], err) < 0)
            return -1;
    }
    return aif_reportstate_get(ledger, AIF_RECONCILE_STATE, &picture->reconciled, err);
}

static int count_old(struct aif_ledger *ledger, const struct aif_report_conf *conf, struct picture *picture,
                     struct aif_error *err)
{
    const int64_t before = aif_record_month_start((int64_t)time(NULL), -(int)conf->retain_months);
    struct aif_ledger_prefix prefix;

    if (!conf->retain_months)
        return 0;
    if (aif_ledger_prefix(ledger, before, &prefix, err) < 0)
        return -1;
    picture->overdue = (int64_t)(prefix.last + 1 - prefix.first);
    return 0;
}

static int read_picture(struct aif_ledger *ledger, const struct aif_report_conf *conf, struct picture *picture,
                        struct aif_error *err)
{
    int rc = -1;

    if (aif_ledger_view(ledger, &picture->chain, err) < 0)
        return -1;
    if (read_sinks(ledger, conf, picture, err) == 0 && count_old(ledger, conf, picture, err) == 0 && read_differences(ledger, conf, picture, err) == 0 &&
        aif_reportstate_each_bad(ledger, count_bad, &picture->quarantined, err) == 0)
        rc = aif_reportstate_get(ledger, AIF_REPORTSTATE_COLLECTED, &picture->collected, err);
    aif_ledger_rollback(ledger);
    return rc;
}

static int add(struct aif_text *text, const char *name, const char *help, int64_t number)
{
    if (aif_metrics_gauge(text, name, help) < 0)
        return -1;
    return aif_metrics_sample(text, name, NULL, NULL, number);
}

static int add_ledger(struct aif_text *text, const struct picture *picture, int64_t now)
{
    static const char head[] = "aif_ledger_head_info";

    if (add(text, "aif_report_lag_seconds", "Since slurmdbd was read to the end; -1: never.",
            picture->collected ? now - picture->collected : -1) < 0 ||
        add(text, "aif_report_quarantine_rows", "Job rows that could not be recorded, or that a sink cannot take.",
            (int64_t)picture->quarantined) < 0 ||
        add(text, "aif_ledger_events", "Events in the ledger and its archives.", (int64_t)picture->chain.count) < 0 ||
        add(text, "aif_ledger_overdue_events", "Events older than the policy's retain_months, to be moved to an archive.",
            picture->overdue) < 0)
        return -1;
    if (aif_metrics_gauge(text, head, "The hash of the ledger's last event.") < 0)
        return -1;
    return aif_metrics_sample(text, head, "hash", picture->chain.head, 1);
}

/* What one gauge says of a sink. */
static int64_t backlog(const struct picture *picture, size_t i)
{
    return (int64_t)picture->backlogs[i];
}

static int64_t success(const struct picture *picture, size_t i)
{
    return picture->sinks[i].success;
}

static int64_t failing(const struct picture *picture, size_t i)
{
    return picture->sinks[i].why[0] != '\0';
}

static int add_sinks(struct aif_text *text, const struct aif_report_conf *conf, const struct picture *picture)
{
    static const struct {
        const char *name, *help;
        int64_t (*value)(const struct picture *picture, size_t i);
    } gauges[] = {
        {"aif_report_sink_backlog_rows", "Events about job rows that the sink does not have yet.", backlog},
        {"aif_report_sink_success_timestamp_seconds", "When the sink had everything; 0: never.", success},
        {"aif_report_sink_failing", "1: the last delivery failed.", failing},
    };

    for (size_t g = 0; g < sizeof(gauges) / sizeof(gauges[0]); g++) {
        if (aif_metrics_gauge(text, gauges[g].name, gauges[g].help) < 0)
            return -1;
        for (size_t i = 0; i < conf->sink_count; i++)
            if (aif_metrics_sample(text, gauges[g].name, "sink", conf->sinks[i].name, gauges[g].value(picture, i)) < 0)
                return -1;
    }
    return 0;
}

static int add_differences(struct aif_text *text, const struct aif_report_conf *conf, const struct picture *picture)
{
    static const char name[] = "aif_report_difference_seconds";

    if (add(text, "aif_report_reconcile_timestamp_seconds", "When all places were compared; 0: never.",
            picture->reconciled) < 0 ||
        aif_metrics_gauge(text, name, "By how much a place and the ledger differ without a reason that passes.") < 0)
        return -1;
    for (size_t i = 0; i < conf->sink_count + 2; i++)
        if (aif_metrics_sample(text, name, "place", place_name(conf, i), picture->differences[i]) < 0)
            return -1;
    return 0;
}

static int write_metrics(struct aif_reportd *reportd, const struct aif_report_conf *conf, struct aif_error *err)
{
    struct picture picture = {0};
    struct aif_text text = {0};
    int rc;

    if (read_picture(reportd->ledger, conf, &picture, err) < 0)
        return -1;
    if (add_ledger(&text, &picture, (int64_t)time(NULL)) < 0 || add_sinks(&text, conf, &picture) < 0 ||
        add_differences(&text, conf, &picture) < 0 || aif_metrics_end(&text) < 0)
        rc = aif_error_set(err, AIF_ENOMEM, "out of memory");
    else
        rc = aif_reportd_write_file(conf->metrics, 0644, &text, err);
    aif_text_free(&text);
    return rc;
}

void aif_reportd_metrics(struct aif_reportd *reportd, const struct aif_snapshot *snapshot)
{
    const struct aif_report_conf *conf = &snapshot->policy->report;
    struct aif_error err = {0};

    if (!conf->metrics)
        return;
    /* The lock keeps two threads from writing the file at once, too. */
    aif_reportd_ledger_take(reportd);
    if (write_metrics(reportd, conf, &err) < 0)
        aif_reportd_log_change(TOPIC_METRICS, "%s", err.text);
    else
        aif_reportd_log_fine(TOPIC_METRICS);
    aif_reportd_ledger_give(reportd);
}
