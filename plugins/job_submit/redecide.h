/*
 * redecide.h - decide again about a job that exists
 */
#ifndef AIF_REDECIDE_H
#define AIF_REDECIDE_H

#include "slurmctld.h"

#include "admincomment.h"
#include "decide.h"

/*
 * Decide about a job as it would be with the changes of update (a job_desc as job_modify gets it; all fields
 * unset: as it is) and those options. What the job itself has in the counts of its allocation is taken off first.
 * Locks: config and node read, job and partition read; takes association manager read locks. The decision points
 * into the snapshot.
 */
extern void aif_redecide(const struct aif_snapshot *snapshot, const struct aif_options *options,
			 const job_desc_msg_t *update, job_record_t *job_ptr, struct aif_decision *ret_decision);

/*
 * The same about a job as it is, with the options that were decided at its submission. An operator's word on a
 * rule (key "over") makes a refusal by that rule an acceptance.
 */
extern void aif_redecide_unchanged(const struct aif_snapshot *snapshot, job_record_t *job_ptr,
				   struct aif_decision *ret_decision);

/*
 * It was accepted again (or held): what it asks more than the record says counts at once, before the next look at the
 * queue. Call before the mark is written. Locks as above.
 */
extern void aif_redecide_count(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
			       const struct aif_decision *decision);

/* Whether an update changes how much of a machine the job asks for. */
extern bool aif_redecide_sizes(const job_desc_msg_t *update);

/*
 * What was decided at submission, as options: mode and allocation, tag, placement, purpose. Where the record says which
 * allocation it is, the mark does not count: it is written before Slurm takes an update, which Slurm may then refuse. snapshot
 * may be NULL. Takes the association manager's QOS read lock.
 */
extern void aif_redecide_options(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
				 const struct aif_admincomment *mark, struct aif_options *ret_options);

#endif
