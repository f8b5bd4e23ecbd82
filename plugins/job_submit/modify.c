/* modify.c - see modify.h */
#include "modify.h"

#include "admincomment.h"
#include "exclusive.h"
#include "imprint.h"
#include "job_fields.h"
#include "options.h"
#include "rules.h"
#include "verdict.h"
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool _moves(const job_desc_msg_t *job_desc)
{
	return job_desc->account || job_desc->qos;
}

/*
 * What the job asks for now: what was decided at submission, changed by an "aif:" word of the new comment. With a new
 * account or QOS the old allocation no longer counts; the tag does. Returns 1 if the comment has such a word.
 */
static int _options(const job_desc_msg_t *job_desc, const struct aif_admincomment *old,
		    struct aif_options *ret_options, struct aif_error *err)
{
	struct aif_options new = { 0 };
	int rc = 0;

	memset(ret_options, 0, sizeof(*ret_options));
	if (job_desc->comment && (rc = aif_options_from_comment(job_desc->comment, &new, err)) < 0)
		return -1;
	if (!_moves(job_desc) && !new.allocation[0] && !new.mode[0])
		snprintf(ret_options->allocation, sizeof(ret_options->allocation), "%s", old->alloc);
	snprintf(ret_options->residency, sizeof(ret_options->residency), "%s", old->residency);
	snprintf(ret_options->placement, sizeof(ret_options->placement), "%s", old->placement);
	if (new.mode[0])
		memcpy(ret_options->mode, new.mode, sizeof(new.mode));
	if (new.allocation[0])
		memcpy(ret_options->allocation, new.allocation, sizeof(new.allocation));
	if (new.residency[0])
		memcpy(ret_options->residency, new.residency, sizeof(new.residency));
	if (new.placement[0])
		memcpy(ret_options->placement, new.placement, sizeof(new.placement));
	return rc;
}

static bool _sizes(const job_desc_msg_t *job_desc)
{
	return job_desc->min_nodes != NO_VAL || job_desc->num_tasks != NO_VAL ||
	       job_desc->tres_per_job || job_desc->tres_per_node || job_desc->tres_per_socket ||
	       job_desc->tres_per_task || job_desc->ntasks_per_tres != NO_VAL16;
}

static bool _matters(const job_desc_msg_t *job_desc, int comment_has_options)
{
	return _moves(job_desc) || _sizes(job_desc) || job_desc->partition ||
	       job_desc->time_limit != NO_VAL || job_desc->begin_time || comment_has_options;
}

static void _refuse_widen(const struct aif_admincomment *old, const char *asked,
			  struct aif_decision *decision)
{
	aif_verdict_refuse(decision, AIF_R_WIDEN, "the residency tag of a queued job may only be narrowed",
			   asked[0] ? asked : "no tag", old->residency,
			   "cancel the job and submit it anew");
}

/* An old tag that cannot be read any more counts as narrower than everything. */
static void _check_narrower(const struct aif_snapshot *snapshot, const struct aif_admincomment *old,
			    struct aif_decision *decision)
{
	struct aif_residency before;

	if (!old->residency[0])
		return;
	if (!decision->has_residency ||
	    aif_residency_parse(old->residency, snapshot->policy->groups,
				snapshot->policy->group_count, &before, NULL) ||
	    !aif_residency_within(&decision->residency, &before))
		_refuse_widen(old, decision->residency_text, decision);
}

static void _decide(const struct aif_snapshot *snapshot, const struct aif_options *options,
		    const job_desc_msg_t *job_desc, job_record_t *job_ptr,
		    struct aif_decision *ret_decision)
{
	job_desc_msg_t merged;
	struct aif_view view;

	aif_job_fields_merge(job_desc, job_ptr, &merged);
	aif_view_init(&merged, options, &view);
	view.request.array_tasks = aif_job_fields_tasks(job_ptr);
	if (!_sizes(job_desc))
		view.request.gpus = aif_exclusive_gpus(&merged, view.partition, view.request.nodes,
						       aif_job_fields_gpus(job_ptr));
	aif_verdict(snapshot, &view.request, ret_decision);
	aif_view_clear(&view);
	aif_job_fields_clear(&merged);
}

/* In a hook, job_desc->admin_comment of an ordinary user is refused by slurmctld; the record is ours to write. */
static void _imprint(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc,
		     job_record_t *job_ptr, struct aif_decision *decision)
{
	struct aif_error err = { 0 };

	if (aif_imprint_comment(snapshot, decision, &job_ptr->admin_comment, &err)) {
		aif_verdict_bad_options(err.text, decision);
		return;
	}
	if (_moves(job_desc)) {
		xfree(job_desc->account);
		job_desc->account = xstrdup(decision->alloc->account);
		xfree(job_desc->qos);
		job_desc->qos = xstrdup(decision->alloc->qos);
	}
}

static void _decide_changed(const struct aif_snapshot *snapshot, const struct aif_options *options,
			    const struct aif_admincomment *old, job_desc_msg_t *job_desc,
			    job_record_t *job_ptr, struct aif_decision *ret_decision)
{
	_decide(snapshot, options, job_desc, job_ptr, ret_decision);
	if (ret_decision->verdict == AIF_IGNORE && old->residency[0])
		_refuse_widen(old, "", ret_decision);
	if (ret_decision->verdict == AIF_ACCEPT)
		_check_narrower(snapshot, old, ret_decision);
	if (ret_decision->verdict == AIF_ACCEPT)
		_imprint(snapshot, job_desc, job_ptr, ret_decision);
	if (ret_decision->verdict == AIF_ACCEPT && job_desc->time_limit != NO_VAL &&
	    ret_decision->minutes != AIF_MINUTES_UNKNOWN)
		job_desc->time_limit = ret_decision->minutes;
}

extern void aif_modify(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc,
		       job_record_t *job_ptr, struct aif_decision *ret_decision)
{
	struct aif_admincomment old = { 0 };
	struct aif_options options;
	struct aif_error err = { 0 };
	int asked;

	if (!job_ptr->details || !IS_JOB_PENDING(job_ptr))
		return;
	(void) aif_admincomment_read(job_ptr->admin_comment, &old);
	asked = _options(job_desc, &old, &options, &err);
	if (asked < 0)
		aif_verdict_bad_options(err.text, ret_decision);
	else if (!_matters(job_desc, asked))
		return;
	else if (snapshot)
		_decide_changed(snapshot, &options, &old, job_desc, job_ptr, ret_decision);
	else
		aif_verdict_no_policy(&options, ret_decision);
}

extern void aif_modify_by_operator(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc,
				   job_record_t *job_ptr)
{
	struct aif_decision decision = { .verdict = AIF_IGNORE };
	struct aif_admincomment old = { 0 };
	struct aif_options options;

	if (!snapshot || !job_ptr->details || !IS_JOB_PENDING(job_ptr) || !_moves(job_desc))
		return;
	(void) aif_admincomment_read(job_ptr->admin_comment, &old);
	if (_options(job_desc, &old, &options, NULL) < 0)
		return;
	_decide(snapshot, &options, job_desc, job_ptr, &decision);
	if (decision.verdict == AIF_ACCEPT)
		_imprint(snapshot, job_desc, job_ptr, &decision);
}

extern void aif_modify_keep_tag(job_desc_msg_t *job_desc, const job_record_t *job_ptr,
				struct aif_decision *ret_decision)
{
	struct aif_admincomment old = { 0 }, new = { 0 };
	char *text = NULL;

	if (!job_desc->admin_comment ||
	    aif_admincomment_read(job_ptr->admin_comment, &old) <= 0 || !old.residency[0] ||
	    aif_admincomment_read(job_desc->admin_comment, &new) > 0)
		return;
	if (aif_admincomment_merge(job_desc->admin_comment, &old, &text, NULL)) {
		aif_verdict_refuse(ret_decision, AIF_R_WIDEN,
				   "the job's residency tag is in its admin_comment and would be lost", NULL,
				   old.residency, "write a JSON object instead, the tag is added to it");
		return;
	}
	xfree(job_desc->admin_comment);
	job_desc->admin_comment = xstrdup(text);
	free(text);
}
