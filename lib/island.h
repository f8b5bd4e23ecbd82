/*
 * island.h - which nodes a job should get so that it touches the fewest islands
 *
 * An island is a set of nodes that talk to each other more cheaply than to others (leaf switch, NVLink domain).
 * Pure; nodes are indexes 0..node_count-1. Rule (reference topology.md section 5.3, first form):
 *   - one node: a node with GPUs in use before an idle one, then the one with the fewest GPUs left over, then the
 *     island with the fewest fitting nodes, then the lowest index. So idle nodes, and islands, stay whole;
 *   - several nodes: the island with the smallest sufficient number of fitting nodes; if none suffices, the largest
 *     islands first and the last part from the smallest island that completes it, which is the fewest islands
 *     possible. Inside an island the nodes with the fewest GPUs left over (63 and more count as 63), then by index;
 *   - spread: one node after the other from as many islands as possible, largest first; one node: the emptiest, in
 *     the island with the most fitting nodes.
 * Ties between islands go to the lower number. Cost O(candidates + islands + nodes asked for).
 */
#ifndef AIF_ISLAND_H
#define AIF_ISLAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct aif_island_map {
    uint32_t node_count;
    uint32_t island_count;
    const uint32_t *island_of; /* [node_count], each < island_count */
    const uint16_t *free_gpus; /* [node_count] */
    const uint16_t *gpus;      /* [node_count] configured */
};

struct aif_island_ask {
    uint32_t nodes;         /* >= 1; 0 is never satisfied */
    uint32_t gpus_per_node; /* 0: whole nodes, i.e. only nodes with no GPU in use */
    bool spread;            /* true: the most islands instead of the fewest */
};

/* Working memory of one chooser; one per thread or under the caller's lock. NULL when memory is out. */
struct aif_island_scratch;
struct aif_island_scratch *aif_island_scratch_create(uint32_t node_count, uint32_t island_count);
void aif_island_scratch_destroy(struct aif_island_scratch *scratch);

/*
 * Choose ask->nodes of the candidates (indexes, ascending, candidate_count of them) into ret_nodes (room for
 * ask->nodes; island by island, ascending within each). Returns the number of islands touched, or 0 if fewer than
 * ask->nodes candidates fit; then ret_nodes is untouched. The map may not be larger than the scratch was made for.
 * Nothing is allocated.
 */
uint32_t aif_island_choose(const struct aif_island_map *map, const struct aif_island_ask *ask,
                           const uint32_t *candidates, uint32_t candidate_count,
                           struct aif_island_scratch *scratch, uint32_t *ret_nodes);

#endif
