/*
 * islandload.h - what the GPUs of each island do, and how much of what is free is of use to whole-node jobs
 *
 * From slurmctld; islands are those of the innermost level of the topology.
 */
#ifndef AIF_TOOL_ISLANDLOAD_H
#define AIF_TOOL_ISLANDLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "commands.h"

struct aif_islandload {
    char *name;
    uint64_t used;
    uint64_t broken; /* free, on nodes where others are used: fragments */
    uint64_t idle;   /* free, on nodes without a job */
    uint64_t down;   /* on nodes that take no jobs */
};

struct aif_islandloads {
    struct aif_islandload *islands; /* [count] */
    size_t count;
    struct aif_islandload all; /* the sums; its name is NULL */
};

/* Ask slurmctld (aif_slurm_init() was called). Returns AIF_EXIT_OK, or an exit code after one line; then there is nothing to free. */
int aif_islandloads_load(struct aif_cmd_context *ctx, struct aif_islandloads *ret_loads);
void aif_islandloads_free(struct aif_islandloads *loads);

/* Percent of the free GPUs that lie on nodes in use, rounded; 0 where none is free. */
unsigned aif_islandload_broken_percent(const struct aif_islandload *load);

#endif
