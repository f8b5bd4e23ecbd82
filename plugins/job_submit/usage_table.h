/*
 * usage_table.h - the usage of all allocations, copied from the association manager now and then
 *
 * Slurm has no index of its QOS: to find one among ten thousand costs more than all the rest of a submission's decision.
 * So a thread of our own copies the numbers of all of them in one pass, as often as they are asked for, but not more
 * often than four times a second (twice, where a pass takes long). They are good enough to see that an allocation has plenty left; whoever sees
 * less asks the association manager itself. Only values are kept: records of QOS may be freed at any time.
 */
#ifndef AIF_USAGE_TABLE_H
#define AIF_USAGE_TABLE_H

#include "decide.h"

/* Start the thread, in slurmctld only; call from init(), after aif_snapwatch_start(). */
extern int aif_usage_table_start(void);

/* End it and drop the table; call from fini(), before aif_snapwatch_stop(). Fine without a start. */
extern void aif_usage_table_stop(void);

/* A hint that it will be asked for an allocation, so that memory is fetched while other things are done. Any thread, no lock. */
extern void aif_usage_table_expect(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc);

/*
 * The usage of an allocation, at most a second old. False, and nothing written, when there is none so fresh from this very
 * snapshot, when the allocation has no QOS, and for sites so small that searching is as quick. Any thread, O(1).
 */
extern bool aif_usage_table_get(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc,
				struct aif_usage *ret_usage);

#endif
