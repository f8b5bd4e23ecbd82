/*
 * modify.h - what a user may change about a queued job
 */
#ifndef AIF_MODIFY_H
#define AIF_MODIFY_H

#include "slurmctld.h"

#include "decide.h"

/*
 * Decide again about a pending job as it would be after the change, when the change touches what the decision
 * rests on (account, QOS, partition, time limit, size, "aif:" in the comment) or releases the job. On acceptance
 * job_desc and the job's admin_comment are brought in line; a hold of ours ends with the first update that leaves
 * nothing against the job. A residency tag may only become narrower (AIF-R005). snapshot may be NULL. Needs the
 * locks that slurmctld holds around job_modify (job write, node write, partition read).
 */
extern void aif_modify(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc,
		       job_record_t *job_ptr, struct aif_decision *ret_decision);

#endif
