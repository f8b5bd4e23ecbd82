/*
 * gpusite.h - the cluster as slurmctld knows it: configuration, nodes with GPUs, partitions, topology
 */
#ifndef AIF_TOOL_GPUSITE_H
#define AIF_TOOL_GPUSITE_H

#include "fabric.h"
#include "hosts.h"
#include "slurmdb.h"

struct aif_gpusite_node {
    const node_info_t *info;
    uint32_t gpus;
    char *address; /* as fabric.h wants it; NULL: in no switch */
};

struct aif_gpusite {
    slurm_conf_t *conf;
    node_info_msg_t *nodes;
    partition_info_msg_t *parts;
    struct aif_gpusite_node *gpu_nodes; /* in the order of nodes */
    size_t count;
    uint32_t gpus;      /* per node, of most nodes with GPUs */
    bool blocks;        /* topology/block */
    uint32_t depth;     /* levels that the topology has, counted or not */
    struct aif_nametable *by_name; /* all nodes: node_info_t */
};

/*
 * Ask slurmctld (aif_slurm_init() first). Returns AIF_EXIT_OK, or an exit code after one line. The caller frees the site.
 */
int aif_gpusite_load(struct aif_gpusite **ret_site);
void aif_gpusite_free(struct aif_gpusite *site);

/* The islands of the nodes with GPUs, as the topology has them; the caller destroys the fabric. */
struct aif_fabric *aif_gpusite_fabric(const struct aif_gpusite *site, const struct aif_fabric_levelconf *confs,
                                      uint32_t conf_count);

/* Whether any node of the partition has GPUs. */
bool aif_gpusite_part_has_gpus(const struct aif_gpusite *site, const partition_info_t *part);

#endif
