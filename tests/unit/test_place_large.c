/*
 * test_place_large.c - choices on machines that are too large for trying all sets
 *
 * 480 nodes in leaves and groups, filled at random. Nodes that are alike are covered in a way of
 * their own (place_whole.c), which finds keys as good as the one for any nodes. With few steps
 * allowed the choice touches at most 2 % more than the least, in the mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "place_private.h"
#include "property_seed.h"

#define RUNS 300
#define RUNS_CHECKED 5
#define NODES 480
#define LEAVES_PER_GROUP 6
#define GPUS 4
#define NOW 1000
#define STEPS_FEW 5000
#define EXCESS_MAX 0.02

static struct {
    struct aif_fabric *fabric;
    struct aif_place_scratch *scratch;
    struct aif_place_node nodes[NODES];
    uint32_t candidates[NODES];
    uint8_t classes[NODES];
    struct aif_place_view view;
} machine;

static unsigned compared, cut_short;
static double excess;

static void draw_fabric(void)
{
    static const uint32_t leaf_sizes[] = {8, 16, 18}, group_weights[] = {1, 5, 100};
    const uint32_t leaf_size = leaf_sizes[chance(3)];
    const struct aif_fabric_levelconf confs[] = {
        {.name = "leaf", .weight = 1}, {.name = "group", .weight = group_weights[chance(3)]}};
    uint32_t leaf[NODES], group[NODES];
    const uint32_t *rows[] = {leaf, group};

    for (uint32_t i = 0; i < NODES; i++) {
        leaf[i] = i / leaf_size;
        group[i] = leaf[i] / LEAVES_PER_GROUP;
    }
    assert_int_equal(aif_fabric_from_islands(NODES, 2, rows, NULL, confs, &machine.fabric, NULL),
                     0);
    machine.scratch = aif_place_scratch_create(machine.fabric);
    assert_non_null(machine.scratch);
}

/* A third of the machine in runs of 10 nodes that are all idle or all in use. */
static void draw_machine(void)
{
    const uint64_t fill = chance(10);

    draw_fabric();
    for (uint32_t i = 0; i < NODES; i++) {
        struct aif_place_node *node = &machine.nodes[i];

        *node = (struct aif_place_node){.gpus = GPUS,
                                        .free = GPUS,
                                        .pattern = AIF_PLACE_PATTERN_NONE,
                                        .until = NOW + (uint32_t)chance(20) * 500};
        if (chance(10) < fill)
            node->free = (uint8_t)chance(GPUS + 1);
        machine.candidates[i] = i;
        machine.classes[i] = (uint8_t)(chance(3) == 0);
    }
    for (uint32_t i = 0; i < NODES; i += 10) {
        const uint8_t free = chance(2) ? GPUS : 0;

        for (uint32_t j = i; chance(3) == 0 && j < i + 10; j++)
            machine.nodes[j].free = free;
    }
    machine.view = (struct aif_place_view){.fabric = machine.fabric, .nodes = machine.nodes};
}

static void free_machine(void)
{
    aif_place_scratch_destroy(machine.scratch);
    aif_fabric_destroy(machine.fabric);
}

static struct aif_place_ask draw_ask(bool whole)
{
    return (struct aif_place_ask){.nodes = 2 + (uint32_t)chance(chance(2) ? 150 : 30),
                                  .gpus = whole ? GPUS : 1 + (uint32_t)chance(GPUS - 1),
                                  .whole = whole,
                                  .seconds = 100 + (uint32_t)chance(10000),
                                  .now = NOW,
                                  .leftover_seconds = 60};
}

static bool choose(const struct aif_place_ask *ask, bool classes, uint64_t steps_max,
                   uint32_t whole_max, struct aif_place_result *ret_result)
{
    uint32_t nodes[NODES];

    aif_place_scratch_limit(machine.scratch, steps_max, whole_max);
    return aif_place_choose(&machine.view, ask, machine.candidates,
                            classes ? machine.classes : NULL, NODES, machine.scratch, nodes,
                            ret_result);
}

static void one_both_ways(void)
{
    const struct aif_place_ask ask = draw_ask(true);
    const bool classes = chance(2);
    struct aif_place_result whole, any;

    draw_machine();
    if (choose(&ask, classes, UINT64_MAX, UINT32_MAX, &whole) &&
        choose(&ask, classes, UINT64_MAX, 0, &any) && whole.exact && any.exact) {
        if (aif_place_key_compare(&whole.key, &any.key))
            fail_msg("span %llu/%llu leftover %llx/%llx; " REPEATS,
                     (unsigned long long)whole.key.span, (unsigned long long)any.key.span,
                     (unsigned long long)whole.key.leftover, (unsigned long long)any.key.leftover,
                     (unsigned long long)seed);
        compared++;
    }
    free_machine();
}

static void test_alike_nodes_are_covered_as_well_as_any(void **state)
{
    (void)state;
    compared = 0;
    if (for_each_seed(RUNS, RUNS_CHECKED, one_both_ways))
        assert_in_range(compared, RUNS / 2, RUNS);
}

static void one_cut_short(void)
{
    const struct aif_place_ask ask = draw_ask(chance(2));
    const bool classes = chance(2);
    struct aif_place_result best, result;

    draw_machine();
    if (choose(&ask, classes, UINT64_MAX, UINT32_MAX, &best) && best.exact) {
        assert_true(choose(&ask, classes, STEPS_FEW, UINT32_MAX, &result));
        assert_int_equal(result.key.weight, best.key.weight);
        assert_true(aif_place_key_compare(&result.key, &best.key) >= 0);
        if (result.exact)
            assert_int_equal(aif_place_key_compare(&result.key, &best.key), 0);
        else {
            excess += (double)(result.key.span - best.key.span) / (double)best.key.span;
            cut_short++;
        }
    }
    free_machine();
}

static void test_cut_short_it_touches_hardly_more(void **state)
{
    (void)state;
    cut_short = 0;
    excess = 0;
    if (!for_each_seed(RUNS, RUNS_CHECKED, one_cut_short))
        return;
    assert_in_range(cut_short, RUNS / 10, RUNS);
    if (excess / cut_short > EXCESS_MAX)
        fail_msg("mean excess %.4f, limit %.2f", excess / cut_short, EXCESS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alike_nodes_are_covered_as_well_as_any),
        cmocka_unit_test(test_cut_short_it_touches_hardly_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
