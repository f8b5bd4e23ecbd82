/*
 * job_hold.h - hold a waiting job and release it, as "scontrol hold" and "scontrol release" do
 *
 * All calls need the locks of an update: config read, job and node write, partition read. They change one record; the
 * components of a het job are the caller's to go through. last_job_update is set.
 */
#ifndef AIF_COMPAT_JOB_HOLD_H
#define AIF_COMPAT_JOB_HOLD_H

#include "slurmctld.h"

/* Priority 0 for a reason that "squeue" and "scontrol show job" then tell. */
extern void aif_job_hold(job_record_t *job_ptr, const char *reason);

/* Put another reason on a job that is held already. */
extern void aif_job_hold_reason(job_record_t *job_ptr, const char *reason);

/* From now on it is the user who holds it, and may release it. */
extern void aif_job_hold_to_user(job_record_t *job_ptr);

/*
 * Give the job another QOS, with what Slurm counts of it. False, and nothing done, where there is none of that name or the
 * job's association does not have it.
 */
extern bool aif_job_move_qos(job_record_t *job_ptr, const char *name);

/* Priority computed anew, reason gone. */
extern void aif_job_release(job_record_t *job_ptr);

#endif
