/*
 * job_start.h - may a waiting job still start under the rules of its allocation
 */
#ifndef AIF_COMPAT_JOB_START_H
#define AIF_COMPAT_JOB_START_H

#include "slurmctld.h"

#include "admincomment.h"
#include "decide.h"

/*
 * aif_decide_start() about a job's record. What an operator has overruled (key "over" of admin_comment) does not
 * count. Returns false when the job may not start; *ret_decision then has rule and message. O(1), nothing is
 * changed. Needs the job and partition read locks and the association manager's association read lock.
 */
extern bool aif_job_may_start(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc,
			      const job_record_t *job_ptr, struct aif_decision *ret_decision);

/* Whether an operator has overruled that rule for the job with this mark. */
extern bool aif_job_is_overruled(const struct aif_admincomment *mark, const char *rule);

#endif
