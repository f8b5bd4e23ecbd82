/* place_brute.c - see place_case.h: the key by its definition, and the least by trying all sets */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "place_case.h"

static int bits(uint64_t set)
{
    return __builtin_popcountll(set);
}

static bool idle(const struct place_case *drawn, uint32_t i)
{
    const struct aif_place_node *node = &drawn->nodes[i];

    return drawn->ask.unused || (node->free == node->gpus && node->other_used == 0);
}

/* Candidates that have what is asked. */
static uint32_t fitting(const struct place_case *drawn)
{
    uint32_t set = 0;

    for (uint32_t i = 0; i < drawn->count; i++) {
        const uint32_t node = drawn->candidates[i];
        const uint32_t has = drawn->ask.unused ? drawn->nodes[node].gpus : drawn->nodes[node].free;

        if (has >= drawn->ask.gpus && (!drawn->ask.whole || idle(drawn, node)))
            set |= 1u << node;
    }
    return set;
}

static uint32_t most_links(const uint16_t *links, uint32_t mask, int k)
{
    uint32_t most = 0;

    for (uint32_t set = 0; set < 1u << CASE_GPUS; set++) {
        uint32_t inside = 0;

        if ((set & mask) != set || bits(set) != k)
            continue;
        for (int i = 0; i < CASE_GPUS; i++)
            for (int j = i + 1; j < CASE_GPUS; j++)
                inside += (set >> i & 1) && (set >> j & 1) ? links[i * CASE_GPUS + j] : 0;
        most = inside > most ? inside : most;
    }
    return most;
}

static uint64_t links_of(const struct place_case *drawn, uint32_t i)
{
    const struct aif_place_node *node = &drawn->nodes[i];
    const int k = (int)drawn->ask.gpus;
    const uint16_t *links;

    if (drawn->ask.whole || drawn->ask.unused || node->pattern == AIF_PLACE_PATTERN_NONE ||
        node->free_mask == 0)
        return 0;
    links = drawn->links[node->pattern];
    return most_links(links, (1u << CASE_GPUS) - 1, k) -
           most_links(links, (uint32_t)node->free_mask, k);
}

static int64_t stranded_of(const struct place_case *drawn, uint32_t i)
{
    const struct aif_place_ask *ask = &drawn->ask;
    const int64_t G = drawn->nodes[i].gpus, k = ask->gpus, e = ask->seconds;
    const int64_t H =
        drawn->nodes[i].until > ask->now ? (int64_t)drawn->nodes[i].until - ask->now : 0;

    if (ask->whole)
        return 0;
    if (idle(drawn, i))
        return (G - k) * e;
    return -k * (e < H ? e : H) + (G - k) * (e > H ? e - H : 0) +
           ask->leftover_seconds * (drawn->nodes[i].free - k);
}

static uint32_t members(const struct aif_fabric *fabric, uint32_t level, uint32_t island)
{
    uint32_t set = 0;

    for (uint32_t i = 0; i < fabric->node_count; i++)
        if (fabric->levels[level].island_of[i] == island)
            set |= 1u << i;
    return set;
}

/* Whether a size divides what each touched island gives. */
static bool divides(const struct place_case *drawn, uint32_t level, uint32_t set, uint32_t size)
{
    for (uint32_t island = 0; island < drawn->fabric->levels[level].island_count; island++)
        if (bits(set & members(drawn->fabric, level, island)) % (int)size != 0)
            return false;
    return true;
}

static uint32_t uneven_of(const struct place_case *drawn, uint32_t level, uint32_t set)
{
    const struct aif_fabric_levelconf *conf = &drawn->fabric->levels[level].conf;
    uint32_t steps = 0;
    bool usable = false;

    for (uint32_t i = 0; i < conf->segment_count; i++) {
        usable |= drawn->ask.nodes % conf->segments[i] == 0;
        if (divides(drawn, level, set, conf->segments[i]))
            return steps;
        steps += usable;
    }
    return conf->segment_count;
}

static uint64_t left_in(const struct place_case *drawn, uint32_t level, uint32_t set)
{
    uint64_t left = 0;

    for (uint32_t island = 0; island < drawn->fabric->levels[level].island_count; island++) {
        const uint32_t here = members(drawn->fabric, level, island);

        if (set & here)
            left += (uint64_t)bits(fitting(drawn) & here & ~set);
    }
    return left;
}

static uint64_t touched(const struct place_case *drawn, uint32_t level, uint32_t set)
{
    uint64_t count = 0;

    for (uint32_t island = 0; island < drawn->fabric->levels[level].island_count; island++)
        count += (set & members(drawn->fabric, level, island)) != 0;
    return count;
}

bool place_case_key(const struct place_case *drawn, uint32_t set, struct aif_place_key *ret_key)
{
    int shift = 40;

    memset(ret_key, 0, sizeof(*ret_key));
    if (bits(set) != (int)drawn->ask.nodes || (set & fitting(drawn)) != set)
        return false;
    for (uint32_t i = 0; i < drawn->count; i++)
        if (drawn->has_classes && set >> drawn->candidates[i] & 1)
            ret_key->weight += drawn->classes[i];
    for (uint32_t i = 0; i < SMALL; i++)
        if (set >> i & 1) {
            ret_key->stranded += stranded_of(drawn, i);
            ret_key->links += links_of(drawn, i);
        }
    for (uint32_t level = 0; level < drawn->fabric->level_count; level++) {
        if (drawn->fabric->levels[level].conf.weight == 0)
            continue;
        ret_key->span += drawn->fabric->levels[level].conf.weight * touched(drawn, level, set);
        ret_key->uneven += uneven_of(drawn, level, set);
        ret_key->leftover += left_in(drawn, level, set) << shift;
        shift -= 20;
    }
    return true;
}

int place_case_compare(const struct aif_place_key *a, const struct aif_place_key *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight ? 1 : -1;
    if (a->span != b->span)
        return a->span > b->span ? 1 : -1;
    if (a->uneven != b->uneven)
        return a->uneven > b->uneven ? 1 : -1;
    if (a->stranded != b->stranded)
        return a->stranded > b->stranded ? 1 : -1;
    if (a->links != b->links)
        return a->links > b->links ? 1 : -1;
    return (a->leftover > b->leftover) - (a->leftover < b->leftover);
}

bool place_case_best(const struct place_case *drawn, struct aif_place_key *ret_key)
{
    const uint32_t fits = fitting(drawn);
    bool found = false;

    /* All subsets of what fits, by counting in its bits alone. */
    for (uint32_t set = fits; set; set = (set - 1) & fits) {
        struct aif_place_key key;

        if (!place_case_key(drawn, set, &key))
            continue;
        if (!found || place_case_compare(&key, ret_key) < 0)
            *ret_key = key;
        found = true;
    }
    return found;
}
