/*
 * place_one.c - the best single node, see place.h
 *
 * With one node islands touched are always the same, and so is what divides them: class, stranded
 * seconds and links decide, then what is left over in its islands.
 */
#include "place_private.h"

struct best {
    struct aif_place_item cost; /* index: the node */
    uint32_t class;
    uint64_t leftover;
    bool found;
};

static uint64_t leftover_of(const struct aif_place_scratch *scratch, uint32_t island)
{
    uint64_t leftover = 0;

    for (uint32_t at = 0; at + 1 < scratch->tier_count; at++) {
        const struct aif_place_tier *tier = &scratch->tiers[at];

        if (tier->shift < AIF_PLACE_NOT_COUNTED)
            leftover += (uint64_t)(tier->fit[island] - 1) << tier->shift;
        island = tier->parent[island];
    }
    return leftover;
}

/* Below 0, 0, above 0: without regard to leftover this node is better, as good, worse. */
static int compare_cost(const struct aif_place_run *run, struct aif_place_item *cost,
                        uint32_t class, const struct best *best)
{
    const struct aif_place_node *node = &run->view->nodes[cost->index];

    if (best->found && class > best->class)
        return 1;
    cost->stranded = aif_place_stranded(run->ask, node);
    cost->links = aif_place_links(run->view, run->ask, node);
    if (!best->found || class < best->class)
        return -1;
    if (cost->stranded != best->cost.stranded)
        return cost->stranded < best->cost.stranded ? -1 : 1;
    return (cost->links > best->cost.links) - (cost->links < best->cost.links);
}

bool aif_place_one(const struct aif_place_run *run, uint32_t *ret_node)
{
    const struct aif_place_scratch *scratch = run->scratch;
    uint32_t island = UINT32_MAX;
    struct best best = {.found = false};
    uint64_t leftover = 0;

    for (uint32_t i = 0; i < scratch->fitting_count; i++) {
        const uint32_t node = scratch->fitting[i];
        const uint32_t class = run->classes ? scratch->class_of[node] : 0;
        struct aif_place_item cost = {.index = node};
        const int order = compare_cost(run, &cost, class, &best);

        if (order > 0)
            continue;
        /* Neighbours mostly share their island. */
        if (scratch->tiers[0].island_of[node] != island) {
            island = scratch->tiers[0].island_of[node];
            leftover = leftover_of(scratch, island);
        }
        if (!order && leftover >= best.leftover)
            continue;
        best = (struct best){cost, class, leftover, true};
    }
    *ret_node = best.cost.index;
    return best.found;
}
