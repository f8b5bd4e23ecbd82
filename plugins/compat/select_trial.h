/*
 * select_trial.h - ask a select plugin what it would answer, and leave no trace of the question
 *
 * For the audit of the wrapper (tests/select_audit): the stock plugin is asked first, on copies, and then
 * the wrapper, for good. What select/cons_tres may leave behind in the records was read in its sources
 * (cons_common/job_test.c and cons_tres/ of 22.05, cons_tres/job_test.c and topology/ of 24.11): see _save().
 *
 * All calls need the locks that select_p_job_test() is called under.
 */
#ifndef AIF_COMPAT_SELECT_TRIAL_H
#define AIF_COMPAT_SELECT_TRIAL_H

#include "select_job.h"

/* What a select_p_job_test() call answered. */
struct aif_trial {
	int rc;
	bitstr_t *nodes; /* chosen; undefined content on failure */
	time_t start_time; /* of WILL_RUN */
	uint32_t total_cpus;
	uint64_t gpus; /* chosen on these nodes */
	uint32_t preempted; /* jobs to be stopped for it */
};

/* Call the plugin with copies of what test points to, then put the records back. */
extern void aif_compat_trial(const struct aif_select_ops *ops, const struct aif_job_test *test,
			     struct aif_trial *ret_trial);

/* The same about a call that was made for good: rc, and the records as it left them. */
extern void aif_compat_trial_read(const struct aif_job_test *test, int rc,
				  struct aif_trial *ret_trial);

/* Frees what a trial holds, not the struct. */
extern void aif_compat_trial_clear(struct aif_trial *trial);

/*
 * Are two refusals of a start now the same to slurmctld? Stock tree and block of 24.11 have a code of their own for nodes that
 * have too few CPUs or GPUs below any one switch; _pick_best_nodes() (node_scheduler.c) asks after either whether the job could
 * ever run, and keeps the code of that answer. 26.05 has one for each reason: the job waits for "Resources" with any of them,
 * and only the words beside that say which.
 */
extern bool aif_compat_is_same_refusal(int one, int other);

/* True if a node of these is still completing a job or on its way up: backfill puts off a start there. */
extern bool aif_compat_nodes_hold_up(bitstr_t *nodes);

#endif
