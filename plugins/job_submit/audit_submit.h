/*
 * audit_submit.h - what the hooks decide about tagged jobs, as events for the ledger
 *
 * A submission that is accepted has no id yet: that is noted by the select wrapper when the job is in the queue.
 */
#ifndef AIF_AUDIT_SUBMIT_H
#define AIF_AUDIT_SUBMIT_H

#include "slurmctld.h"

#include "admincomment.h"
#include "audit.h"
#include "decide.h"

/*
 * A submission was refused or held. Nothing is done about one that demands no data residency. snapshot may be NULL, and
 * options where they cannot be read. No lock needed.
 */
extern void aif_audit_submission(const struct aif_snapshot *snapshot, const job_desc_msg_t *job_desc,
				 const struct aif_options *options, const struct aif_decision *decision);

/* What a job's mark was before an update. */
struct aif_audit_update {
	bool tagged;
	struct aif_admincomment before;
};

/* Before and after an update is decided; its new mark is in the update or, else, in the record. Need the job lock. */
extern void aif_audit_update_begin(const job_record_t *job_ptr, struct aif_audit_update *ret_update);
extern void aif_audit_update_end(const struct aif_audit_update *update, const job_desc_msg_t *job_desc,
				 const job_record_t *job_ptr, uint32_t uid, const struct aif_decision *decision);

/* The guard holds a job. Needs the job lock. */
extern void aif_audit_held(const job_record_t *job_ptr, const char *rule, const char *why);

#endif
