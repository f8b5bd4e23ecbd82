/* test_fabric.c - unit tests of fabric.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fabric.h"

static struct aif_fabric *from_addresses(uint32_t count, const char *const *addresses)
{
    struct aif_fabric *fabric = NULL;
    struct aif_error err = {0};

    assert_int_equal(aif_fabric_from_addresses(count, addresses, NULL, 0, &fabric, &err), 0);
    assert_non_null(fabric);
    return fabric;
}

/* What must hold of every fabric. */
static void check_sound(const struct aif_fabric *fabric)
{
    uint8_t *seen = calloc(fabric->node_count + 1, 1);

    assert_true(fabric->level_count >= 1 && fabric->level_count <= AIF_FABRIC_LEVELS_MAX);
    for (uint32_t i = 0; i < fabric->node_count; i++)
        assert_int_equal(seen[fabric->order[i]]++, 0);
    for (uint32_t l = 0; l < fabric->level_count; l++) {
        const struct aif_fabric_level *level = &fabric->levels[l];

        assert_int_equal(level->first[0], 0);
        assert_int_equal(level->first[level->island_count], fabric->node_count);
        for (uint32_t island = 0; island < level->island_count; island++) {
            assert_true(level->first[island] < level->first[island + 1]);
            assert_non_null(level->names[island]);
            for (uint32_t i = level->first[island]; i < level->first[island + 1]; i++) {
                const uint32_t node = fabric->order[i];

                assert_int_equal(level->island_of[node], island);
                assert_int_equal(level->parent_of[island],
                                 l + 1 < fabric->level_count ? level[1].island_of[node] : 0);
                /* By index inside the innermost. */
                if (!l && i > level->first[island])
                    assert_true(fabric->order[i - 1] < node);
            }
        }
    }
    free(seen);
}

static void test_tree_of_addresses(void **state)
{
    static const char *const addresses[] = {"core.g1.b", "core.g0.a", "core.g1.c",
                                            "core.g0.a", "core.g1.b", "core.g0.d"};
    struct aif_fabric *fabric = from_addresses(6, addresses);

    (void)state;
    check_sound(fabric);
    assert_int_equal(fabric->level_count, 2); /* there is one core only */
    assert_string_equal(fabric->levels[0].conf.name, "leaf");
    assert_string_equal(fabric->levels[1].conf.name, "group");
    assert_int_equal(fabric->levels[0].conf.weight, 1);
    assert_int_equal(fabric->levels[1].conf.weight, 100);
    assert_int_equal(fabric->levels[0].island_count, 4);
    assert_int_equal(fabric->levels[1].island_count, 2);
    /* Depth first, islands by their first node: b (0, 4), c (2), then a (1, 3), d (5). */
    assert_string_equal(fabric->levels[0].names[0], "b");
    assert_string_equal(fabric->levels[0].names[1], "c");
    assert_string_equal(fabric->levels[0].names[2], "a");
    assert_string_equal(fabric->levels[0].names[3], "d");
    assert_string_equal(fabric->levels[1].names[0], "g1");
    assert_int_equal(fabric->levels[0].parent_of[1], 0);
    assert_int_equal(fabric->levels[0].parent_of[2], 1);
    aif_fabric_destroy(fabric);
}

static void test_same_leaf_name_in_two_groups(void **state)
{
    static const char *const addresses[] = {"g0.l1", "g1.l1", "g0.l1", "g0.l10", "G0.l1"};
    struct aif_fabric *fabric = from_addresses(5, addresses);

    (void)state;
    check_sound(fabric);
    assert_int_equal(fabric->levels[0].island_count, 4);
    assert_int_equal(fabric->levels[1].island_count, 3);
    assert_int_equal(fabric->levels[0].island_of[0], fabric->levels[0].island_of[2]);
    aif_fabric_destroy(fabric);
}

/* Without any switch the machine is one island. */
static void test_flat(void **state)
{
    static const char *const addresses[] = {NULL, "", NULL};
    struct aif_fabric *fabric = from_addresses(3, addresses);

    (void)state;
    check_sound(fabric);
    assert_int_equal(fabric->level_count, 1);
    assert_int_equal(fabric->levels[0].island_count, 1);
    assert_string_equal(fabric->levels[0].names[0], "all");
    aif_fabric_destroy(fabric);
}

static void test_one_leaf_is_one_level(void **state)
{
    static const char *const addresses[] = {"top.l0", "top.l0"};
    struct aif_fabric *fabric = from_addresses(2, addresses);

    (void)state;
    check_sound(fabric);
    assert_int_equal(fabric->level_count, 1);
    assert_string_equal(fabric->levels[0].names[0], "l0");
    aif_fabric_destroy(fabric);
}

static void test_nodes_in_no_switch_are_alone(void **state)
{
    static const char *const addresses[] = {"c.l0", NULL, "c.l0", "", "c.l1"};
    struct aif_fabric *fabric = from_addresses(5, addresses);

    (void)state;
    check_sound(fabric);
    assert_int_equal(fabric->level_count, 2);
    assert_int_equal(fabric->levels[0].island_count, 4);
    assert_int_equal(fabric->levels[1].island_count, 3);
    assert_true(fabric->levels[1].island_of[1] != fabric->levels[1].island_of[3]);
    assert_string_equal(fabric->levels[0].names[fabric->levels[0].island_of[1]], "no-switch");
    aif_fabric_destroy(fabric);
}

/* A switch with nodes of its own beside switches below it, and trees of unequal depth. */
static void test_unequal_depth(void **state)
{
    static const char *const addresses[] = {"a", "a.b", "x.y.z", "x.y.z2", "x.y2.z3"};
    struct aif_fabric *fabric = from_addresses(5, addresses);

    (void)state;
    check_sound(fabric);
    assert_int_equal(fabric->level_count, 3);
    assert_string_equal(fabric->levels[2].conf.name, "level3");
    assert_int_equal(fabric->levels[2].conf.weight, 10000);
    assert_int_equal(fabric->levels[0].island_count, 5);
    assert_int_equal(fabric->levels[1].island_count, 3);
    assert_int_equal(fabric->levels[2].island_count, 2);
    assert_int_equal(fabric->levels[1].island_of[0], fabric->levels[1].island_of[1]);
    aif_fabric_destroy(fabric);
}

/* The innermost levels stay; the weight stops at its limit. */
static void test_too_many_levels(void **state)
{
    static const char *const addresses[] = {"a0.b0.c0.d0.e0.f0.g0.h0", "a1.b1.c1.d1.e1.f1.g1.h1",
                                            "a0.b0.c0.d0.e0.f0.g0.h2"};
    struct aif_fabric *fabric = from_addresses(3, addresses);

    (void)state;
    check_sound(fabric);
    assert_int_equal(fabric->level_count, AIF_FABRIC_LEVELS_MAX);
    assert_int_equal(fabric->levels[0].island_count, 3);
    assert_string_equal(fabric->levels[5].names[0], "c0");
    assert_int_equal(fabric->levels[5].conf.weight, AIF_FABRIC_WEIGHT_MAX);
    aif_fabric_destroy(fabric);
}

static void test_confs_count_from_the_node(void **state)
{
    static const char *const addresses[] = {"c.g0.l0", "c.g1.l1", "c.g1.l2"};
    static const struct aif_fabric_levelconf confs[] = {
        {"switch", 0, {4, 2}, 2},
        {"", 7, {8}, 1},
    };
    struct aif_fabric *fabric = NULL;

    (void)state;
    assert_int_equal(aif_fabric_from_addresses(3, addresses, confs, 2, &fabric, NULL), 0);
    check_sound(fabric);
    assert_string_equal(fabric->levels[0].conf.name, "switch");
    assert_int_equal(fabric->levels[0].conf.weight, 0);
    assert_int_equal(fabric->levels[0].conf.segments[1], 2);
    assert_string_equal(fabric->levels[1].conf.name, "group");
    assert_int_equal(fabric->levels[1].conf.weight, 7);
    assert_int_equal(fabric->levels[1].conf.segments[0], 8);
    aif_fabric_destroy(fabric);
}

static void test_islands_of_numbers(void **state)
{
    static const uint32_t leaf[] = {9, 3, 9, 0, 3}, group[] = {1, 0, 1, 1, 0};
    static const uint32_t *const ids[] = {leaf, group};
    static const char *const group_names[] = {"west", NULL};
    static const char *const *const names[] = {NULL, group_names};
    struct aif_fabric *fabric = NULL;
    struct aif_error err;

    (void)state;
    assert_int_equal(aif_fabric_from_islands(5, 2, ids, names, NULL, &fabric, &err), 0);
    check_sound(fabric);
    assert_int_equal(fabric->levels[0].island_count, 3);
    assert_string_equal(fabric->levels[0].names[0], "leaf9");
    assert_string_equal(fabric->levels[0].names[1], "leaf0");
    assert_string_equal(fabric->levels[1].names[0], "group1");
    assert_string_equal(fabric->levels[1].names[1], "west");
    aif_fabric_destroy(fabric);
}

/* Levels stay as they come, even those with one island. */
static void test_islands_keep_levels(void **state)
{
    static const uint32_t all[] = {5, 5, 5};
    static const uint32_t *const ids[] = {all, all, all};
    struct aif_fabric *fabric = NULL;

    (void)state;
    assert_int_equal(aif_fabric_from_islands(3, 3, ids, NULL, NULL, &fabric, NULL), 0);
    check_sound(fabric);
    assert_int_equal(fabric->level_count, 3);
    aif_fabric_destroy(fabric);
}

static void test_islands_must_nest(void **state)
{
    static const uint32_t leaf[] = {0, 0, 1}, group[] = {0, 1, 1};
    static const uint32_t *const ids[] = {leaf, group};
    struct aif_fabric *fabric = NULL;
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(aif_fabric_from_islands(3, 2, ids, NULL, NULL, &fabric, &err), -1);
    assert_null(fabric);
    assert_string_equal(err.text,
                        "aif: fabric: island in two others: leaf \"leaf0\" in group \"group0\" and "
                        "\"group1\", limit one; correct the levels");
}

static void test_limits(void **state)
{
    static const uint32_t one[] = {0};
    static const uint32_t *const ids[] = {one, one, one, one, one, one, one};
    struct aif_fabric *fabric = NULL;
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(aif_fabric_from_islands(1, 7, ids, NULL, NULL, &fabric, &err), -1);
    assert_int_equal(err.code, AIF_ELIMIT);
    assert_int_equal(aif_fabric_from_islands(1, 0, ids, NULL, NULL, &fabric, &err), -1);
    assert_int_equal(
        aif_fabric_from_addresses(AIF_FABRIC_NODES_MAX + 1, NULL, NULL, 0, &fabric, &err), -1);
    assert_int_equal(err.code, AIF_ELIMIT);
    assert_null(fabric);
    aif_fabric_destroy(NULL);
}

static uint32_t seed = 20261121;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* Both ways to the same random machine: the same islands, by names that say where they are. */
static void check_random(void)
{
    enum { NODES = 60 };
    uint32_t leaf[NODES], group[NODES];
    const uint32_t *const ids[] = {leaf, group};
    const char *addresses[NODES];
    char texts[NODES][32];
    const uint32_t count = 1 + draw(NODES), groups = 2 + draw(5);
    struct aif_fabric *one, *two = NULL;

    for (uint32_t i = 0; i < count; i++) {
        group[i] = draw(groups);
        leaf[i] = group[i] * 100 + draw(4);
        snprintf(texts[i], sizeof(texts[i]), "core.s%u.l%u", group[i], leaf[i]);
        addresses[i] = texts[i];
    }
    one = from_addresses(count, addresses);
    assert_int_equal(aif_fabric_from_islands(count, 2, ids, NULL, NULL, &two, NULL), 0);
    check_sound(one);
    check_sound(two);
    assert_true(one->level_count <= 2);
    for (uint32_t l = 0; l < one->level_count; l++)
        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(one->levels[l].island_of[i], two->levels[l].island_of[i]);
    assert_memory_equal(one->order, two->order, count * sizeof(uint32_t));
    aif_fabric_destroy(one);
    aif_fabric_destroy(two);
}

static void test_random_machines(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++)
        check_random();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_of_addresses),
        cmocka_unit_test(test_same_leaf_name_in_two_groups),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_one_leaf_is_one_level),
        cmocka_unit_test(test_nodes_in_no_switch_are_alone),
        cmocka_unit_test(test_unequal_depth),
        cmocka_unit_test(test_too_many_levels),
        cmocka_unit_test(test_confs_count_from_the_node),
        cmocka_unit_test(test_islands_of_numbers),
        cmocka_unit_test(test_islands_keep_levels),
        cmocka_unit_test(test_islands_must_nest),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_random_machines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
