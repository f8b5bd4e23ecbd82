/* modify.c - see modify.h */
#include "modify.h"

#include "change.h"
#include "job_hold.h"
#include "keep_siblings.h"
#include "rules.h"
#include "verdict.h"

#include <string.h>

static void _refuse_widen(const struct aif_admincomment *old, const char *asked,
			  struct aif_decision *decision)
{
	aif_verdict_refuse(decision, AIF_R_WIDEN, "the residency tag of a queued job may only be narrowed",
			   asked[0] ? asked : "no tag", old->residency,
			   "cancel the job and submit it anew");
}

/* An old tag that cannot be read any more counts as narrower than everything. */
static void _check_narrower(const struct aif_change *change, struct aif_decision *decision)
{
	struct aif_restag before;

	if (!change->old.residency[0])
		return;
	if (!decision->has_residency ||
	    aif_restag_parse(change->old.residency, NULL, 0, &before, NULL) ||
	    !aif_restag_within(&decision->residency, &before))
		_refuse_widen(&change->old, decision->residency_text, decision);
}

/* Slurm takes a list of clusters for jobs of the federation only. */
static void _keep_siblings(const struct aif_change *change, struct aif_decision *decision)
{
	job_desc_msg_t *update = change->update;
	const job_record_t *job_ptr = change->job_ptr;

	char *clusters;

	if (!job_ptr->fed_details)
		return;
	clusters = xstrdup(update->clusters ? update->clusters : job_ptr->clusters);
	aif_keep_siblings(change->snapshot, clusters, &clusters, decision);
	if (xstrcmp(clusters, job_ptr->clusters) || update->clusters) {
		xfree(update->clusters);
		update->clusters = clusters;
	} else {
		xfree(clusters);
	}
}

static bool _goes_on(const struct aif_decision *decision)
{
	return decision->verdict == AIF_ACCEPT || decision->verdict == AIF_HOLD;
}

static void _carry(const struct aif_change *change, struct aif_decision *decision)
{
	job_desc_msg_t *update = change->update;
	struct aif_error err = { 0 };

	if (aif_change_imprint(change, decision, &err)) {
		aif_verdict_bad_options(err.text, decision);
		return;
	}
	if (update->time_limit != NO_VAL && decision->minutes != AIF_MINUTES_UNKNOWN)
		update->time_limit = decision->minutes;
}

/* The hold is not for an allocation any more; whose job it is may release it. */
static void _leave(const struct aif_change *change)
{
	struct aif_admincomment none = { 0 };

	if (change->held && aif_change_mark(change, &none))
		aif_job_hold_to_user(change->job_ptr);
}

static void _decide_changed(const struct aif_change *change, struct aif_decision *ret_decision)
{
	aif_change_decide(change, ret_decision);
	if (ret_decision->verdict == AIF_IGNORE && change->old.residency[0])
		_refuse_widen(&change->old, "", ret_decision);
	else if (ret_decision->verdict == AIF_IGNORE)
		_leave(change);
	if (_goes_on(ret_decision))
		_check_narrower(change, ret_decision);
	if (_goes_on(ret_decision))
		_keep_siblings(change, ret_decision);
	if (ret_decision->verdict == AIF_HOLD && change->held && aif_change_releases(change))
		ret_decision->verdict = AIF_REJECT;
	if (_goes_on(ret_decision))
		_carry(change, ret_decision);
}

/* What his user releases may have to wait for us. What is refused by now is found when it is to start. */
static void _decide_released(const struct aif_change *change, struct aif_decision *ret_decision)
{
	struct aif_admincomment mark = change->old;

	aif_change_decide(change, ret_decision);
	if (ret_decision->verdict == AIF_HOLD) {
		aif_admincomment_hold(&mark, ret_decision->rule, time(NULL));
		if (aif_change_mark(change, &mark)) {
			aif_job_hold_reason(change->job_ptr, ret_decision->message);
			change->update->priority = NO_VAL;
			return;
		}
	}
	memset(ret_decision, 0, sizeof(*ret_decision));
}

/* A user who holds what we hold wants to have it held when we no longer do. */
static void _take_over_hold(const struct aif_change *change)
{
	struct aif_admincomment mark = change->old;

	aif_admincomment_hold(&mark, "", 0);
	if (aif_change_mark(change, &mark))
		aif_job_hold_to_user(change->job_ptr);
}

static void _modify(const struct aif_change *change, struct aif_decision *ret_decision)
{
	bool releases = aif_change_releases(change);

	if (!aif_change_matters(change) && !releases) {
		if (change->held && !change->update->priority)
			_take_over_hold(change);
	} else if (!change->snapshot && (releases ? change->held : true)) {
		aif_verdict_no_policy(&change->options, ret_decision);
	} else if (change->snapshot && (aif_change_matters(change) || change->held)) {
		_decide_changed(change, ret_decision);
	} else if (change->snapshot) {
		_decide_released(change, ret_decision);
	}
}

extern void aif_modify(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc,
		       job_record_t *job_ptr, struct aif_decision *ret_decision)
{
	struct aif_change change;
	struct aif_error err = { 0 };

	if (!job_ptr->details || !IS_JOB_PENDING(job_ptr))
		return;
	if (aif_change_init(snapshot, job_desc, job_ptr, &change, &err))
		aif_verdict_bad_options(err.text, ret_decision);
	else
		_modify(&change, ret_decision);
}
