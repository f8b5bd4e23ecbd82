/* guard.c - see guard.h */
#include "guard.h"

#include "guard_act.h"
#include "guard_look.h"
#include "own_thread.h"
#include "snapwatch.h"
#include "tally.h"

#include <stdlib.h>
#include <time.h>

#define EARLY_ROUNDS 3   /* one second apart, while slurmctld still reads its state */
#define SETTLE_SECONDS 2 /* until the lane plugins have read a change, too: a released job gets its priority there */

/* What the thread works on; its own, as it may be left behind. */
struct guard {
	uint32_t early; /* rounds that are still to come at once */
	bool settling;  /* due is soon, because of a change */
	time_t due;
	struct aif_snapshot *seen; /* at the last round; a reference */
	struct aif_guard_plan plan;
};

static struct aif_own_thread *current;

static const slurmctld_lock_t look_locks = { .conf = READ_LOCK, .job = READ_LOCK, .node = READ_LOCK,
					   .part = READ_LOCK };
static const slurmctld_lock_t act_locks = { .conf = READ_LOCK, .job = WRITE_LOCK, .node = WRITE_LOCK,
					   .part = READ_LOCK, .fed = READ_LOCK };

/* ---- a round ---- */

static void _act(struct aif_own_thread *thread, struct guard *guard)
{
	bool released;

	if (!guard->plan.count || !aif_own_thread_lock(thread, act_locks))
		return;
	released = aif_guard_act(&guard->plan);
	unlock_slurmctld(act_locks);
	if (released)
		queue_job_scheduler();
}

static void _round(struct aif_own_thread *thread, struct guard *guard)
{
	if (!aif_own_thread_lock(thread, look_locks))
		return;
	aif_guard_look(guard->seen, &guard->plan);
	unlock_slurmctld(look_locks);
	_act(thread, guard);
}

/* Takes over the reference. Returns whether the configuration is another than at the last round. */
static bool _adopt(struct guard *guard, struct aif_snapshot *snapshot)
{
	bool changed = snapshot != guard->seen;

	aif_snapshot_put(guard->seen);
	guard->seen = snapshot;
	return changed;
}

static void _plan_next(struct guard *guard)
{
	uint32_t wait = guard->seen->policy->recheck;

	if (guard->early)
		guard->early--;
	if (guard->early || guard->plan.full || !wait)
		wait = 1;
	guard->due = time(NULL) + wait;
}

static void _tick(struct aif_own_thread *thread, void *arg)
{
	struct guard *guard = arg;
	bool changed = _adopt(guard, aif_snapwatch_get());
	time_t now = time(NULL);

	if (!guard->seen || !aif_own_thread_in_control())
		return;
	if (changed && !guard->settling) {
		guard->settling = true;
		guard->due = now + SETTLE_SECONDS;
	}
	if (now < guard->due)
		return;
	guard->settling = false;
	_round(thread, guard);
	_plan_next(guard);
}

/* ---- life ---- */

static void _destroy(void *arg)
{
	struct guard *guard = arg;

	aif_snapshot_put(guard->seen);
	free(guard);
}

extern int aif_guard_start(void)
{
	struct guard *guard;

	if (current || !running_in_slurmctld())
		return SLURM_SUCCESS;
	guard = calloc(1, sizeof(*guard));
	if (!guard)
		return SLURM_ERROR;
	guard->early = EARLY_ROUNDS;
	current = aif_own_thread_start(_tick, _destroy, guard);
	if (current)
		return SLURM_SUCCESS;
	_destroy(guard);
	return SLURM_ERROR;
}

extern void aif_guard_stop(void)
{
	if (!current)
		return;
	aif_own_thread_stop(current);
	current = NULL;
	aif_tally_forget();
}
