/*
 * job_env.h - AIF_* for jobs without a script
 *
 * salloc and srun send no environment with their request, so job_submit cannot add to it. The job record has a list of
 * variables that slurmctld sends back with the allocation (made for burst buffers), and the first hook that sees a new
 * job's record is the one that asks for its priority. So the lane plugins fill that list in.
 */
#ifndef AIF_JOB_ENV_H
#define AIF_JOB_ENV_H

#include "slurmctld.h"

/*
 * Give a pending job of ours that has no script AIF_MODE, AIF_ALLOCATION and AIF_RESIDENCY, as its admin_comment says.
 * Later calls bring them up to date. Needs the job write lock.
 */
extern void aif_job_env_apply(job_record_t *job_ptr);

#endif
