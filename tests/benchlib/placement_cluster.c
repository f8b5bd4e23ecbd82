/* placement_cluster.c - see placement_cluster.h */
#include "placement_cluster.h"

#include <stdlib.h>

#define LINKS_GPUS 8

/* HPE EX235a: 8 dies in 4 modules (reference: OLCF's picture of a Frontier node). */
static const uint16_t pair_links[LINKS_GPUS * LINKS_GPUS] = {
    0, 4, 1, 0, 0, 0, 2, 0, 4, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 2, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 1,
    0, 0, 2, 0, 0, 4, 1, 0, 0, 1, 0, 0, 4, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 4, 0, 0, 0, 1, 0, 1, 4, 0};

/* ---- islands ---- */

static uint32_t parts(uint32_t whole, uint32_t part)
{
    return (whole + part - 1) / part;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static int lay_out(struct placement_cluster *cluster)
{
    const struct placement_shape *shape = &cluster->shape;
    const uint32_t group = shape->group ? shape->group : shape->nodes;
    uint32_t leaf = 0, node = 0;

    cluster->group_count = parts(shape->nodes, group);
    cluster->leaf_first = calloc(shape->nodes + 1, sizeof(uint32_t));
    cluster->group_of = calloc(shape->nodes, sizeof(uint32_t));
    cluster->leaf_of = calloc(shape->nodes, sizeof(uint32_t));
    cluster->group_first = calloc(cluster->group_count + 1, sizeof(uint32_t));
    if (!cluster->leaf_first || !cluster->group_of || !cluster->leaf_of || !cluster->group_first)
        return -1;
    for (uint32_t g = 0; g < cluster->group_count; g++) {
        const uint32_t end = smaller((g + 1) * group, shape->nodes);

        for (cluster->group_first[g] = leaf; node < end; leaf++) {
            const uint32_t leaf_end = smaller(node + shape->leaf, end);

            cluster->group_of[leaf] = g;
            for (cluster->leaf_first[leaf] = node; node < leaf_end; node++)
                cluster->leaf_of[node] = leaf;
        }
    }
    cluster->leaf_count = cluster->group_first[cluster->group_count] = leaf;
    cluster->leaf_first[leaf] = node;
    return 0;
}

static int make_fabrics(struct placement_cluster *cluster)
{
    const uint32_t count = cluster->shape.nodes;
    uint32_t *groups = calloc(count, sizeof(uint32_t)), *none = calloc(count, sizeof(uint32_t));
    const uint32_t *ids[] = {cluster->leaf_of, groups}, *flat[] = {none};
    struct aif_error err;
    int rc = -1;

    if (groups && none) {
        for (uint32_t i = 0; i < count; i++)
            groups[i] = cluster->group_of[cluster->leaf_of[i]];
        rc = aif_fabric_from_islands(count, cluster->group_count > 1 ? 2 : 1, ids, NULL, NULL,
                                     &cluster->fabric, &err);
        if (!rc)
            rc = aif_fabric_from_islands(count, 1, flat, NULL, NULL, &cluster->flat, &err);
    }
    free(groups);
    free(none);
    return rc;
}

/* ---- nodes ---- */

static int make_nodes(struct placement_cluster *cluster)
{
    const struct placement_shape *shape = &cluster->shape;
    struct aif_error err;

    cluster->nodes = calloc(shape->nodes, sizeof(*cluster->nodes));
    cluster->holder = calloc((size_t)shape->nodes * shape->gpus, sizeof(uint32_t));
    cluster->ends = calloc((size_t)shape->nodes * shape->gpus, sizeof(uint32_t));
    if (!cluster->nodes || !cluster->holder || !cluster->ends)
        return -1;
    for (uint32_t i = 0; i < shape->nodes; i++)
        cluster->nodes[i] =
            (struct aif_place_node){.free_mask = (UINT64_C(1) << shape->gpus) - 1,
                                    .gpus = (uint8_t)shape->gpus,
                                    .free = (uint8_t)shape->gpus,
                                    .pattern = shape->pairs ? 0 : AIF_PLACE_PATTERN_NONE};
    for (uint32_t i = 0; i < shape->nodes * shape->gpus; i++)
        cluster->holder[i] = PLACEMENT_NOBODY;
    cluster->idle = cluster->with_free[shape->gpus] = shape->nodes;
    return shape->pairs ? aif_gpulinks_create(LINKS_GPUS, pair_links, NULL, &cluster->links, &err)
                        : 0;
}

struct placement_cluster *placement_cluster_create(const struct placement_shape *shape)
{
    struct placement_cluster *cluster = calloc(1, sizeof(*cluster));

    if (!cluster)
        return NULL;
    cluster->shape = *shape;
    if (!shape->nodes || !shape->leaf || !shape->gpus || shape->gpus > PLACEMENT_GPUS_MAX ||
        (shape->pairs && shape->gpus != LINKS_GPUS) || lay_out(cluster) || make_fabrics(cluster) ||
        make_nodes(cluster)) {
        placement_cluster_destroy(cluster);
        return NULL;
    }
    return cluster;
}

void placement_cluster_destroy(struct placement_cluster *cluster)
{
    if (!cluster)
        return;
    free(cluster->leaf_first);
    free(cluster->group_first);
    free(cluster->leaf_of);
    free(cluster->group_of);
    aif_fabric_destroy(cluster->fabric);
    aif_fabric_destroy(cluster->flat);
    aif_gpulinks_destroy(cluster->links);
    free(cluster->nodes);
    free(cluster->holder);
    free(cluster->ends);
    free(cluster);
}

/* ---- jobs come and go ---- */

static uint32_t broken_pairs(const struct placement_cluster *cluster, uint64_t mask)
{
    const uint64_t even = UINT64_C(0x5555555555555555);

    return cluster->links ? (uint32_t)__builtin_popcountll((mask ^ (mask >> 1)) & even) : 0;
}

/* Before and after a change of the node: its part in the counters goes (-1) and comes (1). */
static void count_node(struct placement_cluster *cluster, const struct aif_place_node *node,
                       uint32_t by)
{
    const bool idle = node->free == node->gpus;

    cluster->with_free[node->free] += by;
    cluster->busy += by * (uint32_t)(node->gpus - node->free);
    cluster->idle += by * idle;
    cluster->stranded += by * (idle ? 0u : node->free);
    cluster->broken += by * broken_pairs(cluster, node->free_mask);
}

/* Which devices Slurm would give is not what is compared: all sides get the best linked ones. */
static uint64_t devices(const struct placement_cluster *cluster, uint64_t free, uint32_t gpus)
{
    uint64_t rest = free;

    if (cluster->links)
        return aif_gpulinks_pick(cluster->links, free, gpus);
    for (uint32_t i = 0; i < gpus; i++)
        rest &= rest - 1;
    return free & ~rest;
}

void placement_cluster_take(struct placement_cluster *cluster, uint32_t node, uint32_t gpus,
                            uint32_t job, uint32_t end)
{
    struct aif_place_node *it = &cluster->nodes[node];
    const uint64_t taken = devices(cluster, it->free_mask, gpus);

    count_node(cluster, it, UINT32_MAX);
    for (uint32_t i = 0; i < it->gpus; i++) {
        if (taken >> i & 1) {
            cluster->holder[node * it->gpus + i] = job;
            cluster->ends[node * it->gpus + i] = end;
        }
    }
    it->free_mask &= ~taken;
    it->free = (uint8_t)(it->free - gpus);
    if (it->until < end)
        it->until = end;
    count_node(cluster, it, 1);
}

void placement_cluster_give(struct placement_cluster *cluster, uint32_t node, uint32_t job)
{
    struct aif_place_node *it = &cluster->nodes[node];

    count_node(cluster, it, UINT32_MAX);
    it->until = 0;
    for (uint32_t i = 0; i < it->gpus; i++) {
        const uint32_t slot = node * it->gpus + i;

        if (cluster->holder[slot] == job) {
            cluster->holder[slot] = PLACEMENT_NOBODY;
            it->free_mask |= UINT64_C(1) << i;
            it->free++;
        } else if (cluster->holder[slot] != PLACEMENT_NOBODY && it->until < cluster->ends[slot]) {
            it->until = cluster->ends[slot];
        }
    }
    count_node(cluster, it, 1);
}
