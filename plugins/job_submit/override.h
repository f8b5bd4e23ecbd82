/*
 * override.h - what operators may do: everything, and it is written down
 */
#ifndef AIF_OVERRIDE_H
#define AIF_OVERRIDE_H

#include "slurmctld.h"

#include "decide.h"

/*
 * An operator's word counts: nothing is refused or cut. What a user would have been refused is recorded in the
 * job's admin_comment (key "over": rule, uid, time) and logged, and that rule does not hold the job back later.
 * What would be accepted is carried on as a user's update is, where the job moves, is held by us or has such a
 * record. A longer time limit of a running job is looked at, too. Same locks as aif_modify().
 */
extern void aif_override(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc, job_record_t *job_ptr,
			 uint32_t uid);

/*
 * Whoever may write admin_comment may not mean our mark in it: keep the old mark in the new text. Where that is no
 * JSON object and there is a residency tag to lose, refuse the change (AIF-R005). A text with an "aif" member of
 * its own is taken as it is.
 */
extern void aif_override_keep_mark(job_desc_msg_t *job_desc, const job_record_t *job_ptr,
				   struct aif_decision *ret_decision);

#endif
