/*
 * strict.h - jobs that wait for as few islands as they would have on an empty machine
 */
#ifndef AIF_SELECT_STRICT_H
#define AIF_SELECT_STRICT_H

#include "plan.h"

/*
 * The job test of a job that waits so, until a certain time: it starts now only on few islands; a test that looks ahead is
 * given the nodes that do and become free first, so that backfill keeps them for it, or that time. To cons_tres and the
 * user a job that does not start is one for which nodes are busy. Returns false where nothing is known to wait for; then
 * nothing was done, and the job is one like others.
 */
extern bool strict_job_test(const struct aif_job_test *test, const struct plan_ask *ask, time_t until, int *ret_rc);

#endif
