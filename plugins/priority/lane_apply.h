/*
 * lane_apply.h - put a job's lane into its site factor
 *
 * Both priority/aif and site_factor/aif do exactly this, so both give the same numbers. The site factor is an input
 * of multifactor and is saved with the job; a priority that a wrapper changed would be undone by the decay thread.
 */
#ifndef AIF_LANE_APPLY_H
#define AIF_LANE_APPLY_H

#include "slurmctld.h"

/*
 * Set the site factor of one job. A job in the QOS of an allocation gets its lane's factor, 0 included; a job that
 * was ours and is no longer gets 0; any other job keeps what an administrator gave it. Needs the job write lock;
 * takes the association manager's QOS read lock.
 */
extern void aif_lane_apply(job_record_t *job_ptr);

/* The same for all pending jobs, so that a new policy or a paused project takes effect. Job write lock. */
extern void aif_lane_apply_pending(void);

#endif
