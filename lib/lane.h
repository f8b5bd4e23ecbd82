/*
 * lane.h - how far a mode's lane moves a job forward
 *
 * One function under both priority/aif and site_factor/aif, so that both give the same numbers.
 */
#ifndef AIF_LANE_H
#define AIF_LANE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "sharewindow.h"
#include "snapshot.h"

#define AIF_LANE_BOOST_MAX 1000000000 /* keeps site_factor inside its 32 bits */

/* What a lane is asked about. Times are seconds since the epoch. */
struct aif_lane_job {
    const struct aif_alloc *alloc; /* NULL: a job that is not ours */
    bool free;                     /* runs on the allocation's free QOS */
    time_t since;                  /* since when it could start; in the future: it cannot yet; 0: not known, no wait */
    int32_t pace;                  /* what its allocation's pacing makes of it (priority of struct aif_pace) */
    int32_t behind;                /* how much less the rest of its priority (age, fair share, size) is than that of
                                    * the best of its lane; >= 0; only read where the lane levels */
};

/* Where a job's site-factor points come from; total is what counts. */
struct aif_lane_parts {
    int32_t base;
    int32_t urgency;
    int32_t level;
    int32_t guard;
    int32_t pace;
    const struct aif_share *capped; /* the share that closed its lane, else NULL */
    int32_t total;
};

/*
 * The points of a job (for Slurm's site factor, without NICE_OFFSET). Pure, O(1), no memory, no lock.
 *
 * In an open lane: base + urgency + level + pace. Urgency is 0 up to "from" percent of the target, rises to its full
 * value at the target and goes on rising more slowly, up to twice of it (half of that at five targets), so that the
 * older of two late jobs stays ahead. Never less for the older of two jobs of one lane. A job on a free QOS, of an
 * allocation that is not in state ok, or of a lane whose share is used up (windows says which; NULL: none is) has no
 * lane: pace alone. On top of that the guard lifts every job, ours or not, from guard_after on; at twice that it reaches
 * guard_points, more than any lane gives by itself, and goes on rising: in a lane as well, or those outside that wait as
 * long would get ahead of it for good. A pace of AIF_PACE_LOWEST stays last
 * whatever else. policy must be the one of windows. The total is within -999,999,999 and AIF_LANE_BOOST_MAX otherwise.
 */
void aif_lane_parts(const struct aif_policy *policy, const struct aif_sharewindow *windows,
                    const struct aif_lane_job *job, time_t now, struct aif_lane_parts *ret_parts);

/* One point more than any open lane of the policy gives, without level; 0 where there is no lane. O(modes). */
int32_t aif_lane_top(const struct aif_policy *policy);

#endif
