/* change.c - see change.h */
#include "change.h"

#include "guard_look.h"
#include "imprint.h"
#include "job_alloc.h"
#include "job_hold.h"
#include "redecide.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

/*
 * What the job asks for now: what was decided at submission, changed by an "aif:" word of the new comment. With a new
 * account or QOS the old allocation no longer counts; the tag and the data sets do, which can only become more.
 */
static int _options(struct aif_change *change, struct aif_error *err)
{
	struct aif_options *options = &change->options, new = { 0 };
	const char *comment = change->update->comment;
	int rc = comment ? aif_options_from_comment(comment, &new, err) : 0;

	if (rc < 0)
		return -1;
	change->has_word = rc > 0;
	aif_redecide_options(change->snapshot, change->job_ptr, &change->old, options);
	if (aif_change_moves(change) || new.allocation[0] || new.mode[0])
		options->allocation[0] = '\0';
	if (new.mode[0])
		memcpy(options->mode, new.mode, sizeof(new.mode));
	if (new.allocation[0])
		memcpy(options->allocation, new.allocation, sizeof(new.allocation));
	if (new.residency[0])
		memcpy(options->residency, new.residency, sizeof(new.residency));
	if (new.datasets[0] && aif_datasetids_add(options->datasets, new.datasets))
		return aif_error_set(err, AIF_ELIMIT,
				     "aif: more data sets than a job may have: asked %s and %s, limit %d (%s); "
				     "submit another job for them",
				     options->datasets, new.datasets, AIF_DATASETIDS_MAX, AIF_C_OPTION);
	if (new.placement[0])
		memcpy(options->placement, new.placement, sizeof(new.placement));
	if (new.purpose[0])
		memcpy(options->purpose, new.purpose, sizeof(new.purpose));
	return 0;
}

extern int aif_change_init(const struct aif_snapshot *snapshot, job_desc_msg_t *update, job_record_t *job_ptr,
			   struct aif_change *ret_change, struct aif_error *err)
{
	memset(ret_change, 0, sizeof(*ret_change));
	ret_change->snapshot = snapshot;
	ret_change->update = update;
	ret_change->job_ptr = job_ptr;
	ret_change->held = aif_guard_holds(job_ptr);
	(void) aif_job_mark(job_ptr, &ret_change->old);
	return _options(ret_change, err);
}

extern bool aif_change_moves(const struct aif_change *change)
{
	return change->update->account || change->update->qos;
}

extern bool aif_change_releases(const struct aif_change *change)
{
	uint32_t priority = change->update->priority;

	return !change->job_ptr->priority && priority && priority != NO_VAL;
}

extern bool aif_change_matters(const struct aif_change *change)
{
	const job_desc_msg_t *update = change->update;

	return aif_change_moves(change) || aif_redecide_sizes(update) || update->partition ||
	       update->time_limit != NO_VAL || update->begin_time || update->clusters ||
	       change->has_word;
}

extern void aif_change_decide(const struct aif_change *change, struct aif_decision *ret_decision)
{
	aif_redecide(change->snapshot, &change->options, change->update, change->job_ptr, ret_decision);
}

static void _replace(char **field, const char *value)
{
	xfree(*field);
	*field = xstrdup(value);
}

/* The QOS may have to change without being asked for, between an allocation's own and its free one. */
static void _names(const struct aif_change *change, const struct aif_decision *decision)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK };
	bool has_it = !decision->qos;

	if (aif_change_moves(change))
		_replace(&change->update->account, decision->alloc->account);
	assoc_mgr_lock(&locks);
	if (!has_it && !aif_change_moves(change) && change->job_ptr->qos_ptr)
		has_it = !xstrcasecmp(change->job_ptr->qos_ptr->name, decision->qos);
	assoc_mgr_unlock(&locks);
	if (!has_it)
		_replace(&change->update->qos, decision->qos);
}

/* Slurm lets users release what they hold themselves, and does so with this update. */
static void _end_hold(const struct aif_change *change)
{
	aif_job_hold_to_user(change->job_ptr);
	if (change->update->priority == NO_VAL)
		change->update->priority = INFINITE;
}

/* A job that its user holds, and goes on holding, is not ours to release some day. */
static bool _stays_users(const struct aif_change *change)
{
	return !change->job_ptr->priority && !change->held && !aif_change_releases(change);
}

static void _begin_hold(const struct aif_change *change, const struct aif_decision *decision)
{
	if (change->job_ptr->priority) {
		change->update->priority = 0;
	} else {
		change->update->priority = NO_VAL;
		aif_job_hold_reason(change->job_ptr, decision->message);
	}
}

extern int aif_change_imprint(const struct aif_change *change, const struct aif_decision *decision,
			      struct aif_error *err)
{
	char **comment = change->update->admin_comment ? &change->update->admin_comment
						       : &change->job_ptr->admin_comment;
	bool holds = decision->verdict == AIF_HOLD && !_stays_users(change);

	aif_redecide_count(change->snapshot, change->job_ptr, decision);
	/* In a hook, admin_comment in the update of an ordinary user is refused; the record is ours to write. */
	if (aif_imprint_comment(change->snapshot, decision, holds, comment, err))
		return -1;
	_names(change, decision);
	if (holds)
		_begin_hold(change, decision);
	else if (decision->verdict == AIF_ACCEPT && change->held)
		_end_hold(change);
	return 0;
}

extern bool aif_change_mark(const struct aif_change *change, const struct aif_admincomment *mark)
{
	char **comment = change->update->admin_comment ? &change->update->admin_comment
						       : &change->job_ptr->admin_comment;
	char *text = NULL;

	if (aif_admincomment_merge(*comment, mark, &text, NULL))
		return false;
	_replace(comment, text);
	free(text);
	return true;
}
