/* place_case.c - see place_case.h: random machines and jobs */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "place_case.h"
#include "property_seed.h"

#define NOW 1795219200u
#define LEVELS 3

static const uint32_t weights[] = {0, 1, 1, 2, 7, 100};
static const uint32_t lists[][4] = {
    {4, 2, 1, 0}, {8, 4, 2, 1}, {3, 2, 0, 0}, {4, 3, 2, 0}, {6, 0, 0, 0}};

static void draw_list(struct aif_fabric_levelconf *conf)
{
    const uint32_t *list = lists[chance(sizeof(lists) / sizeof(lists[0]))];

    for (uint32_t i = 0; i < 4 && list[i]; i++)
        conf->segments[conf->segment_count++] = list[i];
}

static void draw_fabric(struct place_case *drawn, const struct place_kind *kind, uint32_t nodes)
{
    const uint32_t levels = (uint32_t)chance_in(1, LEVELS);
    struct aif_fabric_levelconf confs[LEVELS] = {0};
    uint32_t ids[LEVELS][SMALL], parents[LEVELS][SMALL];
    const uint32_t *rows[LEVELS];
    uint32_t islands = (uint32_t)chance_in(1, 6);

    for (uint32_t level = 0; level < levels; level++) {
        const uint32_t before = islands;

        islands = (uint32_t)chance_in(1, islands);
        for (uint32_t i = 0; i < before; i++)
            parents[level][i] = (uint32_t)chance(islands);
        for (uint32_t i = 0; i < nodes; i++)
            ids[level][i] = level ? parents[level][ids[level - 1][i]] : (uint32_t)chance(before);
        islands = level ? islands : before;
        rows[level] = ids[level];
        confs[level].name[0] = (char)('a' + level);
        confs[level].weight = weights[chance(sizeof(weights) / sizeof(weights[0]))];
        if (kind->segments && chance(2))
            draw_list(&confs[level]);
    }
    assert_int_equal(
        aif_fabric_from_islands(nodes, levels, rows, NULL, confs, &drawn->fabric, NULL), 0);
}

static void draw_links(struct place_case *drawn, uint32_t pattern)
{
    uint16_t *links = drawn->links[pattern];

    for (uint32_t i = 0; i < CASE_GPUS; i++)
        for (uint32_t j = 0; j < i; j++)
            links[i * CASE_GPUS + j] = links[j * CASE_GPUS + i] = (uint16_t)chance(4);
    assert_int_equal(aif_gpulinks_create(CASE_GPUS, links, NULL, &drawn->patterns[pattern], NULL),
                     0);
}

static void draw_node(struct place_case *drawn, struct aif_place_node *node)
{
    node->gpus = (uint8_t)(chance(4) ? CASE_GPUS : chance(CASE_GPUS + 1));
    node->free = (uint8_t)(chance(2) ? node->gpus : chance(node->gpus + 1u));
    node->until = NOW + (uint32_t)chance(5) * 600 - 600;
    node->other_used = chance(8) == 0;
    node->pattern = AIF_PLACE_PATTERN_NONE;
    if (node->gpus < CASE_GPUS || chance(3) == 0)
        return;
    node->pattern = (uint8_t)chance(PATTERNS);
    while (chance(8) && (uint32_t)__builtin_popcountll(node->free_mask) != node->free)
        node->free_mask = chance(1u << CASE_GPUS);
    if ((uint32_t)__builtin_popcountll(node->free_mask) != node->free)
        node->free_mask = 0;
    (void)drawn;
}

static void draw_ask(struct aif_place_ask *ask, uint32_t nodes)
{
    ask->nodes = (uint32_t)chance_in(1, chance(2) ? nodes : (nodes + 1) / 2);
    ask->gpus = (uint32_t)chance_in(1, CASE_GPUS);
    ask->whole = chance(2);
    ask->unused = chance(10) == 0;
    ask->seconds = (uint32_t)chance(4) * 500;
    ask->now = NOW;
    ask->leftover_seconds = chance(4) ? 60 : 0;
}

void place_case_draw(struct place_case *drawn, const struct place_kind *kind)
{
    const uint32_t nodes = (uint32_t)chance_in(1, SMALL);

    memset(drawn, 0, sizeof(*drawn));
    draw_fabric(drawn, kind, nodes);
    for (uint32_t pattern = 0; pattern < PATTERNS; pattern++)
        draw_links(drawn, pattern);
    drawn->has_classes = kind->classes && chance(3) == 0;
    for (uint32_t i = 0; i < nodes; i++) {
        draw_node(drawn, &drawn->nodes[i]);
        if (!chance(8))
            continue;
        drawn->candidates[drawn->count] = i;
        drawn->classes[drawn->count++] = (uint8_t)(chance(3) * chance(100));
    }
    draw_ask(&drawn->ask, nodes);
    drawn->view.fabric = drawn->fabric;
    drawn->view.nodes = drawn->nodes;
    drawn->view.patterns = (const struct aif_gpulinks *const *)drawn->patterns;
}

void place_case_free(struct place_case *drawn)
{
    aif_fabric_destroy(drawn->fabric);
    for (uint32_t pattern = 0; pattern < PATTERNS; pattern++)
        aif_gpulinks_destroy(drawn->patterns[pattern]);
}

const uint8_t *place_case_classes(const struct place_case *drawn)
{
    return drawn->has_classes ? drawn->classes : NULL;
}

void place_case_nodes(uint32_t set, uint32_t *ret_nodes)
{
    for (uint32_t i = 0; i < SMALL; i++)
        if (set >> i & 1)
            *ret_nodes++ = i;
}

uint32_t place_case_set(const uint32_t *nodes, uint32_t count)
{
    uint32_t set = 0;

    for (uint32_t i = 0; i < count; i++)
        set |= 1u << nodes[i];
    return set;
}
