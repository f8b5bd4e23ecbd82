/*
 * place_greedy.c - the largest islands first, the last one by best fit; and the opposite: in turn
 *
 * Islands that forced nodes touch anyway come before all others.
 */
#include "place_private.h"

/* List the islands first to last - 1 of a tier that have open nodes, largest first; those touched
 * anyway before. Returns how many those are. */
static uint32_t order_islands(const struct aif_place_scratch *scratch, struct aif_place_tier *tier,
                              uint32_t first, uint32_t last)
{
    uint32_t count = 0;

    for (uint32_t island = first; island < last; island++)
        if (tier->open[island])
            tier->order[first + count++] = (struct aif_place_item){
                .stranded = -(int64_t)tier->open[island] - (tier->forced[island] ? UINT32_MAX : 0),
                .index = island};
    aif_place_sort(tier->order + first, count, scratch->spare);
    return count;
}

/* The smallest of order[from] … that suffices, of those of order[from]'s kind; the first of equal
 * ones. order[from] does. */
static uint32_t best_fit(const struct aif_place_tier *tier, const struct aif_place_item *order,
                         uint32_t from, uint32_t count, uint32_t need)
{
    uint32_t best = from;

    for (uint32_t i = from + 1; i < count && tier->open[order[i].index] >= need &&
                                !tier->forced[order[i].index] == !tier->forced[order[from].index];
         i++)
        if (tier->open[order[i].index] < tier->open[order[best].index])
            best = i;
    return best;
}

/* Share need open nodes out among what is below an island. */
static void share(struct aif_place_scratch *scratch, uint32_t at, uint32_t island, uint32_t need)
{
    struct aif_place_tier *below;
    const struct aif_place_item *order;
    uint32_t count;

    scratch->tiers[at].quota[island] = need;
    if (!at)
        return;
    below = &scratch->tiers[at - 1];
    order = below->order + scratch->tiers[at].child[island];
    count = order_islands(scratch, below, scratch->tiers[at].child[island],
                          scratch->tiers[at].child[island + 1]);
    for (uint32_t i = 0; i < count && need; i++) {
        uint32_t next = order[i].index;
        uint32_t part = below->open[next];

        if (part >= need) {
            next = order[best_fit(below, order, i, count, need)].index;
            part = need;
        }
        share(scratch, at - 1, next, part);
        need -= part;
    }
}

void aif_place_greedy(struct aif_place_scratch *scratch, uint32_t need)
{
    share(scratch, scratch->tier_count - 1, 0, need);
}

void aif_place_spread(struct aif_place_run *run)
{
    struct aif_place_tier *tier = &run->scratch->tiers[0];
    const uint32_t count = order_islands(run->scratch, tier, 0, tier->island_count);
    uint32_t need = run->scratch->need;

    aif_place_clear_quotas(run->scratch);
    while (need)
        for (uint32_t i = 0; i < count && need; i++) {
            const uint32_t island = tier->order[i].index;

            if (tier->quota[island] == tier->open[island])
                continue;
            tier->quota[island]++;
            need--;
        }
}
