/*
 * test_place_oracle.c - the choice is as good as the best of all sets of nodes, found by trying all
 *
 * Random machines of up to 12 nodes of up to 4 GPUs, fabrics of one to three levels with weights
 * that may be 0, weight classes, whole and partial nodes, links, segments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "place_case.h"
#include "place_private.h"
#include "property_seed.h"

#define RUNS 20000
#define CHOSEN 10000 /* at least */
#define RUNS_CHECKED 300

/* Of all cases: that they reach what they are to test. */
static struct {
    unsigned chosen, refused, several, spanning, whole, linked, uneven, classes;
} seen;

static void count_seen(const struct place_case *drawn, const struct aif_place_result *result)
{
    seen.chosen++;
    seen.several += drawn->ask.nodes > 1;
    seen.spanning += result->islands[0] > 1;
    seen.whole += drawn->ask.whole;
    seen.linked += result->key.links > 0;
    seen.uneven += result->key.uneven > 0;
    seen.classes += result->key.weight > 0;
}

static void check_equal(const struct aif_place_key *a, const struct aif_place_key *b)
{
    if (place_case_compare(a, b) || aif_place_key_compare(a, b))
        fail_msg("weight %llu/%llu span %llu/%llu uneven %u/%u stranded %lld/%lld links %llu/%llu "
                 "leftover %llx/%llx; " REPEATS,
                 (unsigned long long)a->weight, (unsigned long long)b->weight,
                 (unsigned long long)a->span, (unsigned long long)b->span, a->uneven, b->uneven,
                 (long long)a->stranded, (long long)b->stranded, (unsigned long long)a->links,
                 (unsigned long long)b->links, (unsigned long long)a->leftover,
                 (unsigned long long)b->leftover, (unsigned long long)seed);
}

static bool choose(const struct place_case *drawn, struct aif_place_scratch *scratch,
                   uint32_t *ret_nodes, struct aif_place_result *ret_result)
{
    return aif_place_choose(&drawn->view, &drawn->ask, drawn->candidates, place_case_classes(drawn),
                            drawn->count, scratch, ret_nodes, ret_result);
}

static void check_case(const struct place_case *drawn, struct aif_place_scratch *scratch)
{
    struct aif_place_key best, own;
    struct aif_place_result result;
    uint32_t nodes[SMALL];

    if (!place_case_best(drawn, &best)) {
        assert_false(choose(drawn, scratch, nodes, &result));
        seen.refused++;
        return;
    }
    assert_true(choose(drawn, scratch, nodes, &result));
    for (uint32_t i = 1; i < drawn->ask.nodes; i++)
        assert_true(nodes[i - 1] < nodes[i]);
    assert_true(place_case_key(drawn, place_case_set(nodes, drawn->ask.nodes), &own));
    check_equal(&result.key, &own);
    assert_true(result.exact);
    check_equal(&result.key, &best);
    count_seen(drawn, &result);
}

static void one_case(void)
{
    const struct place_kind kind = {.segments = chance(3) == 0, .classes = true};
    struct place_case drawn;
    struct aif_place_scratch *scratch;

    place_case_draw(&drawn, &kind);
    scratch = aif_place_scratch_create(drawn.fabric);
    assert_non_null(scratch);
    /* Nodes that are alike are covered in a way of their own: both are to find the best. */
    if (chance(3) == 0)
        aif_place_scratch_limit(scratch, UINT64_MAX, 0);
    check_case(&drawn, scratch);
    aif_place_scratch_destroy(scratch);
    place_case_free(&drawn);
}

static void test_best_of_all_sets(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof(seen));
    if (!for_each_seed(RUNS, RUNS_CHECKED, one_case))
        return;
    assert_in_range(seen.chosen, CHOSEN, RUNS);
    assert_in_range(seen.refused, RUNS / 50, RUNS);
    assert_in_range(seen.several, CHOSEN / 2, RUNS);
    assert_in_range(seen.spanning, CHOSEN / 5, RUNS);
    assert_in_range(seen.whole, CHOSEN / 5, RUNS);
    assert_in_range(seen.linked, CHOSEN / 50, RUNS);
    assert_in_range(seen.uneven, CHOSEN / 50, RUNS);
    assert_in_range(seen.classes, CHOSEN / 50, RUNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_best_of_all_sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
