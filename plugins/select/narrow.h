/*
 * narrow.h - offer cons_tres few nodes before all nodes
 *
 * For a GPU job that may start now, up to two proposals are tried: exactly the nodes that lib/place.h chooses, then all
 * candidates in the islands these touch. The first that cons_tres accepts is it. If it accepts none, the record is put
 * back as it was and the original call is made, so that a job starts whenever it would start under stock Slurm, and
 * preemption and the reasons of pending jobs are cons_tres' alone.
 *
 * For the question whether a job could ever run (TEST_ONLY) see ever.h. Jobs that say where they want to be, or that are
 * none of ours to place, go through unchanged (see _is_ours() and aif_compat_job_is_bound()); for those that wait for few
 * islands see strict.h, and for those that cannot start now _test_too_few().
 */
#ifndef AIF_SELECT_NARROW_H
#define AIF_SELECT_NARROW_H

#include "select_api.h"

/* select_p_job_test() with proposals first. Same outputs and return values as the stock call. */
extern int narrow_job_test(struct aif_job_test *test);

#endif
