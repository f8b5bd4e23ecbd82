/*
 * place_approach.c - many nodes of many islands, when the best would take too long
 *
 * Which islands are touched is what costs most, so that comes first, as if all nodes were alike:
 * a price per node is sought at which the islands that are worth it have almost enough nodes
 * (Lagrange's multiplier of the cover), those are taken whole, and the exact cover of
 * place_whole.c finds the rest. In the end the cheapest nodes of the touched islands are taken.
 */
#include "place_private.h"

#define PRICE_BITS 20 /* of a price's fraction */
#define PRICE_MAX ((int64_t)AIF_FABRIC_WEIGHT_MAX * AIF_PLACE_TIERS_MAX << PRICE_BITS)

struct approach {
    struct aif_place_scratch *scratch;
    uint32_t left;   /* nodes still to take */
    uint32_t enough; /* that many left are no more than the exact cover can do */
    int64_t price;   /* of a node, in 1 / 2^PRICE_BITS of a weight */
};

static bool is_leaf_worth_it(const struct approach *approach, uint32_t leaf, int64_t *ret_worth)
{
    const struct aif_place_tier *tier = &approach->scratch->tiers[0];
    const uint64_t weight = tier->forced[leaf] ? 0 : tier->weight;

    *ret_worth = approach->price * tier->open[leaf] - (int64_t)(weight << PRICE_BITS);
    return *ret_worth > 0;
}

/* What an island is worth at this price, and how many nodes of it are. 0: better not touched. */
static int64_t worth_of(const struct approach *approach, uint32_t at, uint32_t island,
                        uint32_t *ret_nodes)
{
    const struct aif_place_tier *tier = &approach->scratch->tiers[at];
    const uint64_t weight = tier->forced[island] ? 0 : tier->weight;
    int64_t sum = 0;
    uint32_t nodes = 0;

    *ret_nodes = 0;
    if (!at) {
        if (!is_leaf_worth_it(approach, island, &sum))
            return 0;
        *ret_nodes = tier->open[island];
        return sum;
    }
    for (uint32_t child = tier->child[island]; child < tier->child[island + 1]; child++) {
        uint32_t below;

        sum += worth_of(approach, at - 1, child, &below);
        nodes += below;
    }
    sum -= (int64_t)(weight << PRICE_BITS);
    if (sum <= 0)
        return 0;
    *ret_nodes = nodes;
    return sum;
}

/* Take all of a leaf: from now on it is touched anyway. */
static void take_leaf(struct approach *approach, uint32_t leaf)
{
    struct aif_place_scratch *scratch = approach->scratch;
    const uint32_t nodes = scratch->tiers[0].open[leaf];

    scratch->tiers[0].quota[leaf] += nodes;
    approach->left -= nodes;
    for (uint32_t at = 0, island = leaf; at < scratch->tier_count; at++) {
        scratch->tiers[at].open[island] -= nodes;
        scratch->tiers[at].forced[island] += nodes;
        island = scratch->tiers[at].parent[island];
    }
}

/* Take what is worth it below an island, until there is little left to do. */
static void take_worthy(struct approach *approach, uint32_t at, uint32_t island)
{
    const struct aif_place_tier *tier = &approach->scratch->tiers[at];
    uint32_t nodes;

    if (approach->left <= approach->enough || worth_of(approach, at, island, &nodes) <= 0)
        return;
    if (!at) {
        if (tier->open[island] <= approach->left)
            take_leaf(approach, island);
        return;
    }
    for (uint32_t child = tier->child[island]; child < tier->child[island + 1]; child++)
        take_worthy(approach, at - 1, child);
}

/* The highest price at which no more than what is left is worth it; one more is too high. */
static int64_t find_price(struct approach *approach)
{
    int64_t low = 0, high = PRICE_MAX;

    while (high - low > 1) {
        uint32_t nodes;

        approach->price = low + (high - low) / 2;
        worth_of(approach, approach->scratch->tier_count - 1, 0, &nodes);
        if (nodes <= approach->left)
            low = approach->price;
        else
            high = approach->price;
    }
    return low;
}

/* How many nodes the exact cover may choose without too many steps. */
static uint32_t exact_nodes(const struct aif_place_scratch *scratch)
{
    uint64_t islands = 1, most = scratch->steps_max;

    for (uint32_t at = 0; at < scratch->tier_count; at++)
        islands += scratch->tiers[at].island_count;
    if (most > scratch->choices_size)
        most = scratch->choices_size;
    most /= islands;
    most = most ? most - 1 : 0; /* for 0 nodes there is a step, too */
    return (uint32_t)(most < scratch->whole_max ? most : scratch->whole_max);
}

/* ---- the nodes of the touched islands ---- */

/* A leaf's cheapest node that is not taken yet; false if there is none. */
static bool next_item(const struct aif_place_scratch *scratch, uint32_t leaf,
                      struct aif_place_item *ret_item)
{
    const uint32_t at = scratch->start[leaf] + scratch->tiers[0].quota[leaf];

    if (at >= scratch->start[leaf + 1])
        return false;
    *ret_item = scratch->items[at];
    ret_item->index = leaf;
    return true;
}

static bool is_cheaper(const struct aif_place_item *a, const struct aif_place_item *b)
{
    return a->stranded != b->stranded ? a->stranded < b->stranded : a->links < b->links;
}

/* Let the heap's item at this place sink to where it belongs. */
static void sink(struct aif_place_item *heap, uint32_t count, uint32_t place)
{
    const struct aif_place_item item = heap[place];

    for (;;) {
        uint32_t child = 2 * place + 1;

        if (child >= count)
            break;
        if (child + 1 < count && is_cheaper(&heap[child + 1], &heap[child]))
            child++;
        if (!is_cheaper(&heap[child], &item))
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = item;
}

/* One node of each touched island, then the cheapest of all of them. */
static void choose_cheapest(struct aif_place_scratch *scratch, uint32_t need)
{
    const struct aif_place_tier *tier = &scratch->tiers[0];
    struct aif_place_item *heap = tier->order;
    uint32_t count = 0;

    for (uint32_t leaf = 0; leaf < tier->island_count; leaf++) {
        if (!tier->quota[leaf] && !tier->forced[leaf])
            continue;
        tier->quota[leaf] = tier->quota[leaf] > 0;
        need -= tier->quota[leaf];
        count += next_item(scratch, leaf, &heap[count]);
    }
    for (uint32_t place = count / 2; place-- > 0;)
        sink(heap, count, place);
    for (; need; need--) {
        const uint32_t leaf = heap[0].index;

        tier->quota[leaf]++;
        if (!next_item(scratch, leaf, &heap[0]))
            heap[0] = heap[--count];
        sink(heap, count, 0);
    }
}

/* ---- the whole ---- */

/* Take what the exact cover cannot do; false if it could not do anything. */
static bool take_most(struct approach *approach)
{
    const uint32_t machine = approach->scratch->tier_count - 1;
    int64_t price;

    if (!machine || !approach->enough)
        return false;
    if (approach->left <= approach->enough)
        return true;
    price = find_price(approach);
    for (int64_t more = 0; more < 2; more++) {
        approach->price = price + more;
        take_worthy(approach, machine, 0);
    }
    return approach->left <= approach->enough;
}

void aif_place_approach(const struct aif_place_run *run)
{
    struct aif_place_scratch *scratch = run->scratch;
    const uint32_t need = scratch->need, machine = scratch->tier_count - 1;
    struct approach approach = {scratch, need, exact_nodes(scratch), 0};
    struct aif_place_value value;

    aif_place_clear_quotas(scratch);
    if (!take_most(&approach))
        aif_place_greedy(scratch, approach.left);
    else if (approach.left) {
        scratch->need = approach.left;
        aif_place_whole(scratch, 1, machine, 0, &value);
        aif_place_whole_assign(scratch, 1, machine, 0);
        scratch->need = need;
    }
    if (!run->uniform)
        choose_cheapest(scratch, need);
}
