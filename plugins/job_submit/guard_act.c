/* guard_act.c - see guard_act.h */
#include "guard_act.h"

#include "audit_submit.h"
#include "job_alloc.h"
#include "job_hold.h"

#include <stdio.h>
#include <stdlib.h>

/* False where admin_comment is no JSON: without the mark nobody would know that the hold is ours. */
static bool _mark(job_record_t *job_ptr, const char *rule)
{
	struct aif_admincomment mark;
	char *text = NULL;

	(void) aif_job_mark(job_ptr, &mark);
	aif_admincomment_hold(&mark, rule, time(NULL));
	if (aif_admincomment_merge(job_ptr->admin_comment, &mark, &text, NULL))
		return false;
	xfree(job_ptr->admin_comment);
	job_ptr->admin_comment = xstrdup(text);
	free(text);
	return true;
}

static int _hold(void *x, void *arg)
{
	const struct aif_guard_step *step = arg;
	job_record_t *job_ptr = x;

	if (job_ptr->priority && _mark(job_ptr, step->rule)) {
		aif_job_hold(job_ptr, step->text);
		info("job_submit/aif: %pJ is held: %s", job_ptr, step->text);
		aif_audit_held(job_ptr, step->rule, step->text);
	}
	return 0;
}

static int _tell(void *x, void *arg)
{
	const struct aif_guard_step *step = arg;
	job_record_t *job_ptr = x;

	if (aif_guard_holds(job_ptr) && _mark(job_ptr, step->rule))
		aif_job_hold_reason(job_ptr, step->text);
	return 0;
}

static int _release(void *x, void *arg)
{
	const struct aif_guard_step *step = arg;
	job_record_t *job_ptr = x;

	if (!aif_guard_holds(job_ptr))
		return 0;
	/* What is left may be on the other QOS than at submission: the allocation's own, or the free one. */
	if (step->qos && !job_ptr->het_job_id && !aif_job_move_qos(job_ptr, step->qos))
		return 0;
	(void) _mark(job_ptr, "");
	if (step->minutes != AIF_MINUTES_UNKNOWN && !job_ptr->het_job_id)
		job_ptr->time_limit = MIN(step->minutes, job_ptr->time_limit);
	aif_job_release(job_ptr);
	info("job_submit/aif: %pJ is released: nothing is against it any more", job_ptr);
	return 0;
}

static int _unmark(void *x, void *arg)
{
	job_record_t *job_ptr = x;

	(void) arg;
	if (job_ptr->priority)
		(void) _mark(job_ptr, "");
	return 0;
}

extern bool aif_guard_act(const struct aif_guard_plan *plan)
{
	static int (*const acts[])(void *, void *) = {
		[AIF_GUARD_HOLD] = _hold,
		[AIF_GUARD_TELL] = _tell,
		[AIF_GUARD_RELEASE] = _release,
		[AIF_GUARD_UNMARK] = _unmark,
	};
	bool released = false;

	for (size_t i = 0; i < plan->count; i++) {
		struct aif_guard_step step = plan->steps[i];
		job_record_t *job_ptr = find_job_record(step.job_id);

		if (!job_ptr || !IS_JOB_PENDING(job_ptr) || !job_ptr->details)
			continue;
		(void) aif_guard_each(job_ptr, acts[step.kind], &step);
		released = released || step.kind == AIF_GUARD_RELEASE;
	}
	return released;
}
