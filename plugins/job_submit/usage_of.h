/*
 * usage_of.h - how much of an allocation is used, as slurmctld counts it
 */
#ifndef AIF_USAGE_OF_H
#define AIF_USAGE_OF_H

#include "decide.h"

/* What a job that exists already has in the counts of its allocation: to be taken off when it is decided about again. */
struct aif_usage_own {
	const struct aif_alloc *alloc; /* NULL: nothing */
	struct aif_usage usage;        /* pending_secs, inference_secs, submits, user_submits */
};

/* What aif_usage_of() needs and finds. */
struct aif_usage_query {
	const struct aif_snapshot *snapshot;
	uint32_t uid;        /* whose queued jobs are asked */
	const struct aif_usage_own *own; /* NULL: of no job */
	bool exact;          /* set it to have the association manager itself asked */
	bool rough;          /* found: the numbers are from the table, a moment old, and user_submits is all users' */
	bool missing;        /* found: slurmdbd has no QOS (carrier "association": no account) of the allocation's name */
	bool decays;         /* found: Slurm forgets usage of associations, so the carrier cannot be one */
};

/*
 * An aif_usage_fn, arg is a struct aif_usage_query. From the table (usage_table.h) in O(1) where that is fresh, else
 * from the association manager (read locks for associations, QOS and TRES), which has to be searched for a QOS. Usage
 * counts as not known when Slurm does not track the TRES or does not enforce limits (then it keeps no such usage).
 */
extern void aif_usage_of(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage);

#endif
