/* place_scratch.c - working memory of the choice, see place.h */
#include "place_private.h"

#include <stdlib.h>

#define LEFTOVER_BITS 20
#define LEFTOVER_TIERS 3 /* how many have room in 64 bits */
#define CHOICES_PER_NODE 128
#define CHOICES_LEAST 65536

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* At least one, so that an empty machine is no failure. */
static void *zeros(size_t count, size_t size)
{
    return calloc(count + 1, size);
}

static void add_level(struct aif_place_scratch *scratch, const struct aif_fabric_level *level)
{
    const uint32_t at = scratch->tier_count++;
    struct aif_place_tier *tier = &scratch->tiers[at];

    tier->conf = &level->conf;
    tier->weight = level->conf.weight;
    tier->shift =
        at < LEFTOVER_TIERS ? (LEFTOVER_TIERS - 1 - at) * LEFTOVER_BITS : AIF_PLACE_NOT_COUNTED;
    tier->island_count = level->island_count;
    tier->island_of = level->island_of;
}

static void add_machine(struct aif_place_scratch *scratch)
{
    struct aif_place_tier *tier = &scratch->tiers[scratch->tier_count++];

    tier->shift = AIF_PLACE_NOT_COUNTED;
    tier->island_count = 1;
    tier->island_of = scratch->machine;
}

static bool allocate_tier(struct aif_place_tier *tier, bool innermost)
{
    const size_t count = tier->island_count;

    tier->parent = zeros(count, sizeof(uint32_t));
    tier->fit = zeros(count, sizeof(uint32_t));
    tier->forced = zeros(count, sizeof(uint32_t));
    tier->open = zeros(count, sizeof(uint32_t));
    tier->quota = zeros(count, sizeof(uint32_t));
    tier->take = zeros(count, sizeof(uint32_t));
    tier->order = zeros(count, sizeof(struct aif_place_item));
    tier->choices = zeros(count, sizeof(uint32_t));
    tier->choices_low = zeros(count, sizeof(uint32_t));
    if (!innermost)
        tier->child = zeros(count + 1, sizeof(uint32_t));
    return tier->parent && tier->fit && tier->forced && tier->open && tier->quota && tier->take &&
           tier->order && tier->choices && tier->choices_low && (innermost || tier->child);
}

/* Islands of one island of the next tier are neighbours, so a first and the next one's first do. */
static void link_tiers(const struct aif_fabric *fabric, struct aif_place_tier *below,
                       struct aif_place_tier *above)
{
    for (uint32_t node = 0; node < fabric->node_count; node++)
        below->parent[below->island_of[node]] = above->island_of[node];
    for (uint32_t island = 0; island < below->island_count; island++)
        above->child[below->parent[island] + 1]++;
    for (uint32_t island = 0; island < above->island_count; island++)
        above->child[island + 1] += above->child[island];
}

/* Nodes of the largest island of a tier; fit serves to count. */
static uint32_t largest_island(const struct aif_fabric *fabric, struct aif_place_tier *tier)
{
    uint32_t largest = 0;

    for (uint32_t node = 0; node < fabric->node_count; node++)
        if (++tier->fit[tier->island_of[node]] > largest)
            largest = tier->fit[tier->island_of[node]];
    return largest;
}

/* No sum is of more nodes than an island has, or than the covers work for. */
static bool allocate_sums(struct aif_place_tier *tier, uint32_t nodes, uint32_t island_nodes)
{
    const uint32_t whole = nodes < AIF_PLACE_WHOLE_MAX ? nodes : AIF_PLACE_WHOLE_MAX;

    tier->sums = zeros((size_t)at_most(island_nodes, UINT16_MAX) + 1, sizeof(*tier->sums));
    if (tier->child)
        tier->states = zeros((size_t)whole + 1, sizeof(*tier->states));
    return tier->sums && (tier->states || !tier->child);
}

/* Of more choices than that no cover is looked for. */
static bool allocate_covers(struct aif_place_scratch *scratch)
{
    const struct aif_fabric *fabric = scratch->fabric;
    const uint64_t most = CHOICES_LEAST + (uint64_t)CHOICES_PER_NODE * fabric->node_count;
    uint64_t islands = 0;

    for (uint32_t at = 0; at < scratch->tier_count; at++) {
        struct aif_place_tier *tier = &scratch->tiers[at];

        if (!allocate_sums(tier, fabric->node_count, largest_island(fabric, tier)))
            return false;
        islands += tier->island_count;
    }
    scratch->choices_size = at_most(most, islands * ((uint64_t)fabric->node_count + 1));
    scratch->choices_size = at_most(scratch->choices_size, scratch->steps_max);
    scratch->choices = zeros(scratch->choices_size, sizeof(uint16_t));
    return scratch->choices != NULL;
}

static bool allocate_tiers(struct aif_place_scratch *scratch)
{
    const struct aif_fabric *fabric = scratch->fabric;

    for (uint32_t level = 0; level < fabric->level_count; level++) {
        if (fabric->levels[level].conf.weight)
            add_level(scratch, &fabric->levels[level]);
        scratch->marks[level] = zeros(fabric->levels[level].island_count, sizeof(uint32_t));
        if (!scratch->marks[level])
            return false;
    }
    add_machine(scratch);
    for (uint32_t at = 0; at < scratch->tier_count; at++)
        if (!allocate_tier(&scratch->tiers[at], !at))
            return false;
    for (uint32_t at = 1; at < scratch->tier_count; at++)
        link_tiers(fabric, &scratch->tiers[at - 1], &scratch->tiers[at]);
    return allocate_covers(scratch);
}

static bool allocate_nodes(struct aif_place_scratch *scratch)
{
    const size_t nodes = scratch->fabric->node_count;

    scratch->machine = zeros(nodes, sizeof(uint32_t));
    scratch->fitting = zeros(nodes, sizeof(uint32_t));
    scratch->class_of = zeros(nodes, sizeof(uint8_t));
    scratch->picked = zeros(nodes, sizeof(uint8_t));
    scratch->start = zeros(nodes + 1, sizeof(uint32_t)); /* islands are no more than nodes */
    scratch->items = zeros(nodes, sizeof(struct aif_place_item));
    scratch->spare = zeros(nodes, sizeof(struct aif_place_item));
    scratch->other = zeros(nodes, sizeof(uint32_t));
    scratch->sizes = zeros(nodes + 1, sizeof(uint32_t));
    return scratch->machine && scratch->fitting && scratch->class_of && scratch->picked &&
           scratch->start && scratch->items && scratch->spare && scratch->sizes && scratch->other;
}

struct aif_place_scratch *aif_place_scratch_create(const struct aif_fabric *fabric)
{
    struct aif_place_scratch *scratch = calloc(1, sizeof(*scratch));

    if (!scratch)
        return NULL;
    scratch->fabric = fabric;
    scratch->steps_max = AIF_PLACE_STEPS_MAX;
    scratch->whole_max = AIF_PLACE_WHOLE_MAX;
    if (!allocate_nodes(scratch) || !allocate_tiers(scratch)) {
        aif_place_scratch_destroy(scratch);
        return NULL;
    }
    return scratch;
}

void aif_place_scratch_destroy(struct aif_place_scratch *scratch)
{
    if (!scratch)
        return;
    for (uint32_t at = 0; at < scratch->tier_count; at++) {
        struct aif_place_tier *tier = &scratch->tiers[at];

        free(tier->parent);
        free(tier->child);
        free(tier->fit);
        free(tier->forced);
        free(tier->open);
        free(tier->quota);
        free(tier->take);
        free(tier->order);
        free(tier->sums);
        free(tier->states);
        free(tier->choices);
        free(tier->choices_low);
    }
    for (uint32_t level = 0; level < AIF_FABRIC_LEVELS_MAX; level++)
        free(scratch->marks[level]);
    free(scratch->machine);
    free(scratch->fitting);
    free(scratch->class_of);
    free(scratch->picked);
    free(scratch->start);
    free(scratch->items);
    free(scratch->spare);
    free(scratch->sizes);
    free(scratch->other);
    free(scratch->choices);
    free(scratch);
}

void aif_place_scratch_limit(struct aif_place_scratch *scratch, uint64_t steps_max,
                             uint32_t whole_max)
{
    scratch->steps_max = at_most(steps_max, AIF_PLACE_STEPS_MAX);
    scratch->whole_max = (uint32_t)at_most(whole_max, AIF_PLACE_WHOLE_MAX);
}
