/*
 * ever.h - could a job ever run?
 *
 * The question (TEST_ONLY: every sbatch asks it on 22.05, and every scheduling cycle of the jobs that do not fit) is put for as
 * many nodes as the job needs, however busy they are, of many first for a sample of them (sample.h): a yes for some nodes is a
 * yes. A no is only cons_tres' to say, and then it is asked as it would be without us.
 */
#ifndef AIF_SELECT_EVER_H
#define AIF_SELECT_EVER_H

#include "plan.h"

/* select_p_job_test() for a test with SELECT_MODE_TEST_ONLY. Needs slurmctld's job and node locks. */
extern int ever_job_test(const struct aif_job_test *test, const struct plan_ask *ask);

#endif
