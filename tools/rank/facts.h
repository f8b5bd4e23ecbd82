/*
 * facts.h - where this process runs: node, cores, NUMA nodes, GPUs and network devices
 *
 * From the process itself (affinity), its environment (SLURM_STEP_GPUS, AIF_TOPOLOGY, UCX_NET_DEVICES, NCCL_IB_HCA), hwloc,
 * and Slurm's gres.conf where hwloc sees no GPUs. Without hwloc NUMA nodes are not known.
 */
#ifndef AIF_RANK_FACTS_H
#define AIF_RANK_FACTS_H

#include "tools/rankmap.h"

/* Fill a rank of a map, whose number is set. Ends the program when memory is out. */
void aif_rank_facts(struct aif_rank *rank);

#endif
