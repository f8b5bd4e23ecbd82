/*
 * devices.h - linked GPUs for jobs that Slurm gives unlinked ones
 *
 * From 24.05 to 26.05 cons_tres takes the GPUs with the fewest links between them for --gres=gpu:2 and its kin (doc/upstream). Where the policy says
 * "correct_devices", the choice is changed between its answer and the job's begin: the best linked GPUs of the same sockets
 * and type, as many of each. On other versions nothing is done.
 */
#ifndef AIF_SELECT_DEVICES_H
#define AIF_SELECT_DEVICES_H

#include "select_api.h"

/* After cons_tres has given a job its nodes; does nothing unless test is a start. Under the locks of select_p_job_test(). */
extern void devices_correct(const struct aif_job_test *test);

#endif
