/* override.c - see override.h */
#include "override.h"

#include "change.h"
#include "job_alloc.h"
#include "rules.h"
#include "usage_of.h"
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void _record(const struct aif_change *change, const struct aif_decision *decision, uint32_t uid)
{
	struct aif_admincomment mark = change->old;
	time_t now = time(NULL);
	struct tm utc;
	char at[32];

	gmtime_r(&now, &utc);
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &utc);
	snprintf(mark.override, sizeof(mark.override), "%s by %u at %s", decision->rule, uid, at);
	if (aif_change_releases(change))
		aif_admincomment_hold(&mark, "", now);
	if (!mark.alloc[0] && decision->alloc)
		snprintf(mark.alloc, sizeof(mark.alloc), "%s", decision->alloc->id);
	(void) aif_change_mark(change, &mark);
	info("job_submit/aif: update of %pJ by operator uid %u goes through: %s", change->job_ptr, uid,
	     decision->message);
}

static void _override_pending(const struct aif_change *change, uint32_t uid)
{
	bool releases = change->held && aif_change_releases(change);
	struct aif_decision decision;

	if (!aif_change_matters(change) && !releases)
		return;
	aif_change_decide(change, &decision);
	if (decision.verdict == AIF_HOLD && change->held && !releases)
		return;
	if (decision.rule)
		_record(change, &decision, uid);
	else if (decision.verdict == AIF_ACCEPT &&
		 (aif_change_moves(change) || change->held || change->old.override[0]))
		(void) aif_change_imprint(change, &decision, NULL);
}

/* ---- a running job that gets more time ---- */

static uint64_t _allocated(const job_record_t *job_ptr, int position)
{
	uint64_t count = job_ptr->tres_alloc_cnt && position >= 0 ? job_ptr->tres_alloc_cnt[position] : 0;

	return count >= NO_CONSUME_VAL64 ? 0 : count;
}

/* As if a job of the same size were to begin when this one would have ended. */
static void _decide_longer(const struct aif_change *change, uint32_t minutes, struct aif_decision *ret_decision)
{
	const job_record_t *job_ptr = change->job_ptr;
	const struct aif_charge gpus = { .tres = AIF_CHARGE_GPU };
	struct aif_usage_query query = { .snapshot = change->snapshot, .uid = job_ptr->user_id, .exact = true };
	assoc_mgr_lock_t locks = { .tres = READ_LOCK };
	struct aif_request request = {
		.options = &change->options,
		.nodes = job_ptr->node_cnt,
		.array_tasks = 1,
		.interactive = !job_ptr->batch_flag,
		.minutes = minutes,
		.begin = job_ptr->end_time,
	};

	assoc_mgr_lock(&locks);
	request.gpus = _allocated(job_ptr, aif_charge_position(&gpus, change->snapshot->policy->gpu_tres));
	request.billing = _allocated(job_ptr, TRES_ARRAY_BILLING);
	assoc_mgr_unlock(&locks);
	aif_decide(change->snapshot, &request, aif_usage_of, &query, ret_decision);
}

/* Only what the time is about: the rest of the job has been decided when it was accepted. */
static bool _is_about_time(const char *rule)
{
	static const char *const rules[] = { AIF_A_EXPIRED, AIF_A_OUTLIVES, AIF_Q_LEFT, AIF_Q_PACE, AIF_Q_INFERENCE };

	for (size_t i = 0; rule && i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!strcmp(rule, rules[i]))
			return true;
	}
	return false;
}

/* The time limit that a running job is given, also as "EndTime"; NO_VAL or more: none. */
static uint32_t _new_minutes(const struct aif_change *change)
{
	const time_t start = change->job_ptr->start_time, end = change->update->end_time;

	if (end > start && (end - start) / 60 < NO_VAL - 1)
		return (uint32_t) ((end - start + 59) / 60);
	return change->update->time_limit;
}

static void _override_running(const struct aif_change *change, uint32_t uid)
{
	uint32_t before = change->job_ptr->time_limit, after = _new_minutes(change);
	struct aif_decision decision;

	if (!change->old.alloc[0] || before >= NO_VAL || after >= NO_VAL || after <= before)
		return;
	_decide_longer(change, after - before, &decision);
	if (_is_about_time(decision.rule))
		_record(change, &decision, uid);
}

extern void aif_override(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc, job_record_t *job_ptr,
			 uint32_t uid)
{
	struct aif_change change;

	if (!snapshot || !job_ptr->details || aif_change_init(snapshot, job_desc, job_ptr, &change, NULL))
		return;
	if (IS_JOB_PENDING(job_ptr))
		_override_pending(&change, uid);
	else if (IS_JOB_RUNNING(job_ptr))
		_override_running(&change, uid);
}

extern void aif_override_keep_mark(job_desc_msg_t *job_desc, const job_record_t *job_ptr,
				   struct aif_decision *ret_decision)
{
	struct aif_admincomment old, new;
	char *text = NULL;

	if (!job_desc->admin_comment || !aif_job_mark(job_ptr, &old) ||
	    aif_admincomment_read(job_desc->admin_comment, &new) > 0)
		return;
	if (!aif_admincomment_merge(job_desc->admin_comment, &old, &text, NULL)) {
		xfree(job_desc->admin_comment);
		job_desc->admin_comment = xstrdup(text);
		free(text);
	} else if (old.residency[0]) {
		aif_verdict_refuse(ret_decision, AIF_R_WIDEN,
				   "the job's residency tag is in its admin_comment and would be lost", NULL,
				   old.residency, "write a JSON object instead, the tag is added to it");
	}
}
