/* aif-reportd-sinks.c - the threads in which sinks run, and what is noted of each; see aif-reportd-sink.h */
#include "config.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aif-reportd-sink.h"
#include "common.h"

struct worker {
    char name[AIF_SINK_NAME_MAX + 1]; /* "": free */
    pthread_t thread;
    bool started; /* and not joined */
    atomic_bool done;
    bool failed;
    char said[400]; /* the last failure that was logged; "" since it is fine */
    struct aif_sink sink;
};

struct aif_reportd_workers {
    struct worker items[AIF_SINKS_MAX];
};

static aif_sink_send *const kinds[] = {
    [AIF_SINK_WALDUR] = aif_sink_waldur, [AIF_SINK_APEL] = aif_sink_apel, [AIF_SINK_AUDITOR] = aif_sink_auditor,
    [AIF_SINK_FURMS] = aif_sink_furms,   [AIF_SINK_OOD] = aif_sink_ood,   [AIF_SINK_WEBHOOK] = aif_sink_webhook,
};

void aif_reportd_ledger_take(struct aif_reportd *reportd)
{
    pthread_mutex_lock(&reportd->ledger_lock);
}

void aif_reportd_ledger_give(struct aif_reportd *reportd)
{
    pthread_mutex_unlock(&reportd->ledger_lock);
}

/* ---- in the thread ---- */

static int load(struct aif_sink *sink)
{
    struct aif_ledger *ledger = sink->reportd->ledger;
    struct aif_error err = {0};
    uint64_t count;
    int rc;

    aif_reportd_ledger_take(sink->reportd);
    rc = aif_reportstate_sink_get(ledger, sink->conf->name, &sink->state, &err);
    if (rc == 0)
        rc = aif_reportstate_backlog(ledger, sink->state.cursor, &count, &sink->last, &err);
    aif_reportd_ledger_give(sink->reportd);
    return rc < 0 ? aif_sink_fail(sink, "%s", err.text) : 0;
}

static int deliver(struct aif_sink *sink)
{
    struct aif_error err = {0};
    int rc;

    if (load(sink) < 0)
        return -1;
    if (sink->conf->url) {
        sink->http = aif_http_open(sink->conf, &err);
        if (!sink->http)
            return aif_sink_fail(sink, "%.390s", err.text);
    }
    rc = kinds[sink->conf->type](sink);
    aif_http_close(sink->http);
    sink->http = NULL;
    return rc;
}

/* What "aif report status" tells of the sink. */
static int save(struct aif_sink *sink, int rc)
{
    struct aif_error err = {0};

    if (rc == 0) {
        sink->state.cursor = sink->last;
        sink->state.success = (int64_t)time(NULL);
        sink->state.why[0] = '\0';
    } else {
        sink->state.failure = (int64_t)time(NULL);
        snprintf(sink->state.why, sizeof(sink->state.why), "%s", sink->failure);
    }
    aif_reportd_ledger_take(sink->reportd);
    if (aif_reportstate_sink_set(sink->reportd->ledger, sink->conf->name, &sink->state, &err) < 0)
        rc = aif_sink_fail(sink, "%s", err.text);
    aif_reportd_ledger_give(sink->reportd);
    return rc;
}

/* An outage of hours is one line. */
static void say(struct worker *worker)
{
    const struct aif_sink *sink = &worker->sink;

    if (sink->sent)
        aif_reportd_log("sink %s: sent %u", worker->name, sink->sent);
    if (!worker->failed && worker->said[0])
        aif_reportd_log("sink %s is fine again", worker->name);
    if (worker->failed && strcmp(worker->said, sink->failure))
        aif_reportd_log("sink %s: %s; the next round tries again", worker->name, sink->failure);
    snprintf(worker->said, sizeof(worker->said), "%s", worker->failed ? sink->failure : "");
}

static void *work(void *data)
{
    struct worker *worker = data;
    struct aif_sink *sink = &worker->sink;
    int rc = deliver(sink);

    /* Being stopped is no failure. */
    if (rc == 0 || !aif_reportd_stopping()) {
        worker->failed = save(sink, rc) < 0;
        say(worker);
        aif_reportd_metrics(sink->reportd, sink->snapshot);
    }
    aif_snapshot_put(sink->snapshot);
    worker->done = true;
    return NULL;
}

/* ---- in the main thread ---- */

static struct worker *find_worker(struct aif_reportd_workers *workers, const char *name)
{
    struct worker *unused = NULL;

    for (size_t i = 0; i < AIF_SINKS_MAX; i++) {
        struct worker *worker = &workers->items[i];

        if (!strcmp(worker->name, name))
            return worker;
        if (!worker->name[0] && !unused)
            unused = worker;
    }
    return unused;
}

static void join(struct worker *worker)
{
    if (worker->started)
        pthread_join(worker->thread, NULL);
    worker->started = false;
}

/* Signals are the main thread's. */
static int start_thread(struct worker *worker)
{
    sigset_t all, before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&worker->thread, NULL, work, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static void start(struct aif_reportd *reportd, struct worker *worker, const char *name)
{
    struct aif_snapshot *snapshot = aif_snapshot_get(reportd->holder);
    const struct aif_report_conf *report = &snapshot->policy->report;

    snprintf(worker->name, sizeof(worker->name), "%s", name);
    worker->sink = (struct aif_sink){.reportd = reportd, .snapshot = snapshot};
    for (size_t i = 0; i < report->sink_count; i++)
        if (!strcmp(report->sinks[i].name, name))
            worker->sink.conf = &report->sinks[i];
    worker->failed = false;
    worker->done = false;
    worker->started = start_thread(worker) == 0;
    if (worker->started)
        return;
    worker->failed = true;
    aif_snapshot_put(snapshot);
    aif_reportd_log("sink %s: cannot start a thread", name);
}

/* Those that policy.json does not name any more, once they have ended. */
static void forget(struct aif_reportd_workers *workers, const struct aif_report_conf *report)
{
    for (size_t i = 0; i < AIF_SINKS_MAX; i++) {
        struct worker *worker = &workers->items[i];
        bool named = false;

        for (size_t k = 0; k < report->sink_count; k++)
            named |= !strcmp(report->sinks[k].name, worker->name);
        if (named || !worker->name[0] || (worker->started && !worker->done))
            continue;
        join(worker);
        worker->name[0] = worker->said[0] = '\0';
    }
}

void aif_reportd_sinks_start(struct aif_reportd *reportd)
{
    const struct aif_report_conf *report = &reportd->snapshot->policy->report;

    if (!reportd->workers)
        reportd->workers = aif_tool_alloc(1, sizeof(*reportd->workers));
    forget(reportd->workers, report);
    for (size_t i = 0; i < report->sink_count; i++) {
        struct worker *worker = find_worker(reportd->workers, report->sinks[i].name);

        if (!worker || (worker->started && !worker->done))
            continue;
        join(worker);
        start(reportd, worker, report->sinks[i].name);
    }
}

int aif_reportd_sinks_wait(struct aif_reportd *reportd)
{
    int rc = 0;

    for (size_t i = 0; reportd->workers && i < AIF_SINKS_MAX; i++) {
        join(&reportd->workers->items[i]);
        if (reportd->workers->items[i].failed)
            rc = -1;
    }
    return rc;
}
