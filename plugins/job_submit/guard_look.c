/* guard_look.c - see guard_look.h */
#include "guard_look.h"

#include "job_alloc.h"
#include "job_start.h"
#include "redecide.h"
#include "tally.h"

#include <string.h>

/* Data of slurmctld: weak, so that the plugin can be loaded (and inspected) where there is none. */
extern list_t *job_list __attribute__((weak));

struct look {
	const struct aif_snapshot *snapshot;
	struct aif_guard_plan *plan;
	struct aif_decision decision; /* the last one */
};

extern bool aif_guard_holds(const job_record_t *job_ptr)
{
	struct aif_admincomment mark;

	return !job_ptr->priority && aif_job_mark_with(job_ptr, "\"hold\"", &mark) && mark.hold[0];
}

extern int aif_guard_each(job_record_t *job_ptr, int (*fn)(void *job_ptr, void *arg), void *arg)
{
	if (!job_ptr->het_job_list)
		return fn(job_ptr, arg);
	return list_for_each(job_ptr->het_job_list, fn, arg);
}

static void _add_step(struct aif_guard_plan *plan, const job_record_t *job_ptr, enum aif_guard_kind kind,
		      const struct aif_decision *decision)
{
	struct aif_guard_step *step;

	if (plan->count >= AIF_GUARD_STEPS) {
		plan->full = true;
		return;
	}
	step = &plan->steps[plan->count++];
	step->job_id = job_ptr->job_id;
	step->kind = kind;
	step->minutes = decision ? decision->minutes : AIF_MINUTES_UNKNOWN;
	step->rule = decision ? decision->rule : NULL;
	step->qos = decision ? decision->qos : NULL;
	step->text[0] = '\0';
	if (decision)
		memcpy(step->text, decision->message, sizeof(step->text));
}

/* ---- first, every job, in a glance ---- */

static int _stop_if_barred(void *x, void *arg)
{
	struct look *look = arg;
	const job_record_t *job_ptr = x;
	const struct aif_alloc *alloc = aif_job_alloc(look->snapshot, job_ptr);

	if (!alloc || aif_job_may_start(look->snapshot, alloc, job_ptr, &look->decision))
		return 0;
	return -1;
}

static void _remember_held(struct aif_guard_plan *plan, const job_record_t *job_ptr)
{
	if (plan->held_seen++ >= plan->skip && plan->held_count < AIF_GUARD_HELD)
		plan->held[plan->held_count++] = job_ptr->job_id;
}

static void _glance(struct look *look, job_record_t *job_ptr)
{
	struct aif_admincomment mark;
	bool marked = aif_job_mark_with(job_ptr, "\"hold\"", &mark) && mark.hold[0];

	if (!job_ptr->priority && marked)
		_remember_held(look->plan, job_ptr);
	else if (!job_ptr->priority)
		return; /* somebody else's hold is not ours to touch */
	else if (aif_guard_each(job_ptr, _stop_if_barred, look) < 0)
		_add_step(look->plan, job_ptr, AIF_GUARD_HOLD, &look->decision);
	else if (marked)
		_add_step(look->plan, job_ptr, AIF_GUARD_UNMARK, NULL);
}

static int _see(void *x, void *arg)
{
	job_record_t *job_ptr = x;
	struct look *look = arg;
	const struct aif_alloc *alloc = aif_job_alloc(look->snapshot, job_ptr);

	if (!alloc)
		return 0;
	aif_tally_see(look->snapshot, job_ptr, alloc);
	/* A component of a het job is looked at with its leader. */
	if (IS_JOB_PENDING(job_ptr) && job_ptr->details && (!job_ptr->het_job_id || job_ptr->het_job_list))
		_glance(look, job_ptr);
	return 0;
}

/* ---- then, those that we hold, in full ---- */

/* What is released counts for those that are looked at after it. */
static int _stop_if_refused(void *x, void *arg)
{
	struct look *look = arg;

	aif_redecide_unchanged(look->snapshot, x, &look->decision);
	if (look->decision.verdict != AIF_ACCEPT)
		return -1;
	if (look->decision.alloc)
		aif_redecide_count(look->snapshot, x, &look->decision);
	return 0;
}

static int _stop_if_told_otherwise(void *x, void *arg)
{
	const struct aif_decision *decision = arg;
	const job_record_t *job_ptr = x;
	struct aif_admincomment mark;

	(void) aif_job_mark(job_ptr, &mark);
	return xstrcmp(job_ptr->state_desc, decision->message) || strcmp(mark.hold, decision->rule) ? -1 : 0;
}

static void _look_at_held(struct look *look, job_record_t *job_ptr)
{
	if (aif_guard_each(job_ptr, _stop_if_refused, look) >= 0)
		_add_step(look->plan, job_ptr, AIF_GUARD_RELEASE, &look->decision);
	else if (look->decision.rule && aif_guard_each(job_ptr, _stop_if_told_otherwise, &look->decision) < 0)
		_add_step(look->plan, job_ptr, AIF_GUARD_TELL, &look->decision);
}

static void _look_at_all_held(struct look *look)
{
	struct aif_guard_plan *plan = look->plan;
	size_t done = 0;

	for (; done < plan->held_count && plan->count < AIF_GUARD_STEPS; done++) {
		job_record_t *job_ptr = find_job_record(plan->held[done]);

		if (job_ptr)
			_look_at_held(look, job_ptr);
	}
	plan->skip += done;
	if (plan->skip < plan->held_seen)
		plan->full = true;
	else
		plan->skip = 0;
}

extern void aif_guard_look(const struct aif_snapshot *snapshot, struct aif_guard_plan *plan)
{
	assoc_mgr_lock_t locks = { .assoc = READ_LOCK, .qos = READ_LOCK };
	struct look look = { .snapshot = snapshot, .plan = plan };

	plan->full = false;
	plan->count = plan->held_seen = plan->held_count = 0;
	if (!&job_list || !job_list)
		return;
	assoc_mgr_lock(&locks);
	aif_tally_begin(snapshot);
	(void) list_for_each_ro(job_list, _see, &look);
	aif_tally_end();
	assoc_mgr_unlock(&locks);
	_look_at_all_held(&look);
}
