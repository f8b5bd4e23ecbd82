/* island.c - see island.h */
#include "island.h"

#include <stdlib.h>
#include <string.h>

#define LEFTOVER_MAX 63

struct aif_island_scratch {
    uint32_t node_count;
    uint32_t island_count;
    uint32_t *start;   /* [island_count + 1]: where an island's nodes begin in members */
    uint32_t *count;   /* [island_count]: fitting nodes of the island */
    uint32_t *quota;   /* [island_count]: nodes to take from it */
    uint32_t *order;   /* [island_count]: islands by count, largest first, then by number */
    uint32_t *slots;   /* [node_count + 2]: of the counting sort that makes order */
    uint32_t *members; /* [node_count]: fitting nodes, island by island, ascending */
};

struct aif_island_scratch *aif_island_scratch_create(uint32_t node_count, uint32_t island_count)
{
    struct aif_island_scratch *scratch = calloc(1, sizeof(*scratch));

    if (!scratch)
        return NULL;
    scratch->node_count = node_count;
    scratch->island_count = island_count;
    scratch->start = calloc((size_t)island_count + 1, sizeof(uint32_t));
    scratch->count = calloc((size_t)island_count + 1, sizeof(uint32_t));
    scratch->quota = calloc((size_t)island_count + 1, sizeof(uint32_t));
    scratch->order = calloc((size_t)island_count + 1, sizeof(uint32_t));
    scratch->slots = calloc((size_t)node_count + 2, sizeof(uint32_t));
    scratch->members = calloc((size_t)node_count + 1, sizeof(uint32_t));
    if (!scratch->start || !scratch->count || !scratch->quota || !scratch->order ||
        !scratch->slots || !scratch->members) {
        aif_island_scratch_destroy(scratch);
        return NULL;
    }
    return scratch;
}

void aif_island_scratch_destroy(struct aif_island_scratch *scratch)
{
    if (!scratch)
        return;
    free(scratch->start);
    free(scratch->count);
    free(scratch->quota);
    free(scratch->order);
    free(scratch->slots);
    free(scratch->members);
    free(scratch);
}

static bool fits(const struct aif_island_map *map, const struct aif_island_ask *ask, uint32_t node)
{
    if (!ask->gpus_per_node)
        return map->free_gpus[node] == map->gpus[node];
    return map->free_gpus[node] >= ask->gpus_per_node;
}

/* GPUs that stay free on the node; for whole nodes all are alike. */
static uint32_t leftover(const struct aif_island_map *map, const struct aif_island_ask *ask,
                         uint32_t node)
{
    return ask->gpus_per_node ? map->free_gpus[node] - ask->gpus_per_node : 0;
}

/* Count the fitting candidates of every island; returns their sum. */
static uint32_t count_fitting(const struct aif_island_map *map, const struct aif_island_ask *ask,
                              const uint32_t *candidates, uint32_t candidate_count,
                              struct aif_island_scratch *scratch)
{
    uint32_t sum = 0;

    memset(scratch->count, 0, map->island_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < candidate_count; i++) {
        if (!fits(map, ask, candidates[i]))
            continue;
        scratch->count[map->island_of[candidates[i]]]++;
        sum++;
    }
    return sum;
}

/* ---- one node ---- */

/* Is node a better home for a job of one node than best? Equal ones: the lower index, which came
 * first, stays. */
static bool is_better(const struct aif_island_map *map, const struct aif_island_ask *ask,
                      const struct aif_island_scratch *scratch, uint32_t node, uint32_t best)
{
    const bool idle = map->free_gpus[node] == map->gpus[node];
    const bool best_idle = map->free_gpus[best] == map->gpus[best];
    const uint32_t left = leftover(map, ask, node), best_left = leftover(map, ask, best);
    const uint32_t room = scratch->count[map->island_of[node]];
    const uint32_t best_room = scratch->count[map->island_of[best]];

    if (idle != best_idle)
        return best_idle != ask->spread;
    if (left != best_left)
        return (left < best_left) != ask->spread;
    return room != best_room && (room < best_room) != ask->spread;
}

static uint32_t choose_one(const struct aif_island_map *map, const struct aif_island_ask *ask,
                           const uint32_t *candidates, uint32_t candidate_count,
                           const struct aif_island_scratch *scratch, uint32_t *ret_nodes)
{
    uint32_t best = 0;
    bool found = false;

    for (uint32_t i = 0; i < candidate_count; i++) {
        if (!fits(map, ask, candidates[i]))
            continue;
        if (!found || is_better(map, ask, scratch, candidates[i], best))
            best = candidates[i];
        found = true;
    }
    ret_nodes[0] = best;
    return 1;
}

/* ---- several nodes ---- */

/* Write the fitting candidates into members, island by island. */
static void group_members(const struct aif_island_map *map, const struct aif_island_ask *ask,
                          const uint32_t *candidates, uint32_t candidate_count,
                          struct aif_island_scratch *scratch)
{
    uint32_t at = 0;

    for (uint32_t island = 0; island < map->island_count; island++) {
        scratch->start[island] = at;
        at += scratch->count[island];
        scratch->quota[island] = 0; /* serves as the fill level here */
    }
    for (uint32_t i = 0; i < candidate_count; i++) {
        const uint32_t island = map->island_of[candidates[i]];

        if (fits(map, ask, candidates[i]))
            scratch->members[scratch->start[island] + scratch->quota[island]++] = candidates[i];
    }
    memset(scratch->quota, 0, map->island_count * sizeof(uint32_t));
}

/* Counting sort of the islands that have a fitting node; returns how many those are. */
static uint32_t order_islands(const struct aif_island_map *map, struct aif_island_scratch *scratch)
{
    uint32_t largest = 0, used = 0;

    for (uint32_t island = 0; island < map->island_count; island++)
        if (scratch->count[island] > largest)
            largest = scratch->count[island];
    memset(scratch->slots, 0, ((size_t)largest + 2) * sizeof(uint32_t));
    /* slots[k] becomes the place of the first island with count largest - k. */
    for (uint32_t island = 0; island < map->island_count; island++)
        if (scratch->count[island]) {
            scratch->slots[largest - scratch->count[island] + 1]++;
            used++;
        }
    for (uint32_t k = 1; k <= largest; k++)
        scratch->slots[k] += scratch->slots[k - 1];
    for (uint32_t island = 0; island < map->island_count; island++)
        if (scratch->count[island])
            scratch->order[scratch->slots[largest - scratch->count[island]]++] = island;
    return used;
}

/* The smallest island, from order[from] on, that still has need nodes; the first of equal ones. */
static uint32_t smallest_sufficient(const struct aif_island_scratch *scratch, uint32_t from,
                                    uint32_t used, uint32_t need)
{
    uint32_t best = from;

    for (uint32_t i = from; i < used && scratch->count[scratch->order[i]] >= need; i++)
        if (scratch->count[scratch->order[i]] < scratch->count[scratch->order[best]])
            best = i;
    return best;
}

static void share_packed(struct aif_island_scratch *scratch, uint32_t used, uint32_t need)
{
    for (uint32_t i = 0; i < used && need; i++) {
        uint32_t island = scratch->order[i];

        if (scratch->count[island] >= need)
            island = scratch->order[smallest_sufficient(scratch, i, used, need)];
        scratch->quota[island] = scratch->count[island] < need ? scratch->count[island] : need;
        need -= scratch->quota[island];
    }
}

/* One node from every island per round, largest island first. */
static void share_spread(struct aif_island_scratch *scratch, uint32_t used, uint32_t need)
{
    for (uint32_t round = 1; need; round++)
        for (uint32_t i = 0; i < used && need && scratch->count[scratch->order[i]] >= round; i++) {
            scratch->quota[scratch->order[i]]++;
            need--;
        }
}

static uint32_t bucket_of(const struct aif_island_map *map, const struct aif_island_ask *ask,
                          uint32_t node)
{
    const uint32_t left = leftover(map, ask, node);

    return left < LEFTOVER_MAX ? left : LEFTOVER_MAX;
}

/* Take quota of the island's nodes, those with the least left over; by buckets, so that nothing is
 * sorted. */
static uint32_t take_members(const struct aif_island_map *map, const struct aif_island_ask *ask,
                             const uint32_t *members, uint32_t count, uint32_t quota,
                             uint32_t *ret_nodes)
{
    uint32_t buckets[LEFTOVER_MAX + 1] = {0}, below = 0, limit = 0, taken = 0, ties;

    for (uint32_t i = 0; i < count; i++)
        buckets[bucket_of(map, ask, members[i])]++;
    while (limit < LEFTOVER_MAX && below + buckets[limit] < quota)
        below += buckets[limit++];
    ties = quota - below; /* as many of the nodes exactly at the limit */
    for (uint32_t i = 0; i < count && taken < quota; i++) {
        const uint32_t bucket = bucket_of(map, ask, members[i]);

        if (bucket > limit || (bucket == limit && !ties))
            continue;
        ties -= bucket == limit;
        ret_nodes[taken++] = members[i];
    }
    return taken;
}

static uint32_t take_quotas(const struct aif_island_map *map, const struct aif_island_ask *ask,
                            const struct aif_island_scratch *scratch, uint32_t used,
                            uint32_t *ret_nodes)
{
    uint32_t taken = 0, touched = 0;

    for (uint32_t i = 0; i < used; i++) {
        const uint32_t island = scratch->order[i];

        if (!scratch->quota[island])
            continue;
        taken += take_members(map, ask, scratch->members + scratch->start[island],
                              scratch->count[island], scratch->quota[island], ret_nodes + taken);
        touched++;
    }
    return touched;
}

uint32_t aif_island_choose(const struct aif_island_map *map, const struct aif_island_ask *ask,
                           const uint32_t *candidates, uint32_t candidate_count,
                           struct aif_island_scratch *scratch, uint32_t *ret_nodes)
{
    uint32_t used;

    if (!ask->nodes || map->node_count > scratch->node_count ||
        map->island_count > scratch->island_count)
        return 0;
    if (count_fitting(map, ask, candidates, candidate_count, scratch) < ask->nodes)
        return 0;
    if (ask->nodes == 1)
        return choose_one(map, ask, candidates, candidate_count, scratch, ret_nodes);
    group_members(map, ask, candidates, candidate_count, scratch);
    used = order_islands(map, scratch);
    if (ask->spread)
        share_spread(scratch, used, ask->nodes);
    else
        share_packed(scratch, used, ask->nodes);
    return take_quotas(map, ask, scratch, used, ret_nodes);
}
