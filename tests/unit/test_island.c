/* test_island.c - unit tests of island.h, the rule checked against brute force over all sets of
 * nodes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "island.h"

#define SMALL 12 /* nodes in the brute force */

/* A cluster with room for the arrays. */
struct cluster {
    struct aif_island_map map;
    uint32_t island_of[SMALL];
    uint16_t free_gpus[SMALL];
    uint16_t gpus[SMALL];
};

static uint32_t seed = 12345;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static void draw_cluster(struct cluster *cluster)
{
    cluster->map.node_count = 1 + draw(SMALL);
    cluster->map.island_count = 1 + draw(5);
    cluster->map.island_of = cluster->island_of;
    cluster->map.free_gpus = cluster->free_gpus;
    cluster->map.gpus = cluster->gpus;
    for (uint32_t i = 0; i < cluster->map.node_count; i++) {
        cluster->island_of[i] = draw(cluster->map.island_count);
        cluster->gpus[i] = (uint16_t)(draw(4) ? 4 : 2);
        cluster->free_gpus[i] =
            (uint16_t)(draw(2) ? cluster->gpus[i] : draw(cluster->gpus[i] + 1u));
    }
}

static int node_fits(const struct cluster *cluster, const struct aif_island_ask *ask, uint32_t node)
{
    return ask->gpus_per_node ? cluster->free_gpus[node] >= ask->gpus_per_node
                              : cluster->free_gpus[node] == cluster->gpus[node];
}

/* Islands touched by the nodes of a bit set, or 0 if one of them does not fit. */
static uint32_t islands_of_set(const struct cluster *cluster, const struct aif_island_ask *ask,
                               uint32_t set)
{
    uint32_t islands = 0;

    for (uint32_t i = 0; i < cluster->map.node_count; i++) {
        if (!(set >> i & 1))
            continue;
        if (!node_fits(cluster, ask, i))
            return 0;
        islands |= 1u << cluster->island_of[i];
    }
    return (uint32_t)__builtin_popcount(islands);
}

/* Fewest (or most) islands over all sets of the candidates, 0 if there is none. */
static uint32_t best_by_force(const struct cluster *cluster, const struct aif_island_ask *ask,
                              uint32_t candidates)
{
    uint32_t best = 0;

    for (uint32_t set = 1; set < 1u << cluster->map.node_count; set++) {
        uint32_t islands;

        if ((set & candidates) != set || (uint32_t)__builtin_popcount(set) != ask->nodes)
            continue;
        islands = islands_of_set(cluster, ask, set);
        if (islands && (!best || (ask->spread ? islands > best : islands < best)))
            best = islands;
    }
    return best;
}

static uint32_t fitting_in_island(const struct cluster *cluster, const struct aif_island_ask *ask,
                                  uint32_t candidates, uint32_t island)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < cluster->map.node_count; i++)
        count +=
            (candidates >> i & 1) && cluster->island_of[i] == island && node_fits(cluster, ask, i);
    return count;
}

/* GPUs left over on a set of nodes. */
static uint32_t left_on(const struct cluster *cluster, const struct aif_island_ask *ask,
                        uint32_t set)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < cluster->map.node_count; i++)
        if (set >> i & 1)
            left += cluster->free_gpus[i] - ask->gpus_per_node;
    return left;
}

/* A job inside one island: the island is the smallest sufficient one, the nodes those with least
 * left over. */
static void check_one_island(const struct cluster *cluster, const struct aif_island_ask *ask,
                             uint32_t candidates, uint32_t chosen)
{
    const uint32_t mine = cluster->island_of[__builtin_ctz(chosen)];
    const uint32_t room = fitting_in_island(cluster, ask, candidates, mine);

    for (uint32_t island = 0; island < cluster->map.island_count; island++) {
        uint32_t other = fitting_in_island(cluster, ask, candidates, island);

        assert_false(other >= ask->nodes && other < room);
    }
    for (uint32_t set = 1; ask->gpus_per_node && set < 1u << cluster->map.node_count; set++) {
        if ((set & candidates) != set || (uint32_t)__builtin_popcount(set) != ask->nodes)
            continue;
        if (islands_of_set(cluster, ask, set) == 1 &&
            cluster->island_of[__builtin_ctz(set)] == mine)
            assert_true(left_on(cluster, ask, chosen) <= left_on(cluster, ask, set));
    }
}

/* The rule for one node, as a number: smaller is better. */
static uint32_t single_cost(const struct cluster *cluster, const struct aif_island_ask *ask,
                            uint32_t candidates, uint32_t node)
{
    const uint32_t idle = cluster->free_gpus[node] == cluster->gpus[node];
    const uint32_t left = ask->gpus_per_node ? cluster->free_gpus[node] - ask->gpus_per_node : 0;
    const uint32_t room = fitting_in_island(cluster, ask, candidates, cluster->island_of[node]);

    return ask->spread ? (1 - idle) << 20 | (1000 - left) << 10 | (1000 - room)
                       : idle << 20 | left << 10 | room;
}

static void check_single(const struct cluster *cluster, const struct aif_island_ask *ask,
                         uint32_t candidates, uint32_t node)
{
    for (uint32_t i = 0; i < cluster->map.node_count; i++) {
        if (!(candidates >> i & 1) || !node_fits(cluster, ask, i))
            continue;
        assert_true(single_cost(cluster, ask, candidates, node) <=
                    single_cost(cluster, ask, candidates, i));
        if (i < node)
            assert_true(single_cost(cluster, ask, candidates, node) <
                        single_cost(cluster, ask, candidates, i));
    }
}

static void check_random_case(struct aif_island_scratch *scratch)
{
    struct cluster cluster;
    struct aif_island_ask ask;
    uint32_t list[SMALL], chosen[SMALL], candidates, set = 0, count = 0, islands;

    draw_cluster(&cluster);
    ask = (struct aif_island_ask){1 + draw(cluster.map.node_count), draw(5), draw(3) == 0};
    candidates = draw(1u << cluster.map.node_count) | draw(1u << cluster.map.node_count);
    for (uint32_t i = 0; i < cluster.map.node_count; i++)
        if (candidates >> i & 1)
            list[count++] = i;
    islands = aif_island_choose(&cluster.map, &ask, list, count, scratch, chosen);
    assert_int_equal(islands, best_by_force(&cluster, &ask, candidates));
    if (!islands)
        return;
    for (uint32_t i = 0; i < ask.nodes; i++) {
        assert_true(chosen[i] < cluster.map.node_count);
        assert_false(set >> chosen[i] & 1);
        set |= 1u << chosen[i];
    }
    assert_int_equal(set & candidates, set);
    assert_int_equal(islands_of_set(&cluster, &ask, set), islands);
    if (ask.nodes == 1)
        check_single(&cluster, &ask, candidates, chosen[0]);
    else if (islands == 1 && !ask.spread)
        check_one_island(&cluster, &ask, candidates, set);
}

static void test_against_brute_force(void **state)
{
    struct aif_island_scratch *scratch = aif_island_scratch_create(SMALL, 5);

    (void)state;
    for (int i = 0; i < 4000; i++)
        check_random_case(scratch);
    aif_island_scratch_destroy(scratch);
}

/* Four islands of 5, 3, 2 and 2 idle nodes. */
static const uint32_t four_islands[] = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3};
static const uint16_t all_four[] = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4};
static const uint32_t all_nodes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

static void check_choice(const struct aif_island_ask *ask, uint32_t islands,
                         const uint32_t *expected)
{
    const struct aif_island_map map = {12, 4, four_islands, all_four, all_four};
    struct aif_island_scratch *scratch = aif_island_scratch_create(12, 4);
    uint32_t chosen[12];

    assert_int_equal(aif_island_choose(&map, ask, all_nodes, 12, scratch, chosen), islands);
    for (uint32_t i = 0; i < ask->nodes; i++)
        assert_int_equal(chosen[i], expected[i]);
    aif_island_scratch_destroy(scratch);
}

static void test_packed(void **state)
{
    (void)state;
    check_choice(&(struct aif_island_ask){.nodes = 1}, 1, (uint32_t[]){8});
    check_choice(&(struct aif_island_ask){.nodes = 2}, 1, (uint32_t[]){8, 9});
    check_choice(&(struct aif_island_ask){.nodes = 3}, 1, (uint32_t[]){5, 6, 7});
    check_choice(&(struct aif_island_ask){.nodes = 4}, 1, (uint32_t[]){0, 1, 2, 3});
    /* The largest, and the rest from the smallest that completes it. */
    check_choice(&(struct aif_island_ask){.nodes = 6}, 2, (uint32_t[]){0, 1, 2, 3, 4, 8});
    check_choice(&(struct aif_island_ask){.nodes = 8}, 2, (uint32_t[]){0, 1, 2, 3, 4, 5, 6, 7});
    check_choice(&(struct aif_island_ask){.nodes = 9}, 3, (uint32_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8});
}

static void test_spread(void **state)
{
    (void)state;
    check_choice(&(struct aif_island_ask){.nodes = 1, .spread = true}, 1, (uint32_t[]){0});
    check_choice(&(struct aif_island_ask){.nodes = 3, .spread = true}, 3, (uint32_t[]){0, 5, 8});
    check_choice(&(struct aif_island_ask){.nodes = 6, .spread = true}, 4,
                 (uint32_t[]){0, 1, 5, 6, 8, 10});
}

static void test_nothing_fits(void **state)
{
    const struct aif_island_map map = {12, 4, four_islands, all_four, all_four};
    struct aif_island_scratch *scratch = aif_island_scratch_create(12, 4);
    uint32_t chosen[13] = {99};

    (void)state;
    assert_int_equal(aif_island_choose(&map, &(struct aif_island_ask){.nodes = 13}, all_nodes, 12,
                                       scratch, chosen),
                     0);
    assert_int_equal(aif_island_choose(&map, &(struct aif_island_ask){.nodes = 0}, all_nodes, 12,
                                       scratch, chosen),
                     0);
    assert_int_equal(aif_island_choose(&map, &(struct aif_island_ask){1, 5, false}, all_nodes, 12,
                                       scratch, chosen),
                     0);
    assert_int_equal(
        aif_island_choose(&map, &(struct aif_island_ask){.nodes = 1}, NULL, 0, scratch, chosen), 0);
    assert_int_equal(chosen[0], 99);
    aif_island_scratch_destroy(scratch);
    scratch = aif_island_scratch_create(11, 4);
    assert_int_equal(aif_island_choose(&map, &(struct aif_island_ask){.nodes = 1}, all_nodes, 12,
                                       scratch, chosen),
                     0);
    aif_island_scratch_destroy(scratch);
    aif_island_scratch_destroy(NULL);
}

/* Islands of 16 over 6,240 nodes: a job of any size touches ceil(n / 16) islands. */
static void test_large_cluster(void **state)
{
    enum { NODES = 6240, LEAF = 16 };
    uint32_t *island_of = malloc(NODES * sizeof(*island_of)), *list = malloc(NODES * sizeof(*list));
    uint32_t *chosen = malloc(NODES * sizeof(*chosen));
    uint16_t *gpus = malloc(NODES * sizeof(*gpus));
    const struct aif_island_map map = {NODES, NODES / LEAF, island_of, gpus, gpus};
    struct aif_island_scratch *scratch = aif_island_scratch_create(NODES, NODES / LEAF);

    (void)state;
    for (uint32_t i = 0; i < NODES; i++) {
        island_of[i] = i / LEAF;
        gpus[i] = 4;
        list[i] = i;
    }
    for (uint32_t n = 2; n <= NODES; n = n * 2 + 1)
        assert_int_equal(aif_island_choose(&map, &(struct aif_island_ask){.nodes = n}, list, NODES,
                                           scratch, chosen),
                         (n + LEAF - 1) / LEAF);
    aif_island_scratch_destroy(scratch);
    free(gpus);
    free(chosen);
    free(list);
    free(island_of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_brute_force),
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_nothing_fits),
        cmocka_unit_test(test_large_cluster),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
