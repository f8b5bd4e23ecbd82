/*
 * no_policy.h - what to do while there is no valid policy: slurmctld was started with a broken file
 */
#ifndef AIF_NO_POLICY_H
#define AIF_NO_POLICY_H

#include "slurmctld.h"

#include "decide.h"

/*
 * Refuse (AIF-C010) a submission with options of ours, and one that asks GPUs for a EuroHPC project, since nobody can tell
 * what that may still use; leave any other alone. A project is known by its account or QOS being spelled as a project
 * ID, or by a QOS (the one asked for, else the default one) that "aif apply" made. Same locks as aif_verdict().
 */
extern void aif_no_policy(const job_desc_msg_t *job_desc, const struct aif_options *options,
			  struct aif_decision *ret_decision);

#endif
