/*
 * headroom.h - the GPUs that a lane keeps free: a standing reservation "aif-<mode>" in slurmctld
 *
 * Whole nodes, as many as hold the GPUs, for the accounts of the mode's usable allocations, without end. Jobs of these
 * accounts are drawn to it by themselves (MAGNETIC) and may use nodes inside and outside of it at once (FLEX); what runs
 * there at first is left to end (IGN_JOBS), and a node that fails is replaced (REPLACE_DOWN). Asks slurmctld only where
 * a lane has headroom, or to remove one.
 */
#ifndef AIF_TOOL_HEADROOM_H
#define AIF_TOOL_HEADROOM_H

#include "plan.h"

/*
 * Add to a finished plan what makes the reservations what the policy says; one that cannot be kept is a conflict
 * (AIF-C013). Returns AIF_EXIT_OK or an exit code after one line.
 */
int aif_headroom_plan(const struct aif_snapshot *snapshot, time_t now, struct aif_plan *plan);

/* Add to a finished plan the removal of those that aif made and no lane wants any more. Returns as above. */
int aif_headroom_prune(const struct aif_snapshot *snapshot, time_t now, struct aif_plan *plan);

/* Carry out what a plan says about reservations. Returns AIF_EXIT_OK or an exit code after one line. */
int aif_headroom_apply(const struct aif_plan *plan);

#endif
