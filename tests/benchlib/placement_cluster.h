/*
 * placement_cluster.h - nodes with GPUs and who holds them, in simulated time (tests/bench placement)
 *
 * Leaf switches of `leaf` nodes in groups of `group` nodes; the last of each may be smaller, leaves do not reach over
 * groups. All counters are kept with each change.
 */
#ifndef PLACEMENT_CLUSTER_H
#define PLACEMENT_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "place.h"

#define PLACEMENT_GPUS_MAX 8
#define PLACEMENT_NOBODY UINT32_MAX

struct placement_shape {
    uint32_t nodes;
    uint32_t gpus; /* per node */
    uint32_t leaf;
    uint32_t group; /* 0: no groups */
    bool pairs;     /* GPUs are linked as in a node of LUMI-G, not all alike */
};

struct placement_cluster {
    struct placement_shape shape;
    uint32_t leaf_count, group_count;
    uint32_t *leaf_first;  /* [leaf_count + 1]: nodes */
    uint32_t *group_first; /* [group_count + 1]: leaves */
    uint32_t *leaf_of;     /* [nodes] */
    uint32_t *group_of;    /* [leaf_count] */
    struct aif_fabric *fabric;
    struct aif_fabric *flat; /* the same nodes without islands */
    struct aif_gpulinks *links;
    struct aif_place_node *nodes;
    uint32_t *holder; /* [nodes * gpus]: job of each GPU */
    uint32_t *ends;   /* [nodes * gpus]: when its limit ends */
    uint32_t busy;     /* GPUs */
    uint32_t idle;     /* nodes */
    uint32_t stranded; /* free GPUs of nodes in use */
    uint32_t broken;   /* linked pairs with one GPU in use */
    uint32_t with_free[PLACEMENT_GPUS_MAX + 1]; /* nodes by number of free GPUs */
};

/* NULL: no memory, or a shape that is none. */
struct placement_cluster *placement_cluster_create(const struct placement_shape *shape);
void placement_cluster_destroy(struct placement_cluster *cluster);

void placement_cluster_take(struct placement_cluster *cluster, uint32_t node, uint32_t gpus, uint32_t job, uint32_t end);
void placement_cluster_give(struct placement_cluster *cluster, uint32_t node, uint32_t job);

#endif
