/*
 * start_check.h - the last look at a job's allocation before the job gets nodes
 *
 * What changed since it was accepted (its allocation was paused or has ended, its owner left) holds it here,
 * whatever way it came: submission, requeue, "scontrol top", a run of scrontab, a task split off an array. Why it
 * waits is then named by the guard of job_submit/aif.
 */
#ifndef AIF_SELECT_START_CHECK_H
#define AIF_SELECT_START_CHECK_H

#include "select_api.h"

/*
 * Returns false if the job may not start now. O(1). Without a valid configuration every job may. Needs the job and
 * partition locks; takes the association manager's association and QOS read locks.
 */
extern bool start_check_allows(const job_record_t *job_ptr);

#endif
