/*
 * tally.h - what the jobs of each allocation ask that Slurm does not count yet
 *
 * Slurm reserves for running jobs only. Where the policy wants what waits to count, too ("budget.count_pending"),
 * or bounds the inference share of a mode, the sums come from here: from the last look that the guard (guard.h)
 * took at the queue, and from what job_submit accepted since. Nothing is kept where no policy asks for it. Sums
 * are advice, not the bound: that is Slurm's own GrpTRESMins.
 */
#ifndef AIF_TALLY_H
#define AIF_TALLY_H

#include "slurmctld.h"

#include "decide.h"

/* Whether the policy asks for sums at all. */
extern bool aif_tally_needed(const struct aif_policy *policy);

/*
 * Whether a job that we hold for that rule (NULL: for none) counts as waiting. Not one that waits for the budget itself: two
 * of them would keep each other waiting for ever, though each would fit.
 */
extern bool aif_tally_counts(const char *held_for);

/*
 * A job was accepted that costs secs (decision.asked_secs) of the allocation; not for jobs of the free QOS. Any
 * thread, no locks needed; does nothing where no sums are asked for.
 */
extern void aif_tally_add(const struct aif_policy *policy, const struct aif_alloc *alloc, uint64_t secs,
			  bool inference);

/*
 * A waiting job is changed so that it asks asked_secs of the allocation; before: what aif_tally_of_job() says of
 * it now, all 0 if it was another's. For job_modify, under the job write lock.
 */
extern void aif_tally_grow(const struct aif_policy *policy, const struct aif_alloc *alloc, uint64_t asked_secs,
			   bool inference, const struct aif_usage *before);

/*
 * Fill pending_secs and inference_secs of *usage, 0 where the policy does not count them. Any thread, no locks
 * needed. Inference: asked by jobs that wait, reserved by those that run, used by those that ended since the
 * balances (which are not included here).
 */
extern void aif_tally_fill(const struct aif_policy *policy, const struct aif_alloc *alloc, struct aif_usage *usage);

/*
 * What one job that exists already has in those sums (same fields, in its allocation's unit), so that a decision
 * about that very job can take it off. Needs the job read lock and the association manager's QOS read lock; takes
 * its TRES read lock.
 */
extern void aif_tally_of_job(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
			     const struct aif_alloc *alloc, struct aif_usage *ret_usage);

/*
 * One look at the queue: begin, see each job of an allocation, end. For guard.c, under the job and partition read
 * locks and the association manager's QOS read lock.
 */
extern void aif_tally_begin(const struct aif_snapshot *snapshot);
extern void aif_tally_see(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
			  const struct aif_alloc *alloc);
extern void aif_tally_end(void);

/* Drop the sums; they begin anew with the next call. For fini(). */
extern void aif_tally_forget(void);

#endif
