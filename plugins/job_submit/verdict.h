/*
 * verdict.h - from a submission to the final word on it
 *
 * aif_decide() plus what only slurmctld knows: usage, whether the QOS exists, whether the select wrapper is active,
 * and whether any node lies inside the tag.
 */
#ifndef AIF_VERDICT_H
#define AIF_VERDICT_H

#include "slurmctld.h"

#include "decide.h"

/*
 * Decide about a request. Locks: config, node and partition read; takes association manager read locks. The decision
 * points into the snapshot.
 */
extern void aif_verdict(const struct aif_snapshot *snapshot, const struct aif_request *request,
			struct aif_decision *ret_decision);

/* While there is no valid policy: a job with our options is refused (AIF-C010), any other left alone. */
extern void aif_verdict_no_policy(const struct aif_options *options,
				  struct aif_decision *ret_decision);

/* The refusal for malformed options; reason is libaif's text, which names its rule. */
extern void aif_verdict_bad_options(const char *reason, struct aif_decision *ret_decision);

/* Turn a decision into a refusal in the usual form; NULL parts are left out. */
extern void aif_verdict_refuse(struct aif_decision *decision, const char *rule, const char *what,
			       const char *asked, const char *limit, const char *next);

/* Slurm's code for a refusal: one whose own text does not mislead and that makes no client try again. */
extern int aif_verdict_code(const struct aif_decision *decision);

#endif
