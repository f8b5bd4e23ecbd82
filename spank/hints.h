/*
 * hints.h - where the node and its GPUs lie, for the tasks: AIF_ISLAND, AIF_TOPOLOGY, AIF_NODE_ORDER, AIF_GPU_ORDER
 *
 * Each is right or not there at all: what came with the environment is of another node or step and goes. Only in
 * slurmstepd, on the one thread that runs callbacks.
 */
#ifndef AIF_SPANK_HINTS_H
#define AIF_SPANK_HINTS_H

#include <slurm/spank.h>

/* Once per step: what is the same for all tasks on this node; also reads how the node's GPUs are linked. */
extern void spank_aif_hints_node(spank_t spank);

/* In each task, in a process of its own, after the step's GPUs were bound to it. */
extern void spank_aif_hints_gpus(spank_t spank);

#endif
