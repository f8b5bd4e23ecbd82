/*
 * config_live.h - "aif config check --live": policy.json and allocations.json against the cluster that runs
 *
 * What slurmctld tells of itself (slurm.conf, partitions, nodes) and what slurmdbd has (QOS, accounts). "aif doctor" looks at the
 * rest: plugins, fabrics, GPUs, tickets.
 */
#ifndef AIF_TOOL_CONFIG_LIVE_H
#define AIF_TOOL_CONFIG_LIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot.h"

struct aif_config_live_line {
    bool fault;       /* does not work as configured; else it works, but look */
    const char *rule; /* NULL: none */
    char *text;       /* what is, and after "; " what to do */
};

struct aif_config_live {
    const struct aif_snapshot *snapshot;
    struct aif_config_live_line *lines;
    size_t count;
};

/* Ask and compare, with lines added to live, which the caller frees. An enum aif_exit, after one line where Slurm does not answer. */
int aif_config_live_run(struct aif_config_live *live);
void aif_config_live_free(struct aif_config_live *live);

#endif
