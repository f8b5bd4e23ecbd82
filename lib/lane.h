/*
 * lane.h - how far a mode's lane moves a job forward
 *
 * One function under both priority/aif and site_factor/aif, so that both give the same numbers.
 */
#ifndef AIF_LANE_H
#define AIF_LANE_H

#include <stdint.h>

#include "snapshot.h"

#define AIF_LANE_BOOST_MAX 1000000000 /* keeps site_factor inside its 32 bits */

/*
 * Value for Slurm's site factor (without NICE_OFFSET) of a job with that QOS; 0 for jobs that are not ours and for
 * allocations that are not in state ok, so that a paused project does not overtake others. O(1).
 */
int32_t aif_lane_factor(const struct aif_snapshot *snapshot, const char *qos);

#endif
