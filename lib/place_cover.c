/*
 * place_cover.c - the best set of several nodes: where to look for it, and when to stop
 *
 * An island that has room for the whole job is looked at alone first: if two islands of its tier
 * would cost more in any case, nothing else need be tried.
 */
#include "place_private.h"

struct cover {
    const struct aif_place_run *run;
    struct aif_place_scratch *scratch;
    uint32_t segments[AIF_PLACE_TIERS_MAX]; /* what must divide each island's part; 1: any */
    uint64_t steps;                         /* done so far */
    bool whole;                             /* place_whole.c does it, not place_any.c */
};

/* ---- one island that has room for all ---- */

static bool has_room(const struct aif_place_scratch *scratch, uint32_t at, uint32_t island)
{
    const struct aif_place_tier *tier = &scratch->tiers[at];

    return tier->open[island] >= scratch->need && tier->forced[island] == scratch->forced_count;
}

/* Count what it takes to solve an island; false if that is too much. */
static bool may_solve(struct cover *cover, uint32_t at, uint32_t island)
{
    struct aif_place_scratch *scratch = cover->scratch;
    struct aif_place_effort effort = {0, 0};

    if (at && cover->whole)
        effort.steps = effort.choices = aif_place_whole_steps(scratch, at, island);
    else
        aif_place_any_count(scratch, at, island, &effort);
    cover->steps += effort.steps;
    return cover->steps <= scratch->steps_max && effort.choices <= scratch->choices_size;
}

/* The value of the whole job in one island, with all islands around it. False: too many steps. */
static bool value_inside(struct cover *cover, uint32_t at, uint32_t island,
                         struct aif_place_value *ret_value)
{
    struct aif_place_scratch *scratch = cover->scratch;

    if (!may_solve(cover, at, island))
        return false;
    if (!at || !cover->whole)
        aif_place_any(cover->run, cover->segments, at, island, ret_value);
    else if (!aif_place_whole(scratch, cover->segments[0], at, island, ret_value))
        ret_value->span = AIF_PLACE_IMPOSSIBLE;
    /* The value of an innermost one has its own cost in it. */
    for (uint32_t around = at; around < scratch->tier_count; around++) {
        if (around)
            aif_place_add_touch(scratch, cover->segments, around, island, scratch->need, ret_value);
        island = scratch->tiers[around].parent[island];
    }
    return true;
}

/* Quotas of the island that was solved last. */
static void assign_inside(const struct cover *cover, uint32_t at, uint32_t island)
{
    aif_place_clear_quotas(cover->scratch);
    if (at && cover->whole)
        aif_place_whole_assign(cover->scratch, cover->segments[0], at, island);
    else
        aif_place_any_assign(cover->scratch, at, island);
}

/* ---- bounds ---- */

/* The fewest islands of a tier, first to last - 1 of them, that have the job's nodes. */
static uint32_t fewest(struct aif_place_scratch *scratch, uint32_t at, uint32_t first,
                       uint32_t last)
{
    const struct aif_place_tier *tier = &scratch->tiers[at];
    uint32_t *const sizes = scratch->sizes;
    uint32_t largest = 0, islands = 0, need = scratch->need;

    for (uint32_t island = first; island < last; island++) {
        if (tier->forced[island]) {
            islands++;
            need = aif_place_minus(need, tier->open[island]);
        } else if (tier->open[island]) {
            sizes[tier->open[island]]++;
            largest = tier->open[island] > largest ? tier->open[island] : largest;
        }
    }
    for (uint32_t size = largest; size; size--) {
        const uint32_t wanted = (need + size - 1) / size,
                       used = aif_place_least(wanted, sizes[size]);

        islands += used;
        need = aif_place_minus(need, used * size);
        sizes[size] = 0;
    }
    return islands;
}

/* No choice inside this island has a smaller span. */
static uint64_t least_span(struct aif_place_scratch *scratch, uint32_t at, uint32_t island)
{
    uint32_t first = island, last = island + 1;
    uint64_t span = 0;

    for (uint32_t above = at; above < scratch->tier_count; above++)
        span += scratch->tiers[above].weight;
    while (at--) {
        first = scratch->tiers[at + 1].child[first];
        last = scratch->tiers[at + 1].child[last];
        span += scratch->tiers[at].weight * fewest(scratch, at, first, last);
    }
    return span;
}

/* No choice that touches two islands of this tier has a smaller span. */
static uint64_t least_span_outside(struct aif_place_scratch *scratch, uint32_t at)
{
    uint64_t span = 0;

    for (uint32_t tier = 0; tier + 1 < scratch->tier_count; tier++) {
        uint32_t islands = fewest(scratch, tier, 0, scratch->tiers[tier].island_count);

        if (tier <= at && islands < 2)
            islands = 2;
        span += scratch->tiers[tier].weight * islands;
    }
    return span;
}

/* ---- where to look ---- */

/* List the islands that have room for all, the most promising first; returns their number. */
static uint32_t order_rooms(const struct cover *cover, uint32_t at)
{
    struct aif_place_scratch *scratch = cover->scratch;
    const struct aif_place_tier *tier = &scratch->tiers[at];
    uint32_t count = 0;

    for (uint32_t island = 0; island < tier->island_count; island++)
        if (has_room(scratch, at, island))
            tier->order[count++] =
                (struct aif_place_item){.stranded = (int64_t)least_span(scratch, at, island),
                                        .links = tier->fit[island],
                                        .index = island};
    aif_place_sort(tier->order, count, scratch->spare);
    return count;
}

/* Whether the islands from this one on in that order can have nothing better than best. */
static bool is_hopeless(const struct cover *cover, uint32_t at, const struct aif_place_item *item,
                        const struct aif_place_value *best)
{
    const struct aif_place_tier *tier = &cover->scratch->tiers[at];
    const uint64_t span = (uint64_t)item->stranded;
    const uint32_t left = tier->fit[item->index] - cover->run->ask->nodes;

    if (span != best->span || !cover->run->uniform || tier->shift == AIF_PLACE_NOT_COUNTED)
        return span > best->span;
    return (uint64_t)left << tier->shift > best->leftover;
}

/* The best inside one island of a tier into quotas. False: too many steps. *ret_best stays where
 * nothing better is found. */
static bool search_rooms(struct cover *cover, uint32_t at, struct aif_place_value *ret_best)
{
    struct aif_place_scratch *scratch = cover->scratch;
    const struct aif_place_tier *tier = &scratch->tiers[at];
    const uint32_t count = order_rooms(cover, at);

    for (uint32_t i = 0; i < count; i++) {
        struct aif_place_value value;

        if (is_hopeless(cover, at, &tier->order[i], ret_best))
            break;
        if (!value_inside(cover, at, tier->order[i].index, &value))
            return false;
        if (aif_place_value_compare(&value, ret_best) >= 0)
            continue;
        *ret_best = value;
        assign_inside(cover, at, tier->order[i].index);
    }
    return true;
}

/* The best of all into quotas, if it is better than *ret_best. False: too many steps. */
static bool search(struct cover *cover, struct aif_place_value *ret_best)
{
    struct aif_place_scratch *scratch = cover->scratch;

    cover->whole = aif_place_whole_applies(cover->run, cover->segments);
    for (uint32_t at = 0; at < scratch->tier_count; at++) {
        cover->steps += scratch->tiers[at].island_count; /* an empty search is not for nothing */
        if (!search_rooms(cover, at, ret_best))
            return false;
        if (at + 1 < scratch->tier_count && ret_best->span < least_span_outside(scratch, at))
            return true;
    }
    return true;
}

/* ---- segments ---- */

/* A tier's sizes that could divide the job, from rank 0 on; 0: there is no such rank. */
static uint32_t segment_of_rank(const struct aif_place_tier *tier, uint32_t nodes, uint32_t rank)
{
    uint32_t first = 0;

    if (!tier->conf || !tier->conf->segment_count)
        return rank ? 0 : 1;
    while (first < tier->conf->segment_count && nodes % tier->conf->segments[first])
        first++;
    if (rank == tier->conf->segment_count)
        return 1;
    if (first + rank >= tier->conf->segment_count)
        return 0;
    return nodes % tier->conf->segments[first + rank] ? 0 : tier->conf->segments[first + rank];
}

/* Try all ways in which the ranks of this tier and those above add up to rank. */
static bool search_rank(struct cover *cover, uint32_t at, uint32_t rank,
                        struct aif_place_value *best)
{
    const struct aif_place_scratch *scratch = cover->scratch;

    if (at == scratch->tier_count)
        return rank || search(cover, best);
    for (uint32_t own = 0; own <= rank && own <= AIF_FABRIC_SEGMENTS_MAX; own++) {
        cover->segments[at] = segment_of_rank(&scratch->tiers[at], cover->run->ask->nodes, own);
        if (cover->segments[at] && !search_rank(cover, at + 1, rank - own, best))
            return false;
    }
    return true;
}

static bool has_segments(const struct aif_place_scratch *scratch)
{
    for (uint32_t at = 0; at + 1 < scratch->tier_count; at++)
        if (scratch->tiers[at].conf->segment_count)
            return true;
    return false;
}

/* Segments may not cost span: the first rank at which the least span is still possible. */
static bool search_segments(struct cover *cover, const struct aif_place_value *unconstrained)
{
    struct aif_place_value best = {.span = AIF_PLACE_IMPOSSIBLE};

    for (uint32_t rank = 0; best.span != unconstrained->span; rank++) {
        /* Worse spans are of no use, and no reason to stop at this rank. */
        best = (struct aif_place_value){unconstrained->span, INT64_MAX, UINT64_MAX, UINT64_MAX};
        if (!search_rank(cover, 0, rank, &best))
            return false;
        if (best.stranded == INT64_MAX)
            best.span = AIF_PLACE_IMPOSSIBLE;
    }
    return true;
}

bool aif_place_cover(const struct aif_place_run *run, bool *ret_found)
{
    struct cover cover = {.run = run, .scratch = run->scratch};
    struct aif_place_value best = {.span = AIF_PLACE_IMPOSSIBLE};
    bool done = run->scratch->need <= UINT16_MAX;

    for (uint32_t at = 0; at < AIF_PLACE_TIERS_MAX; at++)
        cover.segments[at] = 1;
    done = done && search(&cover, &best);
    *ret_found = best.span != AIF_PLACE_IMPOSSIBLE;
    return done && (!has_segments(run->scratch) || search_segments(&cover, &best));
}
