/*
 * change.h - an update of a waiting job, seen with what was decided about the job before
 */
#ifndef AIF_CHANGE_H
#define AIF_CHANGE_H

#include "slurmctld.h"

#include "admincomment.h"
#include "decide.h"

struct aif_change {
	const struct aif_snapshot *snapshot; /* may be NULL */
	job_desc_msg_t *update;
	job_record_t *job_ptr;
	struct aif_admincomment old; /* our mark in the job's admin_comment; all empty if there is none */
	struct aif_options options;  /* what the job asks for with this update */
	bool has_word;		     /* the new comment has an "aif:" word */
	bool held;		     /* by us, see guard_holds() */
};

/* -1 with a text when the "aif:" word of the new comment is malformed. Nothing is allocated. */
extern int aif_change_init(const struct aif_snapshot *snapshot, job_desc_msg_t *update, job_record_t *job_ptr,
			   struct aif_change *ret_change, struct aif_error *err);

/* Whether it gives the job another account or QOS. */
extern bool aif_change_moves(const struct aif_change *change);

/* Whether it gives a held job a priority, as "scontrol release" does. */
extern bool aif_change_releases(const struct aif_change *change);

/* Whether it touches what a decision rests on. */
extern bool aif_change_matters(const struct aif_change *change);

/* Decide about the job as it would be. change->snapshot must not be NULL; locks as aif_redecide(). */
extern void aif_change_decide(const struct aif_change *change, struct aif_decision *ret_decision);

/*
 * Make the job carry what was decided: mark in admin_comment, account and QOS, the end of our hold. -1 with a text
 * when admin_comment cannot take the residency tag.
 */
extern int aif_change_imprint(const struct aif_change *change, const struct aif_decision *decision,
			      struct aif_error *err);

/* Write a mark into the admin_comment that the job will have after the update. False where that is no JSON object. */
extern bool aif_change_mark(const struct aif_change *change, const struct aif_admincomment *mark);

#endif
