/*
 * topdata.h - what "aif top" shows, taken once
 *
 * Lanes, allocations near their end, places of running jobs, islands, and how late reporting is. What the caller may not read is
 * not there; each part says so.
 */
#ifndef AIF_TOPDATA_H
#define AIF_TOPDATA_H

#include <stdbool.h>
#include <time.h>

#include "islandload.h"
#include "lanedata.h"
#include "lanestat.h"
#include "standing.h"

#define AIF_TOP_DAYS 14    /* an allocation with less left is near its end */
#define AIF_TOP_PERCENT 80 /* so is one that has used more of its amount */
#define AIF_TOP_SINKS_MAX 16

struct aif_top_alloc {
    const struct aif_alloc *alloc;
    unsigned percent; /* used, of the amount */
    int64_t days;     /* left; whole ones */
    uint64_t left;    /* seconds of its unit */
};

struct aif_top_sink {
    char name[64];
    uint64_t backlog;
    int64_t success; /* 0: never */
    bool failing;
};

struct aif_topdata {
    time_t now;
    struct aif_lanedata *lanes;
    struct aif_lanestat *stats; /* [mode_count + 1] */
    struct aif_top_alloc *allocs;
    size_t alloc_count; /* near their end, the fullest first */
    struct aif_islandloads islands;
    uint64_t placed;    /* running jobs whose placement was scored */
    uint64_t placed_sum; /* of their percents */
    unsigned placed_least;
    bool ledger;        /* the following are known */
    int64_t collected;  /* when slurmdbd was read last; 0: never */
    struct aif_top_sink sinks[AIF_TOP_SINKS_MAX];
    size_t sink_count;
};

/* The context has its snapshot, and aif_slurm_init() was called. Returns AIF_EXIT_OK, or an exit code after one line. */
int aif_topdata_load(struct aif_cmd_context *ctx, struct aif_topdata **ret_data);
void aif_topdata_free(struct aif_topdata *data);

#endif
