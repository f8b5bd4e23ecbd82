/* test_place.c - unit tests of place.h, on machines small enough to see why */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "place.h"

#define NODES 36
#define NOW 1000000
#define HOUR 3600
#define EPSILON 60

/* Nodes of 4 GPUs, all idle, in leaves and groups as a test makes them. */
static struct {
    struct aif_fabric *fabric;
    struct aif_place_scratch *scratch;
    struct aif_place_node nodes[NODES];
    uint32_t candidates[NODES];
    uint8_t classes[NODES];
    bool has_classes;
    uint32_t count;
    struct aif_place_view view;
} machine;

static struct aif_place_ask ask;
static struct aif_place_result result;
static uint32_t chosen[NODES];

static void make(uint32_t count, uint32_t leaf_size, uint32_t group_size,
                 const struct aif_fabric_levelconf *confs)
{
    uint32_t leaf[NODES], group[NODES];
    const uint32_t *rows[] = {leaf, group};

    memset(&machine, 0, sizeof(machine));
    machine.count = count;
    for (uint32_t i = 0; i < count; i++) {
        leaf[i] = i / leaf_size;
        group[i] = i / group_size;
        machine.candidates[i] = i;
        machine.nodes[i] = (struct aif_place_node){
            .gpus = 4, .free = 4, .free_mask = 15, .pattern = AIF_PLACE_PATTERN_NONE};
    }
    assert_int_equal(aif_fabric_from_islands(count, 2, rows, NULL, confs, &machine.fabric, NULL),
                     0);
    machine.view = (struct aif_place_view){.fabric = machine.fabric, .nodes = machine.nodes};
    machine.scratch = aif_place_scratch_create(machine.fabric);
    assert_non_null(machine.scratch);
    ask = (struct aif_place_ask){
        .nodes = 1, .gpus = 4, .whole = true, .seconds = HOUR, .now = NOW, .leftover_seconds = 60};
}

static int setup(void **state)
{
    const struct aif_fabric_levelconf confs[] = {{.name = "leaf", .weight = 1},
                                                 {.name = "group", .weight = 100}};

    (void)state;
    make(16, 4, 8, confs);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aif_place_scratch_destroy(machine.scratch);
    aif_fabric_destroy(machine.fabric);
    return 0;
}

static void remake(uint32_t count, uint32_t leaf_size, uint32_t group_size,
                   const struct aif_fabric_levelconf *confs)
{
    teardown(NULL);
    make(count, leaf_size, group_size, confs);
}

/* Take GPUs of a node until then. */
static void use(uint32_t node, uint8_t gpus, uint32_t seconds)
{
    machine.nodes[node].free = (uint8_t)(machine.nodes[node].free - gpus);
    machine.nodes[node].free_mask = (1u << machine.nodes[node].free) - 1;
    machine.nodes[node].until = NOW + seconds;
}

static bool choose(void)
{
    return aif_place_choose(&machine.view, &ask, machine.candidates,
                            machine.has_classes ? machine.classes : NULL, machine.count,
                            machine.scratch, chosen, &result);
}

#define expect(...)                                                                                \
    do {                                                                                           \
        const uint32_t nodes[] = {__VA_ARGS__};                                                    \
                                                                                                   \
        assert_true(choose());                                                                     \
        assert_int_equal(ask.nodes, sizeof(nodes) / sizeof(nodes[0]));                             \
        assert_memory_equal(chosen, nodes, sizeof(nodes));                                         \
    } while (0)

static void ask_for(uint32_t nodes, uint32_t gpus, bool whole)
{
    ask.nodes = nodes;
    ask.gpus = gpus;
    ask.whole = whole;
}

/* ---- one node ---- */

/* Reference topology.md 1.3, case A: plain Slurm opens idle nodes. */
static void test_small_jobs_fill_nodes_in_use(void **state)
{
    (void)state;
    use(0, 1, HOUR);
    use(1, 3, HOUR);
    use(3, 2, HOUR);
    ask_for(1, 1, false);
    expect(1);
    use(1, 1, HOUR);
    expect(3);
    use(3, 1, HOUR);
    expect(3);
    use(3, 1, HOUR);
    expect(0);
    assert_int_equal(result.key.span, 101);
    assert_int_equal(result.key.stranded, -HOUR + 2 * EPSILON);
    assert_true(result.exact);
}

/* The node that stays in use as long as the job does strands nothing. */
static void test_a_short_job_goes_where_others_stay_long(void **state)
{
    (void)state;
    use(2, 2, HOUR / 4);
    use(9, 2, HOUR);
    ask_for(1, 2, false);
    expect(9);
    ask.seconds = HOUR / 4;
    machine.nodes[2].free = 3;
    expect(9);
    machine.nodes[9].free = 1;
    expect(2);
}

static void test_an_idle_node_is_opened_in_the_most_broken_leaf(void **state)
{
    (void)state;
    for (uint32_t node = 8; node < 11; node++)
        use(node, 4, HOUR);
    ask_for(1, 1, false);
    expect(11);
    ask_for(1, 4, true);
    expect(11);
    assert_int_equal(result.key.leftover, (uint64_t)4 << 20);
}

static void test_a_node_with_other_use_is_not_idle(void **state)
{
    (void)state;
    machine.nodes[5].other_used = 1;
    machine.nodes[5].until = NOW + HOUR;
    ask_for(1, 1, false);
    expect(5);
    ask_for(16, 4, true);
    assert_false(choose());
    ask.unused = true;
    assert_true(choose());
}

static void test_more_gpus_than_counted_are_left_alone(void **state)
{
    (void)state;
    machine.nodes[0].gpus = machine.nodes[0].free = AIF_PLACE_GPUS_MAX + 1;
    ask_for(1, AIF_PLACE_GPUS_MAX, false);
    assert_false(choose());
    machine.nodes[0].gpus = machine.nodes[0].free = AIF_PLACE_GPUS_MAX;
    expect(0);
}

static void test_nothing_fits(void **state)
{
    (void)state;
    memset(chosen, 7, sizeof(chosen));
    ask_for(1, 5, false);
    assert_false(choose());
    ask_for(17, 1, false);
    assert_false(choose());
    ask_for(0, 1, false);
    assert_false(choose());
    machine.count = 0;
    ask_for(1, 1, false);
    assert_false(choose());
    assert_int_equal(chosen[0], 0x07070707);
}

/* ---- several nodes ---- */

/* Reference topology.md 1.3, case C. */
static void test_as_few_leaves_as_can_be(void **state)
{
    (void)state;
    use(1, 4, HOUR);
    use(5, 4, HOUR);
    use(6, 4, HOUR);
    use(9, 1, HOUR);
    ask_for(2, 4, true);
    expect(4, 7);
    ask_for(4, 4, true);
    expect(12, 13, 14, 15);
    ask_for(5, 4, true);
    expect(0, 2, 3, 4, 7);
    assert_int_equal(result.islands[0], 2);
    assert_int_equal(result.islands[1], 1);
    assert_int_equal(result.key.span, 102);
    assert_int_equal(result.key.leftover, 0);
    assert_true(result.exact);
}

static void test_partial_nodes_that_fit_exactly_come_first(void **state)
{
    (void)state;
    use(0, 2, HOUR);
    use(1, 1, HOUR);
    use(3, 2, HOUR);
    ask_for(2, 2, false);
    expect(0, 3);
}

static void test_classes_come_before_islands(void **state)
{
    (void)state;
    memset(machine.classes, 1, sizeof(machine.classes));
    machine.classes[2] = machine.classes[13] = 0;
    machine.has_classes = true;
    ask_for(2, 4, true);
    expect(2, 13);
    assert_int_equal(result.key.weight, 0);
    ask_for(3, 4, true);
    expect(0, 2, 13);
    assert_int_equal(result.key.weight, 1);
    assert_int_equal(result.key.span, 202);
}

static void test_a_level_without_weight_does_not_count(void **state)
{
    const struct aif_fabric_levelconf confs[] = {{.name = "leaf", .weight = 0},
                                                 {.name = "group", .weight = 1}};

    (void)state;
    remake(16, 4, 8, confs);
    use(8, 4, HOUR);
    use(9, 4, HOUR);
    use(13, 4, HOUR);
    ask_for(5, 4, true);
    expect(10, 11, 12, 14, 15);
    assert_int_equal(result.key.span, 1);
    assert_int_equal(result.islands[0], 2);
}

static void test_a_machine_where_no_level_counts(void **state)
{
    const struct aif_fabric_levelconf confs[] = {{.name = "leaf", .weight = 0},
                                                 {.name = "group", .weight = 0}};

    (void)state;
    remake(16, 4, 8, confs);
    ask_for(5, 4, true);
    expect(0, 1, 2, 3, 4);
    assert_int_equal(result.key.span, 0);
    use(7, 2, HOUR);
    use(9, 1, HOUR);
    ask_for(2, 2, false);
    expect(7, 9);
}

/* NVL72: 18 nodes to a domain; 24 nodes are better as 12 and 12 than as 18 and 6. */
static void test_segments_divide_what_islands_give(void **state)
{
    const struct aif_fabric_levelconf confs[] = {
        {.name = "domain", .weight = 1, .segments = {16, 8, 4, 2}, .segment_count = 4},
        {.name = "pod", .weight = 100}};

    (void)state;
    remake(36, 18, 36, confs);
    ask_for(32, 4, true);
    assert_true(choose());
    assert_int_equal(result.key.uneven, 0);
    assert_int_equal(chosen[15], 15);
    assert_int_equal(chosen[16], 18);
    ask_for(24, 4, true);
    assert_true(choose());
    assert_int_equal(result.key.uneven, 0);
    use(0, 4, HOUR);
    use(1, 4, HOUR);
    use(2, 4, HOUR);
    ask_for(32, 4, true);
    assert_true(choose());
    assert_int_equal(result.key.uneven, 3);
    ask_for(28, 4, true);
    assert_true(choose());
    assert_int_equal(result.key.uneven, 0);
    ask_for(31, 4, true);
    assert_true(choose());
    assert_int_equal(result.key.uneven, 4);
    assert_int_equal(result.key.span, 102);
}

static void test_linked_gpus_come_before_tight_leaves(void **state)
{
    const uint16_t pairs[] = {0, 4, 0, 0, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0};
    const struct aif_gpulinks *patterns[1];
    struct aif_gpulinks *links = NULL;

    (void)state;
    assert_int_equal(aif_gpulinks_create(4, pairs, NULL, &links, NULL), 0);
    patterns[0] = links;
    machine.view.patterns = patterns;
    use(3, 2, HOUR);
    use(12, 2, HOUR);
    machine.nodes[3].pattern = machine.nodes[12].pattern = 0;
    machine.nodes[3].free_mask = 5;
    machine.nodes[12].free_mask = 12;
    ask_for(1, 2, false);
    expect(12);
    assert_int_equal(result.key.links, 0);
    machine.nodes[12].free_mask = 6;
    expect(3);
    assert_int_equal(result.key.links, 4);
    aif_gpulinks_destroy(links);
}

/* ---- spread, judge ---- */

static void test_spread_takes_islands_in_turn(void **state)
{
    (void)state;
    use(0, 4, HOUR);
    ask.spread = true;
    ask_for(4, 4, true);
    expect(1, 4, 8, 12);
    ask_for(6, 4, true);
    expect(1, 4, 5, 8, 9, 12);
    ask_for(1, 4, true);
    expect(4);
    assert_false(result.exact);
}

static void test_judge(void **state)
{
    const uint32_t four[] = {0, 1, 2, 15}, strange[] = {0, 1, 2, 35};
    struct aif_place_result other;

    (void)state;
    ask_for(4, 4, true);
    expect(0, 1, 2, 3);
    assert_true(aif_place_judge(&machine.view, &ask, machine.candidates, NULL, machine.count, four,
                                machine.scratch, &other));
    assert_int_equal(other.key.span, 202);
    assert_int_equal(other.islands[1], 2);
    assert_true(aif_place_key_compare(&result.key, &other.key) < 0);
    assert_true(aif_place_key_compare(&other.key, &result.key) > 0);
    assert_int_equal(aif_place_key_compare(&other.key, &other.key), 0);
    assert_false(aif_place_judge(&machine.view, &ask, machine.candidates, NULL, machine.count,
                                 strange, machine.scratch, &other));
    use(15, 1, HOUR);
    assert_false(aif_place_judge(&machine.view, &ask, machine.candidates, NULL, machine.count, four,
                                 machine.scratch, &other));
    aif_place_scratch_destroy(NULL);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_small_jobs_fill_nodes_in_use),
        test(test_a_short_job_goes_where_others_stay_long),
        test(test_an_idle_node_is_opened_in_the_most_broken_leaf),
        test(test_a_node_with_other_use_is_not_idle),
        test(test_more_gpus_than_counted_are_left_alone),
        test(test_nothing_fits),
        test(test_as_few_leaves_as_can_be),
        test(test_partial_nodes_that_fit_exactly_come_first),
        test(test_classes_come_before_islands),
        test(test_a_level_without_weight_does_not_count),
        test(test_a_machine_where_no_level_counts),
        test(test_segments_divide_what_islands_give),
        test(test_linked_gpus_come_before_tight_leaves),
        test(test_spread_takes_islands_in_turn),
        test(test_judge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
