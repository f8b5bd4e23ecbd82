/* placement_stock.c - see placement_stock.h */
#include "placement_stock.h"

#include <string.h>

static uint32_t leaf_size(const struct placement_pool *pool, uint32_t leaf)
{
    return pool->by_leaf[leaf + 1] - pool->by_leaf[leaf];
}

static void count_leaves(struct placement_pool *pool)
{
    for (uint32_t i = 0; i < pool->cluster->leaf_count; i++)
        pool->left[i] = leaf_size(pool, i);
}

/* The first nodes of a leaf, in index order. Returns how many. */
static uint32_t take_leaf(const struct placement_pool *pool, uint32_t leaf, uint32_t most,
                          uint32_t *ret_nodes)
{
    const uint32_t size = leaf_size(pool, leaf), count = size < most ? size : most;

    memcpy(ret_nodes, &pool->candidates[pool->by_leaf[leaf]], count * sizeof(*ret_nodes));
    return count;
}

/* ---- flat ---- */

/* The run that suffices with the fewest nodes, else the longest; used-up ones have their first
 * candidate marked. */
static uint32_t best_run(const struct placement_pool *pool, const uint8_t *used, uint32_t rest,
                         uint32_t *ret_size)
{
    uint32_t best = 0, best_size = 0;

    for (uint32_t i = 0, end; i < pool->count; i = end) {
        for (end = i + 1;
             end < pool->count && pool->candidates[end] == pool->candidates[end - 1] + 1;)
            end++;
        const uint32_t size = used[i] ? 0 : end - i;

        if (size && (!best_size || (size >= rest ? best_size < rest || size < best_size
                                                 : best_size < rest && size > best_size))) {
            best = i;
            best_size = size;
        }
    }
    *ret_size = best_size;
    return best;
}

void placement_stock_flat(struct placement_pool *pool, uint32_t nodes, uint32_t *ret_nodes)
{
    uint8_t *used = (uint8_t *)pool->distance; /* both have a byte or more per node */

    memset(used, 0, pool->count);
    while (nodes) {
        uint32_t size;
        const uint32_t first = best_run(pool, used, nodes, &size);
        const uint32_t count = size < nodes ? size : nodes;

        memcpy(ret_nodes, &pool->candidates[first], count * sizeof(*ret_nodes));
        used[first] = 1;
        ret_nodes += count;
        nodes -= count;
    }
}

/* ---- tree ---- */

static uint32_t group_size(const struct placement_pool *pool, uint32_t group)
{
    const struct placement_cluster *cluster = pool->cluster;

    return pool->by_leaf[cluster->group_first[group + 1]] -
           pool->by_leaf[cluster->group_first[group]];
}

static int compare_sizes(uint32_t a, uint32_t b, uint32_t rest, bool *ret_decided)
{
    *ret_decided = a >= rest || b >= rest;
    if (a >= rest && b >= rest)
        return a < b ? 1 : a > b ? -1 : 0;
    if (*ret_decided)
        return a >= rest ? 1 : -1;
    return a > b ? 1 : a < b ? -1 : 0;
}

/* Above 0: leaf a is the better one, by itself, else by its group. */
static int compare_leaves(const struct placement_pool *pool, uint32_t a, uint32_t b, uint32_t rest)
{
    const uint32_t *group_of = pool->cluster->group_of;
    bool decided;
    const int result = compare_sizes(pool->left[a], pool->left[b], rest, &decided);

    if (decided || group_of[a] == group_of[b])
        return result;
    return compare_sizes(group_size(pool, group_of[a]), group_size(pool, group_of[b]), rest,
                         &decided);
}

static uint32_t best_leaf(const struct placement_pool *pool, uint32_t rest)
{
    uint32_t best = UINT32_MAX;

    for (uint32_t i = 0; i < pool->cluster->leaf_count; i++) {
        if (!pool->left[i])
            continue;
        if (best == UINT32_MAX) {
            best = i;
            continue;
        }
        const int better = compare_leaves(pool, i, best, rest);

        if ((pool->distance[i] < pool->distance[best] && better >= 0) ||
            (pool->distance[i] == pool->distance[best] && better > 0))
            best = i;
    }
    return best;
}

void placement_stock_tree(struct placement_pool *pool, uint32_t nodes, uint32_t *ret_nodes)
{
    const struct placement_cluster *cluster = pool->cluster;

    count_leaves(pool);
    memset(pool->distance, 0, cluster->leaf_count * sizeof(*pool->distance));
    while (nodes) {
        const uint32_t leaf = best_leaf(pool, nodes), group = cluster->group_of[leaf];
        const uint32_t count = take_leaf(pool, leaf, nodes, ret_nodes);

        ret_nodes += count;
        nodes -= count;
        pool->left[leaf] = 0;
        for (uint32_t i = 0; i < cluster->leaf_count; i++) {
            if (i != leaf)
                pool->distance[i] += cluster->group_of[i] == group ? 2 : 4;
        }
    }
}

/* ---- dragonfly ---- */

void placement_stock_dragonfly(struct placement_pool *pool, uint32_t nodes, uint32_t *ret_nodes)
{
    const uint32_t leaves = pool->cluster->leaf_count;
    uint32_t best = 0;

    for (uint32_t i = 1; i < leaves; i++) {
        if (leaf_size(pool, i) > leaf_size(pool, best))
            best = i;
    }
    if (leaf_size(pool, best) >= nodes) {
        take_leaf(pool, best, nodes, ret_nodes);
        return;
    }
    for (uint32_t round = 0, taken = 0; taken < nodes; round++) {
        for (uint32_t i = 0; i < leaves && taken < nodes; i++) {
            if (leaf_size(pool, i) > round)
                ret_nodes[taken++] = pool->candidates[pool->by_leaf[i] + round];
        }
    }
}

/* ---- block ---- */

uint32_t placement_stock_block_leaves(const struct placement_cluster *cluster, uint32_t nodes)
{
    uint32_t leaves = 1;

    while (leaves * cluster->shape.leaf < nodes)
        leaves *= 2;
    return leaves < cluster->leaf_count ? leaves : cluster->leaf_count;
}

static uint32_t end_of(const struct placement_pool *pool, uint32_t first, uint32_t leaves)
{
    const uint32_t count = pool->cluster->leaf_count;

    return first + leaves < count ? first + leaves : count;
}

/* The fullest block that suffices, the last of equal ones; UINT32_MAX: none does. */
static uint32_t best_block(const struct placement_pool *pool, uint32_t leaves, uint32_t nodes)
{
    uint32_t best = UINT32_MAX, best_size = UINT32_MAX;

    for (uint32_t i = 0; i < pool->cluster->leaf_count; i += leaves) {
        const uint32_t size = pool->by_leaf[end_of(pool, i, leaves)] - pool->by_leaf[i];

        if (size >= nodes && size <= best_size) {
            best = i;
            best_size = size;
        }
    }
    return best;
}

bool placement_stock_block(struct placement_pool *pool, uint32_t nodes, uint32_t *ret_nodes)
{
    const uint32_t leaves = placement_stock_block_leaves(pool->cluster, nodes);
    const uint32_t first = best_block(pool, leaves, nodes);

    if (first == UINT32_MAX)
        return false;
    count_leaves(pool);
    while (nodes) {
        uint32_t best = first;

        for (uint32_t i = first + 1; i < end_of(pool, first, leaves); i++) {
            const uint32_t size = pool->left[i], most = pool->left[best];

            if (size >= nodes ? most < nodes || size <= most : most < nodes && size >= most)
                best = i;
        }
        const uint32_t count = take_leaf(pool, best, nodes, ret_nodes);

        pool->left[best] = 0;
        ret_nodes += count;
        nodes -= count;
    }
    return true;
}
