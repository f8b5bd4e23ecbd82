/*
 * advised.h - rules that only advise: a line in slurmctld's log, and an event for the ledger, for each that would have stood
 * in the way of a job that goes on
 *
 * What is refused anyway is not told: with the rule on, nothing would be different.
 */
#ifndef AIF_ADVISED_H
#define AIF_ADVISED_H

#include "slurmctld.h"

#include "decide.h"
#include "snapshot.h"

/* Call only where the decision has some (advised_count). No lock needed. */
extern void aif_advised_submission(const struct aif_snapshot *snapshot, const job_desc_msg_t *job_desc,
				   const struct aif_decision *decision) __attribute__((cold));

/* The same of an update by that user. Needs the job lock. */
extern void aif_advised_update(const struct aif_snapshot *snapshot, const job_record_t *job_ptr, uint32_t uid,
			       const struct aif_decision *decision) __attribute__((cold));

#endif
