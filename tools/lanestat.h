/*
 * lanestat.h - how each mode's jobs fare: in its lane, outside of it, and what was promised
 *
 * Pure.
 */
#ifndef AIF_TOOL_LANESTAT_H
#define AIF_TOOL_LANESTAT_H

#include <stddef.h>

#include "livejob.h"
#include "waits.h"

struct aif_lanestat {
    const struct aif_mode *mode; /* NULL: jobs that belong to no allocation */
    uint64_t
        queued; /* wait in the open lane and could start; tasks of arrays are counted one by one */
    uint64_t running;
    uint64_t outside;            /* could start and wait outside of all lanes */
    int64_t longest;             /* seconds that the longest of these has waited; -1: none waits */
    struct aif_waits_sums waits; /* all 0, and -1, for mode NULL */
};

/* What the queue and slurmctld's memory know of waits since from. Jobs on free QOS had no promise
 * and are left out. */
void aif_lanestat_add_waits(struct aif_waits *waits, const struct aif_livejob *jobs, size_t count,
                            time_t from, time_t now);

/* One per mode of the policy, in its order, and a last one for mode NULL: stats has room for
 * mode_count + 1. */
void aif_lanestat_fill(const struct aif_policy *policy, const struct aif_livejob *jobs,
                       size_t count, struct aif_waits *waits, time_t now,
                       struct aif_lanestat *ret_stats);

#endif
