/*
 * place_any.c - the cover for any nodes, alike or not
 *
 * For each island: the least key of taking 0, 1, 2 … of its open nodes. Of an innermost island that
 * is the sum over its first nodes in sorted order; of any other, its children's combined one by one
 * (a min-plus convolution). Keys are vectors of integers compared member by member, so sums of
 * least keys are least.
 */
#include "place_private.h"

#include <string.h>

struct table {
    const struct aif_place_run *run;
    struct aif_place_scratch *scratch;
    const uint32_t *segments;
    uint64_t choices_used;
};

/* From and to which count a row of values is known. */
struct range {
    uint32_t low, high;
};

/* ---- what an island costs ---- */

void aif_place_add_touch(const struct aif_place_scratch *scratch, const uint32_t *segments,
                         uint32_t at, uint32_t island, uint32_t extra,
                         struct aif_place_value *value)
{
    const struct aif_place_tier *tier = &scratch->tiers[at];
    const uint32_t taken = tier->forced[island] + extra;

    if (!taken || value->span == AIF_PLACE_IMPOSSIBLE)
        return;
    if (taken % segments[at]) {
        value->span = AIF_PLACE_IMPOSSIBLE;
        return;
    }
    value->span += tier->weight;
    if (tier->shift < AIF_PLACE_NOT_COUNTED)
        value->leftover += (uint64_t)(tier->fit[island] - taken) << tier->shift;
}

/* The values of an innermost island. */
static void fill_leaf(const struct table *table, uint32_t island, const struct range *range,
                      struct aif_place_value *values)
{
    const struct aif_place_scratch *scratch = table->scratch;
    const struct aif_place_item *items =
        table->run->uniform ? NULL : scratch->items + scratch->start[island];
    struct aif_place_value sum = {0};

    for (uint32_t extra = 0; extra <= range->high; extra++) {
        if (extra && items) {
            sum.stranded += items[extra - 1].stranded;
            sum.links += items[extra - 1].links;
        }
        values[extra] = sum;
        aif_place_add_touch(scratch, table->segments, 0, island, extra, &values[extra]);
    }
}

/* ---- combining children ---- */

/* The least of taking count in all, and how many of them of the child. */
static uint32_t combine_one(const struct aif_place_value *sums, const struct range *summed,
                            const struct aif_place_value *parts, const struct range *part,
                            uint32_t count, struct aif_place_value *ret_best)
{
    const uint32_t last = aif_place_least(part->high, count - summed->low);
    struct aif_place_value best = {.span = AIF_PLACE_IMPOSSIBLE};
    uint32_t choice = 0;

    for (uint32_t x = part->low > aif_place_minus(count, summed->high)
                          ? part->low
                          : aif_place_minus(count, summed->high);
         x <= last; x++) {
        const struct aif_place_value *a = &sums[count - x], *b = &parts[x];
        struct aif_place_value value;

        if (a->span == AIF_PLACE_IMPOSSIBLE || b->span == AIF_PLACE_IMPOSSIBLE ||
            a->span + b->span > best.span)
            continue;
        value.span = a->span + b->span;
        value.stranded = a->stranded + b->stranded;
        value.links = a->links + b->links;
        value.leftover = a->leftover + b->leftover;
        if (aif_place_value_compare(&value, &best) < 0) {
            best = value;
            choice = x;
        }
    }
    *ret_best = best;
    return choice;
}

/* What is known after a child: at least low in all if rest more are to come, and no more than
 * needed. */
static struct range combined_range(const struct range *summed, const struct range *part,
                                   uint32_t low, uint32_t rest, uint32_t need)
{
    const uint32_t sum_low = summed->low + part->low, least = aif_place_minus(low, rest);

    return (struct range){sum_low > least ? sum_low : least,
                          aif_place_least(summed->high + part->high, need)};
}

/* In place: each sum needs only itself and smaller ones, so the largest comes first. */
static void combine(struct aif_place_value *sums, const struct range *summed,
                    const struct aif_place_value *parts, const struct range *part,
                    const struct range *result, uint16_t *choices)
{
    for (uint32_t count = result->high + 1; count-- > result->low;) {
        struct aif_place_value best;

        choices[count - result->low] =
            (uint16_t)combine_one(sums, summed, parts, part, count, &best);
        sums[count] = best;
    }
}

static bool is_empty(const struct aif_place_tier *tier, uint32_t island)
{
    return !tier->open[island] && !tier->forced[island];
}

/* Which counts of a child matter if at least low are needed of its island. */
static struct range child_range(const struct aif_place_scratch *scratch, uint32_t at,
                                uint32_t island, uint32_t child, uint32_t low)
{
    const uint32_t open = scratch->tiers[at - 1].open[child];

    return (struct range){aif_place_minus(low, scratch->tiers[at].open[island] - open),
                          aif_place_least(open, scratch->need)};
}

/* Add the steps of solve() for an island, and the choices that it keeps. */
static void count_steps(const struct aif_place_scratch *scratch, uint32_t at, uint32_t island,
                        uint32_t low, struct aif_place_effort *effort)
{
    const struct aif_place_tier *tier = &scratch->tiers[at];
    uint32_t rest = tier->open[island];
    struct range summed = {0, 0};

    if (!at) {
        effort->steps += aif_place_least(rest, scratch->need) + 1;
        return;
    }
    for (uint32_t child = tier->child[island]; child < tier->child[island + 1]; child++) {
        struct range part, result;
        uint64_t row;

        if (is_empty(tier - 1, child))
            continue;
        part = child_range(scratch, at, island, child, low);
        rest -= (tier - 1)->open[child];
        result = combined_range(&summed, &part, low, rest, scratch->need);
        count_steps(scratch, at - 1, child, part.low, effort);
        row = result.high - result.low + 1;
        effort->choices += row;
        effort->steps +=
            row * (aif_place_least(part.high - part.low, summed.high - summed.low) + 1);
        summed = result;
    }
}

/*
 * Fill sums of an island (values of an innermost one) for low and more of its open nodes, without
 * its own cost, and the choices that lead there.
 */
static void solve(struct table *table, uint32_t at, uint32_t island, uint32_t low)
{
    struct aif_place_scratch *scratch = table->scratch;
    const struct aif_place_tier *tier = &scratch->tiers[at];
    struct aif_place_value *sums = tier->sums;
    uint32_t rest = tier->open[island];
    struct range summed = {0, 0};

    memset(&sums[0], 0, sizeof(sums[0]));
    for (uint32_t child = tier->child[island]; child < tier->child[island + 1]; child++) {
        struct aif_place_tier *below = &scratch->tiers[at - 1];
        struct range part, result;

        if (is_empty(below, child))
            continue;
        part = child_range(scratch, at, island, child, low);
        rest -= below->open[child];
        result = combined_range(&summed, &part, low, rest, scratch->need);
        if (at == 1) {
            fill_leaf(table, child, &part, below->sums);
        } else {
            solve(table, at - 1, child, part.low);
            for (uint32_t extra = part.low; extra <= part.high; extra++)
                aif_place_add_touch(scratch, table->segments, at - 1, child, extra,
                                    &below->sums[extra]);
        }
        below->choices[child] = (uint32_t)table->choices_used;
        combine(sums, &summed, below->sums, &part, &result, scratch->choices + table->choices_used);
        table->choices_used += result.high - result.low + 1;
        below->choices_low[child] = result.low;
        summed = result;
    }
}

/* Hand need open nodes of a solved island on to its children. */
static void hand_on(struct aif_place_scratch *scratch, uint32_t at, uint32_t island, uint32_t need)
{
    const struct aif_place_tier *tier = &scratch->tiers[at];

    if (!at) {
        tier->quota[island] = need;
        return;
    }
    for (uint32_t child = tier->child[island + 1]; child-- > tier->child[island];) {
        const struct aif_place_tier *below = tier - 1;
        uint32_t part;

        if (is_empty(below, child))
            continue;
        part = scratch->choices[below->choices[child] + need - below->choices_low[child]];
        hand_on(scratch, at - 1, child, part);
        need -= part;
    }
}

/* ---- the whole ---- */

void aif_place_any_count(const struct aif_place_scratch *scratch, uint32_t at, uint32_t island,
                         struct aif_place_effort *effort)
{
    count_steps(scratch, at, island, scratch->need, effort);
}

void aif_place_any(const struct aif_place_run *run, const uint32_t *segments, uint32_t at,
                   uint32_t island, struct aif_place_value *ret_value)
{
    struct table table = {run, run->scratch, segments, 0};
    const uint32_t need = run->scratch->need;
    const struct range range = {need, need};

    if (at)
        solve(&table, at, island, need);
    else
        fill_leaf(&table, island, &range, run->scratch->tiers[0].sums);
    *ret_value = run->scratch->tiers[at].sums[need];
}

void aif_place_any_assign(struct aif_place_scratch *scratch, uint32_t at, uint32_t island)
{
    hand_on(scratch, at, island, scratch->need);
}
