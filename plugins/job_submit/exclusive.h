/*
 * exclusive.h - the GPUs that a job gets because it takes whole nodes
 *
 * With --exclusive, or in a partition with OverSubscribe=EXCLUSIVE, Slurm allocates and charges every GPU of the
 * nodes, whatever the job asked for; it only shows once the job runs.
 */
#ifndef AIF_EXCLUSIVE_H
#define AIF_EXCLUSIVE_H

#include "slurmctld.h"

/*
 * GPUs of the nodes that a job of so many nodes (>= 1) and GPUs takes in any of its partitions (comma list): never less
 * than gpus; gpus itself when the job shares its nodes. Nodes of a partition count as equal. Partition read lock.
 */
extern uint64_t aif_exclusive_gpus(const job_desc_msg_t *job_desc, const char *partitions,
				   uint32_t nodes, uint64_t gpus);

/* Whether the job wants its nodes for itself, in whatever partition. */
extern bool aif_exclusive_asked(const job_desc_msg_t *job_desc);

#endif
