/*
 * keep_siblings.h - no job with a residency tag goes to a cluster of the federation that lies outside of it
 */
#ifndef AIF_KEEP_SIBLINGS_H
#define AIF_KEEP_SIBLINGS_H

#include "slurmctld.h"

#include "decide.h"

/*
 * Put into *clusters (the job's --clusters, as Slurm allocates it) those of the clusters asked for (NULL: any) that the
 * decision's tag allows. Where that is none, the decision becomes a refusal (AIF-R008). Nothing is done outside of a
 * federation, or without a tag. Needs the federation read lock.
 */
extern void aif_keep_siblings(const struct aif_snapshot *snapshot, const char *asked, char **clusters,
			      struct aif_decision *decision);

#endif
