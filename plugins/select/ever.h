/*
 * ever.h - could a job ever run?
 *
 * The question (TEST_ONLY: every sbatch asks it on 22.05, and every scheduling cycle of the jobs that do not fit) is put for as
 * many nodes as the job needs, however busy they are: a yes for some nodes is a yes. For a job that asks the same of each of
 * many nodes of one kind, cons_tres is asked first about a sample: a job with the share of a few nodes, on one node in each of
 * the outermost islands. What it takes on these it takes on all: equal nodes give it equally much, and the topology that joins
 * these joins all. Otherwise cons_tres is asked as it would be without us: a no is only its to say.
 */
#ifndef AIF_SELECT_EVER_H
#define AIF_SELECT_EVER_H

#include "plan.h"

/* select_p_job_test() for a test with SELECT_MODE_TEST_ONLY. Needs slurmctld's job and node locks. */
extern int ever_job_test(const struct aif_job_test *test, const struct plan_ask *ask);

#endif
