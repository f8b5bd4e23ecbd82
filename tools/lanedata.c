/* lanedata.c - see lanedata.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "lanedata.h"
#include "lanestat.h"
#include "lanestate.h"
#include "ledger.h"

#define WINDOW_DEFAULT (7 * 24 * 3600)

/* ---- what has been ---- */

struct history {
    const struct aif_lanedata *data;
    struct aif_runs *runs;
};

static void add_wait(const struct aif_lanedata *data, const struct aif_record *record,
                     const struct aif_mode *mode)
{
    const struct aif_wait wait = {
        .mode = mode,
        .job_id = record->job_id,
        .at = record->start ? record->start : record->end,
        .secs = aif_record_wait(record),
        .kind = record->start ? AIF_WAIT_STARTED : AIF_WAIT_LEFT,
        .tasks = 1,
    };

    if (wait.at >= data->from)
        aif_waits_add(data->waits, &wait);
    if (!strcmp(record->state, "RESIZING"))
        aif_waits_resized(data->waits, record->job_id, record->end);
}

static int take_event(const struct aif_event *event, void *arg, struct aif_error *err)
{
    struct history *history = arg;
    const struct aif_lanedata *data = history->data;
    const struct aif_alloc *alloc;
    struct aif_record record;

    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    alloc = aif_alloctable_by_id(data->snapshot->allocs, record.allocation);
    if (!alloc || strcasecmp(record.cluster, data->snapshot->policy->cluster))
        return 0;
    if (!aif_ledger_free(&record, alloc))
        add_wait(data, &record, alloc->mode);
    if (record.start)
        aif_runs_add(history->runs, &(struct aif_run){.job_id = record.job_id,
                                                      .alloc = alloc,
                                                      .gpus = record.gpus,
                                                      .start = record.start,
                                                      .end = record.end});
    return 0;
}

static void read_ledger(struct aif_lanedata *data, struct aif_runs *runs)
{
    struct history history = {.data = data, .runs = runs};
    struct aif_ledger *ledger = NULL;
    struct aif_error err = {0};

    if (aif_ledger_open(data->snapshot->policy->report.ledger, AIF_LEDGER_READ, &ledger, &err) == 0)
        data->ledger =
            aif_ledger_iterate_since(ledger, data->from, take_event, &history, &err) == 0;
    if (!data->ledger)
        data->ledger_why = aif_tool_strdup(err.text);
    aif_ledger_close(ledger);
}

/* ---- what is ---- */

static void add_live_runs(const struct aif_livejobs *jobs, struct aif_runs *runs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        const struct aif_livejob *job = &jobs->jobs[i];

        if (job->alloc && job->start)
            aif_runs_add(runs, &(struct aif_run){.job_id = job->id,
                                                 .alloc = job->alloc,
                                                 .gpus = job->gpus,
                                                 .start = job->start,
                                                 .end = job->end});
    }
}

/* ---- the shares ---- */

static struct aif_sharewindow *fresh_windows(const struct aif_lanedata *data)
{
    const struct aif_policy *policy = data->snapshot->policy;
    uint64_t capacity =
        policy->lanes.capacity ? policy->lanes.capacity : aif_livejobs_capacity(policy);
    struct aif_sharewindow *windows = aif_sharewindow_create(policy, capacity, data->now);

    if (!windows)
        exit(aif_tool_fail(AIF_EXIT_FAILED, "out of memory"));
    return windows;
}

/* Returns up to when they tell what was used. */
static time_t begin_windows(struct aif_lanedata *data)
{
    time_t until = data->from;

    data->windows = fresh_windows(data);
    data->shares = AIF_LANEDATA_PARTIAL;
    if (aif_lanestate_read(data->jobs->state_dir, data->windows, &until) == 0)
        data->shares = AIF_LANEDATA_CONTROLLER;
    return until;
}

static void read_all(struct aif_lanedata *data, bool waits)
{
    const bool shares = data->snapshot->policy->share_count;
    const time_t from = shares ? begin_windows(data) : data->from;
    struct aif_runs *runs = aif_runs_create();

    if (waits || (shares && data->shares != AIF_LANEDATA_CONTROLLER))
        read_ledger(data, runs);
    add_live_runs(data->jobs, runs);
    if (shares && data->ledger && data->shares == AIF_LANEDATA_PARTIAL)
        data->shares = AIF_LANEDATA_COMPUTED;
    if (shares)
        aif_runs_replay(runs, data->windows, from, data->now);
    aif_runs_destroy(runs);
}

const struct aif_sharewindow *aif_lanedata_windows(const struct aif_lanedata *data)
{
    return data->shares == AIF_LANEDATA_PARTIAL ? NULL : data->windows;
}

/* Without windows the jobs themselves show it: a factor below the lane's base. */
static bool is_capped(const struct aif_lanedata *data, const struct aif_livejob *job)
{
    if (!data->windows || !aif_livejob_lane(job))
        return false;
    if (aif_sharewindow_closed(data->windows, job->alloc))
        return true;
    return data->shares == AIF_LANEDATA_PARTIAL && job->state == AIF_LIVEJOB_WAITING &&
           job->alloc->pacing.kind == AIF_PACING_NONE && job->site < job->alloc->mode->lane.base;
}

static void mark_capped(struct aif_lanedata *data)
{
    for (size_t i = 0; i < data->jobs->count; i++)
        data->jobs->jobs[i].capped = is_capped(data, &data->jobs->jobs[i]);
}

int aif_lanedata_load(const struct aif_snapshot *snapshot, bool waits,
                      struct aif_lanedata **ret_data)
{
    const uint32_t window =
        snapshot->policy->lanes.window ? snapshot->policy->lanes.window : WINDOW_DEFAULT;
    struct aif_lanedata *data = aif_tool_alloc(1, sizeof(*data));
    int rc;

    data->snapshot = snapshot;
    rc = aif_livejobs_load(snapshot, &data->jobs);
    if (rc != AIF_EXIT_OK) {
        aif_lanedata_free(data);
        return rc;
    }
    data->now = time(NULL);
    data->from = data->now - (time_t)window;
    data->waits = aif_waits_create();
    aif_lanestat_add_waits(data->waits, data->jobs->jobs, data->jobs->count, data->from, data->now);
    read_all(data, waits);
    mark_capped(data);
    *ret_data = data;
    return AIF_EXIT_OK;
}

void aif_lanedata_free(struct aif_lanedata *data)
{
    if (!data)
        return;
    aif_livejobs_free(data->jobs);
    aif_waits_destroy(data->waits);
    aif_sharewindow_destroy(data->windows);
    free(data->ledger_why);
    free(data);
}
