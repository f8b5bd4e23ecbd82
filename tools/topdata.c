/* topdata.c - see topdata.h */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admincomment.h"
#include "common.h"
#include "live.h"
#include "placescore.h"
#include "reportstate.h"
#include "slurmconn.h"
#include "topdata.h"

#define DAY 86400

/* ---- allocations ---- */

static unsigned percent_of(uint64_t part, uint64_t whole)
{
    return whole ? (unsigned)((double)part * 100 / (double)whole) : 0;
}

static int fullest_first(const void *a, const void *b)
{
    const struct aif_top_alloc *first = a, *second = b;

    if (first->percent != second->percent)
        return first->percent < second->percent ? 1 : -1;
    return first->days < second->days ? -1 : first->days > second->days;
}

static void look_at(struct aif_topdata *data, const struct aif_snapshot *snapshot, const struct aif_live *live,
                    const struct aif_alloc *alloc)
{
    struct aif_usage usage;
    struct aif_standing standing;
    struct aif_top_alloc row = {.alloc = alloc, .days = (alloc->end - data->now) / DAY};

    if (alloc->start > data->now || alloc->end < data->now)
        return;
    aif_live_usage(live, snapshot->policy, alloc, &usage);
    aif_standing_make(snapshot, alloc, &usage, data->now, &standing);
    row.percent = percent_of(standing.used, alloc->amount_secs);
    row.left = standing.left;
    if (row.days < AIF_TOP_DAYS || row.percent >= AIF_TOP_PERCENT)
        data->allocs[data->alloc_count++] = row;
}

static int find_allocs(struct aif_topdata *data, const struct aif_snapshot *snapshot)
{
    const size_t count = aif_alloctable_count(snapshot->allocs);
    struct aif_live *live = NULL;
    int rc = aif_live_load("", &live);

    if (rc != AIF_EXIT_OK)
        return rc;
    data->allocs = aif_tool_alloc(count, sizeof(*data->allocs));
    for (size_t i = 0; i < count; i++)
        look_at(data, snapshot, live, aif_alloctable_at(snapshot->allocs, i));
    qsort(data->allocs, data->alloc_count, sizeof(*data->allocs), fullest_first);
    aif_live_free(live);
    return AIF_EXIT_OK;
}

/* ---- places ---- */

static void add_score(struct aif_topdata *data, const job_info_t *job)
{
    struct aif_admincomment ours = {.score = ""};
    uint32_t percent;

    if ((job->job_state & JOB_STATE_BASE) != JOB_RUNNING || !job->admin_comment ||
        aif_admincomment_read(job->admin_comment, &ours) != 1 || aif_placescore_read(ours.score, &percent, NULL) < 0)
        return;
    if (!data->placed++ || percent < data->placed_least)
        data->placed_least = percent;
    data->placed_sum += percent;
}

static int find_scores(struct aif_topdata *data)
{
    job_info_msg_t *jobs = NULL;
    int rc = aif_slurmctld_jobs("read the running jobs", &jobs);

    if (rc != AIF_EXIT_OK)
        return rc;
    for (uint32_t i = 0; i < jobs->record_count; i++)
        add_score(data, &jobs->job_array[i]);
    slurm_free_job_info_msg(jobs);
    return AIF_EXIT_OK;
}

/* ---- reporting ---- */

static int read_sinks(struct aif_topdata *data, const struct aif_report_conf *conf, struct aif_ledger *ledger)
{
    uint64_t last;

    if (aif_reportstate_get(ledger, AIF_REPORTSTATE_COLLECTED, &data->collected, NULL) < 0)
        return -1;
    for (size_t i = 0; i < conf->sink_count && i < AIF_TOP_SINKS_MAX; i++) {
        struct aif_top_sink *sink = &data->sinks[i];
        struct aif_sinkstate state;

        if (aif_reportstate_sink_get(ledger, conf->sinks[i].name, &state, NULL) < 0 ||
            aif_reportstate_backlog(ledger, state.cursor, &sink->backlog, &last, NULL) < 0)
            return -1;
        snprintf(sink->name, sizeof(sink->name), "%s", conf->sinks[i].name);
        sink->success = state.success;
        sink->failing = state.why[0] != '\0';
        data->sink_count++;
    }
    return 0;
}

/* Most users may not read the ledger; the rest is shown to them all the same. */
static void find_lag(struct aif_topdata *data, const struct aif_report_conf *conf)
{
    struct aif_ledger *ledger = NULL;

    if (conf->ledger && aif_ledger_open(conf->ledger, AIF_LEDGER_READ, &ledger, NULL) == 0)
        data->ledger = read_sinks(data, conf, ledger) == 0;
    aif_ledger_close(ledger);
}

/* ---- all of it ---- */

static int find_lanes(struct aif_topdata *data, const struct aif_snapshot *snapshot)
{
    int rc = aif_lanedata_load(snapshot, true, &data->lanes);

    if (rc != AIF_EXIT_OK)
        return rc;
    data->now = data->lanes->now;
    data->stats = aif_tool_alloc(snapshot->policy->mode_count + 1, sizeof(*data->stats));
    aif_lanestat_fill(snapshot->policy, data->lanes->jobs->jobs, data->lanes->jobs->count, data->lanes->waits, data->now, data->stats);
    return AIF_EXIT_OK;
}

int aif_topdata_load(struct aif_cmd_context *ctx, struct aif_topdata **ret_data)
{
    struct aif_topdata *data = aif_tool_alloc(1, sizeof(*data));
    int rc = find_lanes(data, ctx->snapshot);

    if (rc == AIF_EXIT_OK)
        rc = find_allocs(data, ctx->snapshot);
    if (rc == AIF_EXIT_OK)
        rc = find_scores(data);
    if (rc == AIF_EXIT_OK)
        rc = aif_islandloads_load(ctx, &data->islands);
    if (rc != AIF_EXIT_OK) {
        aif_topdata_free(data);
        return rc;
    }
    find_lag(data, &ctx->snapshot->policy->report);
    *ret_data = data;
    return AIF_EXIT_OK;
}

void aif_topdata_free(struct aif_topdata *data)
{
    if (!data)
        return;
    aif_lanedata_free(data->lanes);
    free(data->stats);
    free(data->allocs);
    aif_islandloads_free(&data->islands);
    free(data);
}
