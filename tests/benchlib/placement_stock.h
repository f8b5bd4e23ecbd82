/* placement_stock.h - the stock sides of placement_choice.h */
#ifndef PLACEMENT_STOCK_H
#define PLACEMENT_STOCK_H

#include "placement_cluster.h"

/* What a choice starts from. */
struct placement_pool {
    const struct placement_cluster *cluster;
    uint32_t *candidates; /* ascending */
    uint32_t count;
    uint32_t *by_leaf;    /* [leaf_count + 1]: leaf i has candidates[by_leaf[i]] … candidates[by_leaf[i + 1] - 1] */
    uint32_t *left;       /* [leaf_count]: room for the rules */
    uint32_t *distance;   /* [leaf_count]: likewise */
};

/* At least `nodes` candidates there are. ret_nodes is not sorted. Block: false if no block has enough. */
void placement_stock_flat(struct placement_pool *pool, uint32_t nodes, uint32_t *ret_nodes);
void placement_stock_tree(struct placement_pool *pool, uint32_t nodes, uint32_t *ret_nodes);
void placement_stock_dragonfly(struct placement_pool *pool, uint32_t nodes, uint32_t *ret_nodes);
bool placement_stock_block(struct placement_pool *pool, uint32_t nodes, uint32_t *ret_nodes);

/* Leaves of the blocks in which topology/block must keep a job of so many nodes. */
uint32_t placement_stock_block_leaves(const struct placement_cluster *cluster, uint32_t nodes);

#endif
