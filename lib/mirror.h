/*
 * mirror.h - the limits that Slurm itself shall enforce for an allocation: in its QOS, or in its account's association
 *
 * With these in place nothing can be overspent even where our plugins are not loaded. Pure; used by "aif plan" and
 * "aif apply", and by the property tests that prove the bound:
 *
 * - Slurm starts a job only if used + reserved + asked <= tres_mins, each of the first two rounded down to minutes by
 *   itself. What that would give away is kept back, so used + reserved never exceed the amount; and a decision, which
 *   sums exactly and keeps back the same, accepts nothing that Slurm would not start.
 * - When Slurm lost its counter, the limits made next take off what the ledger knew then. From there on no more can be
 *   overspent than what the ledger did not yet know at that moment; until limits are made anew, no more than was lost.
 */
#ifndef AIF_MIRROR_H
#define AIF_MIRROR_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "alloc.h"
#include "balances.h"
#include "policy.h"

#define AIF_MIRROR_NONE UINT64_MAX /* no such limit */

struct aif_mirror {
    uint64_t tres_mins; /* GrpTRESMins of charge.tres; 0: nothing that takes it may start */
    uint64_t job_gpus;  /* MaxTRESPerJob */
    uint64_t job_nodes;
    uint64_t wall;      /* MaxWall, minutes */
    uint64_t jobs_per_user;
    uint64_t submits_per_user;
    uint64_t jobs;      /* GrpJobs; 0 closes */
    uint64_t submits;   /* GrpSubmitJobs; 0 closes. While an allocation is paused its jobs may wait (policy "hold") */
};

/*
 * The limits as of now. Where the policy does not apply a rule (policyenforce.h), the mirror does not either; numbers of jobs
 * that run at once have no rule and go by what it says of all. NULL: every rule is applied. balance: the ledger's numbers, NULL if not known. live_secs: what Slurm's own counter of this
 * mirror says now, in seconds of the unit; what the ledger knows beyond it was lost by Slurm and is taken off the
 * limit. free_qos: of the second QOS for use above 100 %, which has a counter of its own (live_secs) and may not be used
 * at all where the pacing allows nothing above. Thread-safe, no memory.
 */
void aif_mirror_make(const struct aif_policy *policy, const struct aif_alloc *alloc, const struct aif_balance *balance,
                     uint64_t live_secs, time_t now, bool free_qos, struct aif_mirror *ret_mirror);

/*
 * How far used + reserved + asked may go so that Slurm still starts the job: a little less than limit_secs. Slurm cuts
 * what is used and what is reserved to whole minutes each before it compares (_validate_tres_usage_limits() in
 * acct_policy.c, all versions), so up to two minutes of the charged TRES would slip through; they are kept back.
 */
uint64_t aif_mirror_limit_secs(const struct aif_alloc *alloc, uint64_t limit_secs);

/* Whether no job may start: by state, end, or a holder whose category the mode does not admit. policy may be NULL as above. */
bool aif_mirror_closed(const struct aif_policy *policy, const struct aif_alloc *alloc, time_t now);

#endif
