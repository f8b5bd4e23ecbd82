/*
 * island.h - which nodes a job should get so that it touches the fewest islands
 *
 * An island is a set of nodes that talk to each other more cheaply than to others (leaf switch, NVLink domain).
 * Pure; nodes are indexes 0..node_count-1. Rule (reference topology.md section 5.3, first form): a job of one node
 * takes the fullest node that still fits it, so that idle nodes stay whole; a job of several nodes takes the island
 * with the smallest sufficient number of fitting nodes; if none suffices, the largest islands first and the last
 * part from the smallest island that completes it.
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
    uint32_t nodes;         /* >= 1 */
    uint32_t gpus_per_node; /* 0: whole nodes, i.e. only nodes with no GPU in use */
    bool spread;            /* true: the most islands instead of the fewest */
};

/* Working memory of one chooser; one per thread or under the caller's lock. */
struct aif_island_scratch;
struct aif_island_scratch *aif_island_scratch_create(uint32_t node_count, uint32_t island_count);
void aif_island_scratch_destroy(struct aif_island_scratch *scratch);

/*
 * Choose ask->nodes of the candidates (indexes, ascending, candidate_count of them) into ret_nodes (room for
 * ask->nodes). Returns the number of islands touched, or 0 if fewer than ask->nodes candidates fit.
 */
uint32_t aif_island_choose(const struct aif_island_map *map, const struct aif_island_ask *ask,
                           const uint32_t *candidates, uint32_t candidate_count,
                           struct aif_island_scratch *scratch, uint32_t *ret_nodes);

#endif
