/*
 * job_alloc.h - from a job's record to its allocation, and back to what it costs
 */
#ifndef AIF_COMPAT_JOB_ALLOC_H
#define AIF_COMPAT_JOB_ALLOC_H

#include "slurmctld.h"

#include "admincomment.h"
#include "snapshot.h"

/*
 * The allocation that a job is charged to; NULL if none. Its QOS says which. Where the carrier is the association,
 * a job in another QOS belongs to the only allocation of its account, else to the one that its admin_comment
 * names. Needs the job read lock and the association manager's QOS read lock.
 */
extern const struct aif_alloc *aif_job_alloc(const struct aif_snapshot *snapshot, const job_record_t *job_ptr);

/*
 * What we wrote into the job's admin_comment; all empty if nothing. Costs no parsing where there is none. Returns
 * whether there is some.
 */
extern bool aif_job_mark(const job_record_t *job_ptr, struct aif_admincomment *ret_mark);

/*
 * The same, but only if the mark may have a member whose key or value is word, e.g. "hold": for long queues, in
 * which few jobs do.
 */
extern bool aif_job_mark_with(const job_record_t *job_ptr, const char *word, struct aif_admincomment *ret_mark);

/* Time limit in minutes; without one, what the partition gives; AIF_MINUTES_UNKNOWN if it has none either. */
extern uint32_t aif_job_minutes(const job_record_t *job_ptr);

/*
 * Position of what an allocation is charged by in Slurm's TRES arrays; -1 when Slurm does not track it. gpu_tres: the
 * policy's. Needs the association manager's TRES read lock. Positions change: do not keep.
 */
extern int aif_charge_position(const struct aif_charge *charge, const char *gpu_tres);

#endif
