/*
 * submission.h - the decision about one submission, from what the client sent to the final word
 */
#ifndef AIF_SUBMISSION_H
#define AIF_SUBMISSION_H

#include "slurmctld.h"

#include "decide.h"

/*
 * Decide about a submission with these options, components of a heterogeneous job in their order and in one thread.
 * Nothing is written to it. hint: from aif_alloctable_expect(), for its QOS and account. Locks as for aif_verdict().
 */
extern void aif_submission_decide(const struct aif_snapshot *snapshot, const struct aif_options *options,
				  const job_desc_msg_t *job_desc, const struct aif_alloctable_hint *hint,
				  struct aif_decision *ret_decision);

/* It was accepted (or held): what it asks counts for those that come before Slurm itself counts it. */
extern void aif_submission_count(const struct aif_snapshot *snapshot, const job_desc_msg_t *job_desc,
				 const struct aif_decision *decision);

#endif
