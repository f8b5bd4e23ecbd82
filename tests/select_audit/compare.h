/*
 * compare.h - ask stock and the wrapper the same, and log what differs
 *
 * One line per finding, "audit: WHAT JobId=… MODE …":
 *   LOST     stock would have started the job in this call and ours did not, or where backfill has to wait
 *   LATER    ours plans it for a later time than stock
 *   RANGE    ours gave fewer or more nodes than the job may have and not as many as stock, or another number of GPUs
 *   CODE     both refuse, with different codes (they become the pending reason); or ours would never run the job
 *   PREEMPT  ours stops jobs where stock stops none, or fewer
 *   DIFFERS  both start it now, on other nodes: what the wrapper is for
 *   FOUND    ours starts the job, or holds it for possible, and stock does not
 *   STRICT   the job waits because its user asked to (--ai-placement=…,strict): not a loss
 *   RECOUNT  the wrapper's table was wrong after a change
 * and from time to time one "audit: totals" line with how many of each there were.
 */
#ifndef AIF_SELECT_AUDIT_COMPARE_H
#define AIF_SELECT_AUDIT_COMPARE_H

#include "select_trial.h"

/* The answer is ours. */
extern int compare_job_test(const struct aif_select_ops *stock, const struct aif_select_ops *ours,
			    struct aif_job_test *test);

/* differences: what the wrapper's recount returned; negative: it has no table. */
extern void compare_recount(int differences, const char *after);

extern void compare_log_totals(void);

#endif
