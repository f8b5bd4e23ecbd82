/*
 * gpu_counts.h - how many nodes and configured GPUs there are in a set of nodes
 *
 * Asked for every submission of a tagged job. Slurm keeps the GPUs of a node in a list behind two locks, so that asking all
 * of some thousand nodes takes milliseconds. So nodes are sorted by their number of GPUs, one bitmap for each number, and a set is
 * counted by a few passes over words. What changes without the wrapper being told (a node registers with other GPUs) is
 * seen a minute later; who is about to say no asks for exact numbers.
 *
 * Needs slurmctld's node lock at least for reading. Any thread.
 */
#ifndef AIF_SELECT_GPU_COUNTS_H
#define AIF_SELECT_GPU_COUNTS_H

#include "select_api.h"

/* Number of nodes in nodes (NULL: all) and of their GPUs. exact: as slurmctld has them now. */
extern void gpu_counts_of(const bitstr_t *nodes, bool exact, uint32_t *ret_nodes, uint32_t *ret_gpus);

/* Another number whenever they were read anew or forgotten; 0: they are not in use, each node is asked. */
extern uint64_t gpu_counts_generation(void);

/* Whether the numbers are in use and a minute old. Needs no lock. */
extern bool gpu_counts_are_old(void);

/* Read them anew, if they are in use. */
extern void gpu_counts_renew(void);

/* The node table changed: read them anew at the next use. Needs no lock. */
extern void gpu_counts_forget(void);

#endif
