/* place_key.c - what a choice is worth, see place.h */
#include "place_private.h"

#include <string.h>

uint32_t aif_place_links_lost(const struct aif_place_view *view, const struct aif_place_ask *ask,
                              const struct aif_place_node *node)
{
    const uint32_t loss =
        aif_gpulinks_loss(view->patterns[node->pattern], node->free_mask, ask->gpus);
    return loss == UINT32_MAX ? 0 : loss; /* a mask that says less than free is not known */
}

uint32_t aif_place_uneven(const struct aif_fabric_levelconf *conf, uint32_t nodes, uint32_t taken)
{
    uint32_t first = 0;

    while (first < conf->segment_count && nodes % conf->segments[first])
        first++;
    for (uint32_t at = first; at < conf->segment_count; at++)
        if (taken % conf->segments[at] == 0)
            return at - first;
    return conf->segment_count;
}

/* The largest number that divides what each touched island gives: a size divides all of them if and
 * only if it divides that. */
static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b) {
        const uint32_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static uint32_t next_epoch(struct aif_place_scratch *scratch)
{
    if (++scratch->epoch)
        return scratch->epoch;
    for (uint32_t level = 0; level < scratch->fabric->level_count; level++)
        memset(scratch->marks[level], 0,
               scratch->fabric->levels[level].island_count * sizeof(uint32_t));
    return scratch->epoch = 1;
}

/* How many of its nodes each touched island gives; returns how many islands those are. order is
 * where they are listed. */
static uint32_t count_taken(const struct aif_place_run *run, const struct aif_fabric_level *level,
                            uint32_t *mark, const uint32_t *nodes, struct aif_place_tier *tier)
{
    const uint32_t epoch = next_epoch(run->scratch);
    uint32_t touched = 0;

    for (uint32_t i = 0; i < run->ask->nodes; i++) {
        const uint32_t island = level->island_of[nodes[i]];

        if (mark[island] != epoch) {
            mark[island] = epoch;
            if (tier) {
                tier->take[island] = 0;
                tier->order[touched].index = island;
            }
            touched++;
        }
        if (tier)
            tier->take[island]++;
    }
    return touched;
}

static void evaluate_tier(const struct aif_place_run *run, const struct aif_place_tier *tier,
                          uint32_t touched, struct aif_place_key *key)
{
    uint32_t divisor = 0;

    key->span += tier->weight * touched;
    for (uint32_t i = 0; i < touched; i++) {
        const uint32_t island = tier->order[i].index;

        divisor = common_divisor(tier->take[island], divisor);
        if (tier->shift < AIF_PLACE_NOT_COUNTED)
            key->leftover += (uint64_t)(tier->fit[island] - tier->take[island]) << tier->shift;
    }
    key->uneven += aif_place_uneven(tier->conf, run->ask->nodes, divisor);
}

void aif_place_evaluate(const struct aif_place_run *run, const uint32_t *nodes,
                        struct aif_place_result *ret_result)
{
    struct aif_place_scratch *scratch = run->scratch;
    const struct aif_fabric *fabric = scratch->fabric;
    uint32_t at = 0;

    memset(ret_result, 0, sizeof(*ret_result));
    for (uint32_t i = 0; i < run->ask->nodes; i++) {
        const struct aif_place_node *node = &run->view->nodes[nodes[i]];

        ret_result->key.weight += run->classes ? scratch->class_of[nodes[i]] : 0;
        ret_result->key.stranded += aif_place_stranded(run->ask, node);
        ret_result->key.links += aif_place_links(run->view, run->ask, node);
    }
    for (uint32_t level = 0; level < fabric->level_count; level++) {
        const bool counts = fabric->levels[level].conf.weight > 0;
        struct aif_place_tier *tier = counts ? &scratch->tiers[at++] : NULL;

        ret_result->islands[level] =
            count_taken(run, &fabric->levels[level], scratch->marks[level], nodes, tier);
        if (tier)
            evaluate_tier(run, tier, ret_result->islands[level], &ret_result->key);
    }
}

#define ORDER(member)                                                                              \
    if (a->member != b->member)                                                                    \
    return a->member < b->member ? -1 : 1

int aif_place_key_compare(const struct aif_place_key *a, const struct aif_place_key *b)
{
    ORDER(weight);
    ORDER(span);
    ORDER(uneven);
    ORDER(stranded);
    ORDER(links);
    ORDER(leftover);
    return 0;
}
