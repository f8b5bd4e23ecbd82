/* place_gather.c - the candidates that fit, counted and sorted by island, see place_private.h */
#include "place_private.h"

#include <string.h>

#define CLASSES 256
#define SORT_SMALL 16

/* Neighbours mostly share their island: count in a register until it changes. */
static void count_islands(const struct aif_place_scratch *scratch, const uint32_t *nodes,
                          uint32_t count, uint32_t *ret_counts)
{
    const struct aif_place_tier *tier = &scratch->tiers[0];
    uint32_t island = 0, same = 0;

    memset(ret_counts, 0, tier->island_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t next = tier->island_of[nodes[i]];

        if (next != island) {
            ret_counts[island] += same;
            island = next;
            same = 0;
        }
        same++;
    }
    if (same)
        ret_counts[island] += same;
}

static void sum_up(const uint32_t *counts, const struct aif_place_tier *below,
                   const struct aif_place_tier *above, uint32_t *ret_sums)
{
    memset(ret_sums, 0, above->island_count * sizeof(uint32_t));
    for (uint32_t island = 0; island < below->island_count; island++)
        ret_sums[below->parent[island]] += counts[island];
}

void aif_place_gather(const struct aif_place_run *run, const uint32_t *candidates, uint32_t count)
{
    struct aif_place_scratch *scratch = run->scratch;
    uint32_t fitting = 0;

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t node = candidates[i];

        if (run->classes)
            scratch->class_of[node] = run->classes[i];
        /* Written in any case, kept if it fits: no branch to guess wrong. */
        scratch->fitting[fitting] = node;
        fitting += aif_place_fits(run->ask, &run->view->nodes[node]);
    }
    scratch->fitting_count = fitting;
    count_islands(scratch, scratch->fitting, fitting, scratch->tiers[0].fit);
    for (uint32_t at = 1; at < scratch->tier_count; at++)
        sum_up(scratch->tiers[at - 1].fit, &scratch->tiers[at - 1], &scratch->tiers[at],
               scratch->tiers[at].fit);
}

/* ---- classes ---- */

/* Find the open class, and count what is below it and in it. */
static void find_class(struct aif_place_scratch *scratch, uint32_t nodes)
{
    uint32_t counts[CLASSES] = {0}, class = 0;

    for (uint32_t i = 0; i < scratch->fitting_count; i++)
        counts[scratch->class_of[scratch->fitting[i]]]++;
    scratch->forced_count = 0;
    while (scratch->forced_count + counts[class] < nodes)
        scratch->forced_count += counts[class ++];
    scratch->class = (uint8_t) class;
    scratch->open_count = counts[class];
}

static void count_classes(struct aif_place_scratch *scratch)
{
    struct aif_place_tier *tier = &scratch->tiers[0];

    memset(tier->forced, 0, tier->island_count * sizeof(uint32_t));
    memset(tier->open, 0, tier->island_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < scratch->fitting_count; i++) {
        const uint32_t node = scratch->fitting[i], island = tier->island_of[node];

        if (scratch->class_of[node] < scratch->class)
            tier->forced[island]++;
        else if (scratch->class_of[node] == scratch->class)
            tier->open[island]++;
    }
    for (uint32_t at = 1; at < scratch->tier_count; at++) {
        sum_up(tier[at - 1].forced, &tier[at - 1], &tier[at], tier[at].forced);
        sum_up(tier[at - 1].open, &tier[at - 1], &tier[at], tier[at].open);
    }
}

bool aif_place_open(const struct aif_place_run *run)
{
    struct aif_place_scratch *scratch = run->scratch;

    if (scratch->fitting_count < run->ask->nodes)
        return false;
    if (run->classes) {
        find_class(scratch, run->ask->nodes);
        count_classes(scratch);
    } else {
        scratch->forced_count = 0;
        scratch->open_count = scratch->fitting_count;
        for (uint32_t at = 0; at < scratch->tier_count; at++) {
            struct aif_place_tier *tier = &scratch->tiers[at];

            memset(tier->forced, 0, tier->island_count * sizeof(uint32_t));
            memcpy(tier->open, tier->fit, tier->island_count * sizeof(uint32_t));
        }
    }
    scratch->need = run->ask->nodes - scratch->forced_count;
    return true;
}

/* ---- items ---- */

static bool comes_first(const struct aif_place_item *a, const struct aif_place_item *b)
{
    return a->stranded != b->stranded ? a->stranded < b->stranded : a->links < b->links;
}

static void insertion_sort(struct aif_place_item *items, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        const struct aif_place_item item = items[i];
        uint32_t at = i;

        for (; at && comes_first(&item, &items[at - 1]); at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

/* Merge two sorted neighbours, [0, middle) and [middle, count). */
static void merge(struct aif_place_item *items, uint32_t middle, uint32_t count,
                  struct aif_place_item *spare)
{
    uint32_t left = 0, right = middle, at = 0;

    memcpy(spare, items, middle * sizeof(*items));
    while (left < middle) {
        if (right < count && comes_first(&items[right], &spare[left]))
            items[at++] = items[right++];
        else
            items[at++] = spare[left++];
    }
}

/* qsort() may allocate, and does not keep the order of equal ones. */
void aif_place_sort(struct aif_place_item *items, uint32_t count, struct aif_place_item *spare)
{
    for (uint32_t from = 0; from < count; from += SORT_SMALL)
        insertion_sort(items + from, count - from < SORT_SMALL ? count - from : SORT_SMALL);
    for (uint64_t half = SORT_SMALL; half < count; half *= 2)
        for (uint64_t from = 0; from + half < count; from += 2 * half) {
            const uint64_t rest = count - from;

            merge(items + from, (uint32_t)half, (uint32_t)(rest < 2 * half ? rest : 2 * half),
                  spare);
        }
}

static bool is_open(const struct aif_place_run *run, uint32_t node)
{
    return !run->classes || run->scratch->class_of[node] == run->scratch->class;
}

/* Put the open nodes where their island's begin. */
static void fill_items(struct aif_place_run *run)
{
    struct aif_place_scratch *scratch = run->scratch;
    const struct aif_place_tier *tier = &scratch->tiers[0];
    const struct aif_place_item *first = NULL;

    run->uniform = true;
    for (uint32_t i = 0; i < scratch->fitting_count; i++) {
        const uint32_t node = scratch->fitting[i], island = tier->island_of[node];
        struct aif_place_item *item;

        if (!is_open(run, node))
            continue;
        item = &scratch->items[scratch->start[island]++];
        item->stranded = aif_place_stranded(run->ask, &run->view->nodes[node]);
        item->links = aif_place_links(run->view, run->ask, &run->view->nodes[node]);
        item->index = node;
        if (!first)
            first = item;
        run->uniform &= item->stranded == first->stranded && item->links == first->links;
    }
}

void aif_place_group(struct aif_place_run *run)
{
    struct aif_place_scratch *scratch = run->scratch;
    const struct aif_place_tier *tier = &scratch->tiers[0];
    uint32_t at = 0;

    run->uniform = run->ask->whole;
    if (run->uniform)
        return;
    for (uint32_t island = 0; island < tier->island_count; island++) {
        scratch->start[island] = at;
        at += tier->open[island];
    }
    fill_items(run);
    at = 0;
    for (uint32_t island = 0; island < tier->island_count; island++) {
        scratch->start[island] = at;
        if (!run->uniform)
            aif_place_sort(scratch->items + at, tier->open[island], scratch->spare);
        at += tier->open[island];
    }
    scratch->start[tier->island_count] = at;
}

/* ---- the answer ---- */

void aif_place_clear_quotas(struct aif_place_scratch *scratch)
{
    for (uint32_t at = 0; at < scratch->tier_count; at++)
        memset(scratch->tiers[at].quota, 0, scratch->tiers[at].island_count * sizeof(uint32_t));
}

/* Mark the first of each island's sorted nodes. */
static void pick_items(struct aif_place_scratch *scratch)
{
    const struct aif_place_tier *tier = &scratch->tiers[0];

    for (uint32_t island = 0; island < tier->island_count; island++)
        for (uint32_t i = 0; i < tier->quota[island]; i++)
            scratch->picked[scratch->items[scratch->start[island] + i].index] = 1;
}

static bool take_open(const struct aif_place_run *run, uint32_t node)
{
    const struct aif_place_tier *tier = &run->scratch->tiers[0];

    if (!run->uniform) {
        const bool picked = run->scratch->picked[node];

        run->scratch->picked[node] = 0;
        return picked;
    }
    if (!tier->quota[tier->island_of[node]])
        return false;
    tier->quota[tier->island_of[node]]--;
    return true;
}

void aif_place_emit(const struct aif_place_run *run, uint32_t *ret_nodes)
{
    const struct aif_place_scratch *scratch = run->scratch;
    uint32_t written = 0;

    if (!run->uniform)
        pick_items(run->scratch);
    for (uint32_t i = 0; i < scratch->fitting_count && written < run->ask->nodes; i++) {
        const uint32_t node = scratch->fitting[i];
        const bool forced = run->classes && scratch->class_of[node] < scratch->class;

        if (forced || (is_open(run, node) && take_open(run, node)))
            ret_nodes[written++] = node;
    }
}
