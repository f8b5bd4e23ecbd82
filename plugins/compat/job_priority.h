/*
 * job_priority.h - what of a waiting job's priority comes from its site factor, and what does not
 */
#ifndef AIF_COMPAT_JOB_PRIORITY_H
#define AIF_COMPAT_JOB_PRIORITY_H

#include "slurmctld.h"

/* Whether Slurm computes the job's priority: it is neither held nor has it one that was set by hand. */
extern bool aif_job_has_turn(const job_record_t *job_ptr);

/*
 * What the priority would be without site factor and nice value, as of its last computation: age, fair share,
 * size, partition, QOS, TRES; kept within (-2^31, 2^31). False where that cannot be told: not computed since
 * slurmctld's start, or set by hand. priority: the job's, which a plugin that is computing it has before the
 * record has. Job read lock.
 */
extern bool aif_job_own_priority(const job_record_t *job_ptr, uint32_t priority, int32_t *ret_own);

/*
 * Give the job another site factor and add the difference to its priority and to those for each of its partitions,
 * as if it had been there at the last computation: nothing else of the priority changes, so that jobs stay
 * comparable. False, and nothing changed, where that cannot be done. *priority as above, and changed. Job write
 * lock.
 */
extern bool aif_job_shift(job_record_t *job_ptr, uint32_t *priority, uint32_t site_factor);

/* aif_job_shift(), or have Slurm compute the priority anew. Sets last_job_update. The locks of set_job_prio(). */
extern void aif_job_set_site(job_record_t *job_ptr, uint32_t site_factor);

#endif
