/*
 * modify.h - what a user may change about a queued job
 */
#ifndef AIF_MODIFY_H
#define AIF_MODIFY_H

#include "slurmctld.h"

#include "decide.h"

/*
 * Decide again about a pending job as it would be after the change, when the change touches what the decision rests
 * on (account, QOS, partition, time limit, size, "aif:" in the comment). On acceptance job_desc and the job's
 * admin_comment are brought in line. A residency tag may only become narrower (AIF-R005). snapshot may be NULL.
 * Needs the locks that slurmctld holds around job_modify (job write, node write, partition read).
 */
extern void aif_modify(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc,
		       job_record_t *job_ptr, struct aif_decision *ret_decision);

/*
 * An operator's word counts: nothing is refused or cut. But a job that moves to an allocation that would take it gets
 * that one's mark and QOS, so that what is shown and charged stays true. Same locks.
 */
extern void aif_modify_by_operator(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc,
				   job_record_t *job_ptr);

/*
 * Whoever may write admin_comment may not mean the residency tag in it: keep the old mark in the new text, or refuse the
 * change (AIF-R005) when that is no JSON object. A text with an "aif" member of its own is taken as it is.
 */
extern void aif_modify_keep_tag(job_desc_msg_t *job_desc, const job_record_t *job_ptr,
				struct aif_decision *ret_decision);

#endif
