/*
 * imprint.h - write what was decided into the submission
 */
#ifndef AIF_IMPRINT_H
#define AIF_IMPRINT_H

#include "slurmctld.h"

#include "decide.h"

/*
 * Make an accepted or held submission carry its decision: account, QOS (unless it keeps the one asked for), time limit,
 * priority 0 if held, admin_comment, AIF_* for the job, and AIF_REQUEST with the decided values for SPANK on the nodes. -1 with a message when admin_comment cannot take the
 * residency tag; job_desc is then half written and must not be used.
 */
extern int aif_imprint(const struct aif_snapshot *snapshot, const struct aif_decision *decision,
		       job_desc_msg_t *job_desc, struct aif_error *err);

/*
 * Merge a decision into an admin_comment (xmalloc'ed, may be NULL), replacing *comment. holds: with decision->rule as the
 * reason that we hold the job for. A foreign text that is no JSON
 * object stays; that is refused (-1) when there is a residency tag to keep.
 */
extern int aif_imprint_comment(const struct aif_snapshot *snapshot,
			       const struct aif_decision *decision, bool holds, char **comment,
			       struct aif_error *err);

#endif
