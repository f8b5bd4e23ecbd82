/* place.c - see place.h */
#include "place_private.h"

#include <string.h>

static void finish(const struct aif_place_run *run, bool exact, uint32_t *ret_nodes,
                   struct aif_place_result *ret_result)
{
    aif_place_emit(run, ret_nodes);
    aif_place_evaluate(run, ret_nodes, ret_result);
    ret_result->exact = exact;
}

/* Too many steps for the best: the better one of what was found so far and of a good one. */
static void settle(const struct aif_place_run *run, bool found, uint32_t *ret_nodes,
                   struct aif_place_result *ret_result)
{
    uint32_t *const other = run->scratch->other;
    struct aif_place_result result;

    if (found)
        finish(run, false, ret_nodes, ret_result);
    aif_place_approach(run);
    finish(run, false, other, &result);
    if (found && aif_place_key_compare(&ret_result->key, &result.key) <= 0)
        return;
    memcpy(ret_nodes, other, run->ask->nodes * sizeof(*other));
    *ret_result = result;
}

static void choose_several(struct aif_place_run *run, uint32_t *ret_nodes,
                           struct aif_place_result *ret_result)
{
    bool found;

    aif_place_open(run);
    aif_place_group(run);
    if (run->ask->spread) {
        aif_place_spread(run);
        finish(run, false, ret_nodes, ret_result);
    } else if (aif_place_cover(run, &found)) {
        finish(run, true, ret_nodes, ret_result);
    } else {
        settle(run, found, ret_nodes, ret_result);
    }
}

bool aif_place_choose(const struct aif_place_view *view, const struct aif_place_ask *ask,
                      const uint32_t *candidates, const uint8_t *classes, uint32_t count,
                      struct aif_place_scratch *scratch, uint32_t *ret_nodes,
                      struct aif_place_result *ret_result)
{
    struct aif_place_run run = {view, ask, classes, scratch, false};

    aif_place_gather(&run, candidates, count);
    if (!ask->nodes || scratch->fitting_count < ask->nodes)
        return false;
    if (ask->nodes > 1 || ask->spread) {
        choose_several(&run, ret_nodes, ret_result);
        return true;
    }
    aif_place_one(&run, ret_nodes);
    aif_place_evaluate(&run, ret_nodes, ret_result);
    ret_result->exact = true;
    return true;
}

/* Whether all nodes are among the fitting candidates; both ascend. */
static bool all_fit(const struct aif_place_scratch *scratch, const uint32_t *nodes, uint32_t count)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < scratch->fitting_count && at < count; i++)
        at += scratch->fitting[i] == nodes[at];
    return at == count;
}

bool aif_place_judge(const struct aif_place_view *view, const struct aif_place_ask *ask,
                     const uint32_t *candidates, const uint8_t *classes, uint32_t count,
                     const uint32_t *nodes, struct aif_place_scratch *scratch,
                     struct aif_place_result *ret_result)
{
    const struct aif_place_run run = {view, ask, classes, scratch, false};

    aif_place_gather(&run, candidates, count);
    if (!ask->nodes || !all_fit(scratch, nodes, ask->nodes))
        return false;
    aif_place_evaluate(&run, nodes, ret_result);
    return true;
}
