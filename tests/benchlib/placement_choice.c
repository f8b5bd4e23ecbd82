/* placement_choice.c - see placement_choice.h */
#include "placement_choice.h"

#include <stdlib.h>

#include "placement_stock.h"

#define SPANS_MAX 4096 /* sizes of jobs whose least span is remembered */

const char *const placement_arm_names[PLACEMENT_ARMS + 1] = {
    "flat", "tree",      "dragonfly",  "block",  "best_fit",
    "ours", "ours_flat", "ours_block", "strict", NULL};

struct placement_chooser {
    const struct placement_cluster *cluster;
    enum placement_arm arm;
    uint32_t leftover_seconds;
    struct placement_pool pool;
    struct aif_place_scratch *scratch;
    uint64_t *least; /* [SPANS_MAX]: by nodes; 0: not known yet */
};

static const struct aif_fabric *fabric_of(const struct placement_chooser *chooser)
{
    return chooser->arm == PLACEMENT_OURS_FLAT ? chooser->cluster->flat : chooser->cluster->fabric;
}

struct placement_chooser *placement_chooser_create(const struct placement_cluster *cluster,
                                                   enum placement_arm arm,
                                                   uint32_t leftover_seconds)
{
    struct placement_chooser *chooser = calloc(1, sizeof(*chooser));
    const uint32_t nodes = cluster->shape.nodes;

    if (!chooser)
        return NULL;
    chooser->cluster = chooser->pool.cluster = cluster;
    chooser->arm = arm;
    chooser->leftover_seconds = leftover_seconds;
    chooser->pool.candidates = calloc(nodes, sizeof(uint32_t));
    chooser->pool.by_leaf = calloc(nodes + 1, sizeof(uint32_t));
    chooser->pool.left = calloc(nodes, sizeof(uint32_t));
    chooser->pool.distance = calloc(nodes, sizeof(uint32_t));
    chooser->scratch = aif_place_scratch_create(fabric_of(chooser));
    chooser->least = calloc(SPANS_MAX, sizeof(*chooser->least));
    if (chooser->pool.candidates && chooser->pool.by_leaf && chooser->pool.left &&
        chooser->pool.distance && chooser->scratch && chooser->least)
        return chooser;
    placement_chooser_destroy(chooser);
    return NULL;
}

void placement_chooser_destroy(struct placement_chooser *chooser)
{
    if (!chooser)
        return;
    free(chooser->pool.candidates);
    free(chooser->pool.by_leaf);
    free(chooser->pool.left);
    free(chooser->pool.distance);
    aif_place_scratch_destroy(chooser->scratch);
    free(chooser->least);
    free(chooser);
}

static void fill_pool(struct placement_pool *pool, const struct aif_place_node *nodes,
                      const uint8_t *excluded, uint32_t gpus)
{
    const struct placement_cluster *cluster = pool->cluster;
    uint32_t count = 0;

    for (uint32_t leaf = 0; leaf < cluster->leaf_count; leaf++) {
        pool->by_leaf[leaf] = count;
        for (uint32_t i = cluster->leaf_first[leaf]; i < cluster->leaf_first[leaf + 1]; i++) {
            pool->candidates[count] = i;
            count += nodes[i].free >= gpus && !(excluded && excluded[i]);
        }
    }
    pool->by_leaf[cluster->leaf_count] = pool->count = count;
}

/* ---- ours ---- */

static struct aif_place_ask ask_of(const struct placement_chooser *chooser,
                                   const struct placement_wish *wish)
{
    const struct aif_place_ask ask = {.nodes = wish->nodes,
                                      .gpus = wish->gpus,
                                      .whole = wish->gpus == chooser->cluster->shape.gpus,
                                      .seconds = wish->seconds,
                                      .now = wish->now,
                                      .leftover_seconds = chooser->leftover_seconds};

    return ask;
}

/* With all ends as far away as can be, only the GPUs left over count. */
static void forget_time(struct aif_place_ask *ask)
{
    ask->seconds = 1000;
    ask->now = 0;
    ask->leftover_seconds = 1;
}

static uint64_t least_span(struct placement_chooser *chooser, const struct aif_place_view *view,
                           const struct aif_place_ask *ask, uint32_t *room)
{
    uint64_t *known = &chooser->least[ask->nodes % SPANS_MAX];
    const uint64_t before = *known;
    struct aif_place_ask unused = *ask;
    struct aif_place_result result;

    if (before && ask->nodes < SPANS_MAX)
        return before;
    unused.unused = true;
    for (uint32_t i = 0; i < chooser->cluster->shape.nodes; i++)
        chooser->pool.candidates[i] = i;
    *known = aif_place_choose(view, &unused, chooser->pool.candidates, NULL,
                              chooser->cluster->shape.nodes, chooser->scratch, room, &result)
                 ? result.key.span
                 : 0;
    return *known;
}

static bool choose_ours(struct placement_chooser *chooser, const struct aif_place_node *nodes,
                        const struct placement_wish *wish, uint32_t *ret_nodes)
{
    const struct aif_gpulinks *const patterns[] = {chooser->cluster->links};
    const struct aif_place_view view = {fabric_of(chooser), nodes, patterns};
    struct aif_place_ask ask = ask_of(chooser, wish);
    struct aif_place_result result;

    if (chooser->arm == PLACEMENT_BEST_FIT)
        forget_time(&ask);
    if (!aif_place_choose(&view, &ask, chooser->pool.candidates, NULL, chooser->pool.count,
                          chooser->scratch, ret_nodes, &result))
        return false;
    return chooser->arm != PLACEMENT_STRICT || !wish->patient || wish->nodes == 1 ||
           result.key.span <= least_span(chooser, &view, &ask, chooser->pool.left);
}

/* As the wrapper does it: our nodes if topology/block takes them, else its own choice. */
static bool choose_in_block(struct placement_chooser *chooser, const struct aif_place_node *nodes,
                            const struct placement_wish *wish, uint32_t *ret_nodes)
{
    const struct placement_cluster *cluster = chooser->cluster;
    const uint32_t leaves = placement_stock_block_leaves(cluster, wish->nodes);

    if (choose_ours(chooser, nodes, wish, ret_nodes) &&
        cluster->leaf_of[ret_nodes[0]] / leaves ==
            cluster->leaf_of[ret_nodes[wish->nodes - 1]] / leaves)
        return true;
    return placement_stock_block(&chooser->pool, wish->nodes, ret_nodes);
}

/* ---- all sides ---- */

static int compare_nodes(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static bool choose(struct placement_chooser *chooser, enum placement_arm arm,
                   const struct aif_place_node *nodes, const struct placement_wish *wish,
                   uint32_t *ret_nodes)
{
    struct placement_pool *pool = &chooser->pool;
    bool found = true;

    if (arm == PLACEMENT_OURS_BLOCK)
        found = choose_in_block(chooser, nodes, wish, ret_nodes);
    else if (arm > PLACEMENT_BLOCK)
        return choose_ours(chooser, nodes, wish, ret_nodes);
    else if (arm == PLACEMENT_BLOCK)
        found = placement_stock_block(pool, wish->nodes, ret_nodes);
    else if (arm == PLACEMENT_TREE)
        placement_stock_tree(pool, wish->nodes, ret_nodes);
    else if (arm == PLACEMENT_DRAGONFLY)
        placement_stock_dragonfly(pool, wish->nodes, ret_nodes);
    else
        placement_stock_flat(pool, wish->nodes, ret_nodes);
    if (found && wish->nodes > 1)
        qsort(ret_nodes, wish->nodes, sizeof(*ret_nodes), compare_nodes);
    return found;
}

bool placement_choose(struct placement_chooser *chooser, const struct aif_place_node *nodes,
                      const uint8_t *excluded, const struct placement_wish *wish,
                      uint32_t *ret_nodes)
{
    fill_pool(&chooser->pool, nodes, excluded, wish->gpus);
    return chooser->pool.count >= wish->nodes &&
           choose(chooser, chooser->arm, nodes, wish, ret_nodes);
}

bool placement_choose_planned(struct placement_chooser *chooser, const struct aif_place_node *nodes,
                              const uint8_t *excluded, const struct placement_wish *wish,
                              uint32_t *ret_nodes)
{
    static const enum placement_arm planned_by[PLACEMENT_ARMS] = {
        PLACEMENT_FLAT, PLACEMENT_TREE, PLACEMENT_DRAGONFLY, PLACEMENT_BLOCK, PLACEMENT_TREE,
        PLACEMENT_TREE, PLACEMENT_FLAT, PLACEMENT_BLOCK,     PLACEMENT_STRICT};

    fill_pool(&chooser->pool, nodes, excluded, wish->gpus);
    return chooser->pool.count >= wish->nodes &&
           choose(chooser, planned_by[chooser->arm], nodes, wish, ret_nodes);
}
