/*
 * verdict.h - from a submission to the final word on it
 *
 * aif_decide() plus what only slurmctld knows: usage, whether the QOS or account exists, whether the select
 * wrapper is active, and whether any node lies inside the tag.
 */
#ifndef AIF_VERDICT_H
#define AIF_VERDICT_H

#include "slurmctld.h"

#include "decide.h"
#include "usage_of.h"

/*
 * Decide about a request of the user with this uid; own: of a job that exists already, else NULL. Usage that is
 * far from every limit may be a moment old (see usage_table.h); what is refused, held or told rests on exact
 * numbers. Locks: config, node and partition read; takes association manager read locks. The decision points into
 * the snapshot.
 */
extern void aif_verdict(const struct aif_snapshot *snapshot, const struct aif_request *request,
			uint32_t uid, const struct aif_usage_own *own,
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
