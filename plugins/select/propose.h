/*
 * propose.h - offer cons_tres few nodes instead of all
 *
 * Each call gives cons_tres' own answer to the test about the nodes proposed, or anything but SLURM_SUCCESS; then the job's
 * record and the nodes of the test are as they were, and nothing has happened.
 */
#ifndef AIF_SELECT_PROPOSE_H
#define AIF_SELECT_PROPOSE_H

#include "future.h"
#include "plan.h"
#include "sample.h"

/* To start now (or ever, for TEST_ONLY) on some of nodes. Nobody is preempted for it. */
extern int propose_now(const struct aif_job_test *test, const bitstr_t *nodes);

/* To start now on the plan's nodes, or on others in their islands. */
extern int propose_plan(const struct aif_job_test *test, const struct plan *plan);

/* To start later on the plan's nodes, if cons_tres finds that this can be by that time. */
extern int propose_later(const struct aif_job_test *test, const struct plan *plan, uint32_t latest);

/*
 * To run on all of these nodes, of which the job needs so many, as it could on the sample: ever (TEST_ONLY; latest is not
 * looked at), or later, by that time.
 */
extern int propose_share(const struct aif_job_test *test, uint32_t nodes, const struct sample *sample, const bitstr_t *all,
			 time_t latest);

#endif
