/*
 * job_tag.h - what data residency a job's record demands
 */
#ifndef AIF_SELECT_JOB_TAG_H
#define AIF_SELECT_JOB_TAG_H

#include "select_api.h"

#include "restag.h"
#include "snapshot.h"

enum job_tag {
	JOB_TAG_NONE, /* the job may run anywhere */
	JOB_TAG_SET,
	JOB_TAG_CLASH, /* its tags have nothing in common any more: it may run nowhere */
	JOB_TAG_UNREADABLE, /* it has a tag, or asks for one, but nobody can say which: it may run nowhere */
};

/*
 * The job's tag, under the rules in residency_mask.h. snapshot may be NULL (no valid
 * configuration). *ret_tag is set for JOB_TAG_SET only. Takes the association manager's QOS read
 * lock.
 */
extern enum job_tag job_tag_of(const job_record_t *job_ptr, const struct aif_snapshot *snapshot,
			       struct aif_restag *ret_tag);

#endif
