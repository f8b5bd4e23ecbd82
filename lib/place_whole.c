/*
 * place_whole.c - the cover where all open nodes are alike, as whole nodes are
 *
 * Then a key depends only on which innermost islands are touched: all that fits there and is not
 * taken is left over, whoever gives more or less. So each is taken with all its nodes or not at all
 * until there are enough, and the program goes over islands instead of nodes: for each count of
 * nodes the least key, from one island to the next, with what an outer island costs paid when it is
 * entered and forgotten again if nothing inside was worth it.
 *
 * Forced nodes are in islands that all choices touch: they cost the same in any case.
 *
 * Each tier has a row of states, by count of nodes: the least key inside the island of that tier
 * that is looked at. Counts that matter are those from low to high, the same for all rows.
 */
#include "place_private.h"

#include <string.h>

/* More than any sum of costs, and it stays that when costs are added. */
#define IMPOSSIBLE ((aif_place_wide)1 << 126)

struct whole {
    struct aif_place_scratch *scratch;
    uint32_t segment; /* innermost islands give multiples of it */
    uint32_t low;     /* enough with what is to come */
    uint32_t high;    /* reached so far, at most what is needed */
    uint32_t rest;    /* nodes in islands to come */
    uint64_t used;    /* of scratch->choices */
};

/*
 * What a touched island costs, as if none of its nodes were taken: what is taken in all is the same
 * in the end. Span above, leftover below, so that they compare as one number. One that is touched
 * anyway costs nothing more.
 */
static aif_place_wide cost_of(const struct aif_place_tier *tier, uint32_t island)
{
    uint64_t leftover = 0;

    if (tier->forced[island])
        return 0;
    if (tier->shift < AIF_PLACE_NOT_COUNTED)
        leftover = (uint64_t)tier->fit[island] << tier->shift;
    return (aif_place_wide)tier->weight << 64 | leftover;
}

static uint32_t usable(const struct whole *whole, uint32_t leaf)
{
    const uint32_t open = whole->scratch->tiers[0].open[leaf];

    return open - open % whole->segment;
}

/* Usable nodes below an island, and how many islands. */
static uint32_t count_below(const struct whole *whole, uint32_t at, uint32_t island,
                            uint64_t *ret_islands)
{
    uint32_t first = island, last = island + 1, sum = 0;

    *ret_islands = 0;
    for (; at; at--) {
        first = whole->scratch->tiers[at].child[first];
        last = whole->scratch->tiers[at].child[last];
        *ret_islands += last - first;
    }
    for (; first < last; first++)
        sum += usable(whole, first);
    return sum;
}

/* ---- forward ---- */

/* A row of choices, one for each count that matters now. */
static uint16_t *add_row(struct whole *whole, struct aif_place_tier *tier, uint32_t island)
{
    uint16_t *row = whole->scratch->choices + whole->used;
    const uint32_t count = whole->high - whole->low + 1;

    tier->choices[island] = (uint32_t)whole->used;
    tier->choices_low[island] = whole->low;
    whole->used += count;
    memset(row, 0, count * sizeof(*row));
    return row;
}

/* All ways to have enough with this island, into the last state. */
static void take_enough(aif_place_wide *states, aif_place_wide cost, uint32_t first, uint32_t high,
                        uint32_t need, uint16_t *choice)
{
    for (uint32_t before = first; before <= high && before < need; before++)
        if (states[before] + cost < states[need]) {
            states[need] = states[before] + cost;
            *choice = (uint16_t)(before + 1);
        }
}

/* Add an innermost island to the states inside its parent. A choice is 0, or the count before plus
 * one. */
static void add_leaf(struct whole *whole, uint32_t leaf)
{
    struct aif_place_tier *tier = &whole->scratch->tiers[0];
    aif_place_wide *const states = tier[1].states;
    const uint32_t need = whole->scratch->need, size = usable(whole, leaf);
    const uint32_t low = whole->low, high = whole->high;
    const aif_place_wide cost = cost_of(tier, leaf);
    uint16_t *row;

    whole->rest -= size;
    whole->low = need > whole->rest ? need - whole->rest : 0;
    whole->high = high + size < need ? high + size : need;
    for (uint32_t count = high + 1; count <= whole->high; count++)
        states[count] = IMPOSSIBLE;
    row = add_row(whole, tier, leaf);
    if (whole->high == need)
        take_enough(states, cost, low + size > need ? low : need - size, high, need,
                    &row[need - whole->low]);
    /* In place: each state needs only smaller ones, so the largest comes first. */
    for (uint32_t count = whole->high < need ? whole->high : need - 1;
         count >= whole->low && count >= low + size; count--) {
        const aif_place_wide value = states[count - size] + cost;

        if (value < states[count]) {
            states[count] = value;
            row[count - whole->low] = (uint16_t)(count - size + 1);
        }
    }
}

/* Enter an island: what it costs is paid. */
static void enter(const struct whole *whole, uint32_t at, uint32_t island)
{
    const struct aif_place_tier *tier = &whole->scratch->tiers[at];
    const aif_place_wide cost = cost_of(tier, island);

    for (uint32_t count = whole->low; count <= whole->high; count++)
        tier->states[count] = tier[1].states[count] + cost;
}

/* Leave it again: of each count the better of what was known before, up to high, and what is known
 * inside. A choice is whether that is inside. */
static void leave(struct whole *whole, uint32_t at, uint32_t island, uint32_t high)
{
    struct aif_place_tier *tier = &whole->scratch->tiers[at];
    aif_place_wide *const outside = tier[1].states;
    uint16_t *const row = add_row(whole, tier, island);

    for (uint32_t count = whole->low; count <= whole->high; count++)
        if (count > high || tier->states[count] < outside[count]) {
            outside[count] = tier->states[count];
            row[count - whole->low] = 1;
        }
}

/* Add all that is below an island to its states. */
static void add_children(struct whole *whole, uint32_t at, uint32_t island)
{
    const struct aif_place_tier *tier = &whole->scratch->tiers[at];

    for (uint32_t child = tier->child[island]; child < tier->child[island + 1]; child++) {
        const uint32_t high = whole->high;

        if (at == 1) {
            if (usable(whole, child))
                add_leaf(whole, child);
            continue;
        }
        if (!tier[-1].open[child])
            continue;
        enter(whole, at - 1, child);
        add_children(whole, at - 1, child);
        leave(whole, at - 1, child, high);
    }
}

/* ---- back ---- */

/* Give quotas for count nodes reached at the end of an island; returns the count at its
 * beginning. */
static uint32_t go_back(const struct whole *whole, uint32_t at, uint32_t island, uint32_t count)
{
    const struct aif_place_tier *tier = &whole->scratch->tiers[at], *below = tier - 1;

    for (uint32_t child = tier->child[island + 1]; child-- > tier->child[island];) {
        uint32_t choice;

        if (at == 1 ? !usable(whole, child) : !below->open[child])
            continue;
        choice = whole->scratch->choices[below->choices[child] + count - below->choices_low[child]];
        if (!choice)
            continue;
        if (at > 1) {
            count = go_back(whole, at - 1, child, count);
            continue;
        }
        below->quota[child] = count - (choice - 1);
        count = choice - 1;
    }
    return count;
}

/* ---- the whole ---- */

bool aif_place_whole_applies(const struct aif_place_run *run, const uint32_t *segments)
{
    const struct aif_place_scratch *scratch = run->scratch;

    for (uint32_t at = 1; at < scratch->tier_count; at++)
        if (segments[at] > 1)
            return false;
    if (segments[0] > 1 && scratch->forced_count)
        return false;
    return run->uniform && scratch->need <= scratch->whole_max;
}

uint64_t aif_place_whole_steps(struct aif_place_scratch *scratch, uint32_t at, uint32_t island)
{
    const struct whole whole = {.scratch = scratch, .segment = 1};
    uint64_t islands;

    count_below(&whole, at, island, &islands);
    return islands * (scratch->need + 1);
}

/* Add what islands of a tier cost that are touched anyway, and take off what is taken in all. */
static void add_forced(const struct aif_place_scratch *scratch, const struct aif_place_tier *tier,
                       struct aif_place_value *value)
{
    const bool counts = tier->shift < AIF_PLACE_NOT_COUNTED;

    for (uint32_t island = 0; scratch->forced_count && island < tier->island_count; island++) {
        if (!tier->forced[island])
            continue;
        value->span += tier->weight;
        value->leftover += counts ? (uint64_t)tier->fit[island] << tier->shift : 0;
    }
    if (counts)
        value->leftover -= (uint64_t)(scratch->need + scratch->forced_count) << tier->shift;
}

bool aif_place_whole(struct aif_place_scratch *scratch, uint32_t segment, uint32_t at,
                     uint32_t island, struct aif_place_value *ret_value)
{
    struct whole whole = {.scratch = scratch, .segment = segment};
    const aif_place_wide *const states = scratch->tiers[at].states;
    uint64_t islands;

    whole.rest = count_below(&whole, at, island, &islands);
    if (whole.rest < scratch->need)
        return false;
    scratch->tiers[at].states[0] = 0;
    add_children(&whole, at, island);
    *ret_value = (struct aif_place_value){.span = (uint64_t)(states[scratch->need] >> 64),
                                          .leftover = (uint64_t)states[scratch->need]};
    for (uint32_t tier = 0; tier < at; tier++)
        add_forced(scratch, &scratch->tiers[tier], ret_value);
    return true;
}

void aif_place_whole_assign(struct aif_place_scratch *scratch, uint32_t segment, uint32_t at,
                            uint32_t island)
{
    const struct whole whole = {.scratch = scratch, .segment = segment};

    go_back(&whole, at, island, scratch->need);
}
