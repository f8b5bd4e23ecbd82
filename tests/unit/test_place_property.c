/*
 * test_place_property.c - what must hold of every choice, on random machines
 *
 * The names of nodes do not matter; one more free node never makes a choice worse (but for what is
 * left over, which it adds to); what is chosen is judged as it was announced; no other set is
 * better; a choice that is not the best for want of steps touches hardly more islands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "place_case.h"
#include "place_private.h"
#include "property_seed.h"

#define RUNS 10000
#define RUNS_CHECKED 300
#define STEPS_FEW 20 /* so that small cases are cut short as well */
#define EXCESS_MAX 0.02

static const struct place_kind any_kind = {.segments = true, .classes = true};

static unsigned compared; /* of all cases: that they reach what they are to test */

static void check_alike(const char *what, const struct aif_place_key *a,
                        const struct aif_place_key *b)
{
    if (place_case_compare(a, b))
        fail_msg("%s: span %llu/%llu uneven %u/%u stranded %lld/%lld links %llu/%llu leftover "
                 "%llx/%llx; " REPEATS,
                 what, (unsigned long long)a->span, (unsigned long long)b->span, a->uneven,
                 b->uneven, (long long)a->stranded, (long long)b->stranded,
                 (unsigned long long)a->links, (unsigned long long)b->links,
                 (unsigned long long)a->leftover, (unsigned long long)b->leftover,
                 (unsigned long long)seed);
}

/* Steps 0: as many as by default. */
static bool choose(const struct place_case *drawn, uint64_t steps, uint32_t *ret_nodes,
                   struct aif_place_result *ret_result)
{
    struct aif_place_scratch *scratch = aif_place_scratch_create(drawn->fabric);
    bool found;

    assert_non_null(scratch);
    if (steps)
        aif_place_scratch_limit(scratch, steps, UINT32_MAX);
    found =
        aif_place_choose(&drawn->view, &drawn->ask, drawn->candidates, place_case_classes(drawn),
                         drawn->count, scratch, ret_nodes, ret_result);
    aif_place_scratch_destroy(scratch);
    return found;
}

/* ---- names ---- */

static struct aif_fabric *permuted_fabric(const struct aif_fabric *fabric, const size_t *names)
{
    uint32_t ids[AIF_FABRIC_LEVELS_MAX][SMALL];
    const uint32_t *rows[AIF_FABRIC_LEVELS_MAX];
    struct aif_fabric_levelconf confs[AIF_FABRIC_LEVELS_MAX];
    struct aif_fabric *permuted = NULL;

    for (uint32_t level = 0; level < fabric->level_count; level++) {
        for (uint32_t i = 0; i < fabric->node_count; i++)
            ids[level][names[i]] = fabric->levels[level].island_of[i];
        rows[level] = ids[level];
        confs[level] = fabric->levels[level].conf;
    }
    assert_int_equal(aif_fabric_from_islands(fabric->node_count, fabric->level_count, rows, NULL,
                                             confs, &permuted, NULL),
                     0);
    return permuted;
}

/* The same machine with other names; fabric is the caller's to destroy. */
static void permute(const struct place_case *drawn, struct place_case *ret_permuted)
{
    const uint32_t count = drawn->fabric->node_count;
    uint8_t class_of[SMALL] = {0};
    bool candidate[SMALL] = {false};
    size_t names[SMALL];

    shuffle(names, count);
    *ret_permuted = *drawn;
    ret_permuted->fabric = permuted_fabric(drawn->fabric, names);
    ret_permuted->view.fabric = ret_permuted->fabric;
    ret_permuted->view.nodes = ret_permuted->nodes;
    for (uint32_t i = 0; i < count; i++)
        ret_permuted->nodes[names[i]] = drawn->nodes[i];
    for (uint32_t i = 0; i < drawn->count; i++) {
        candidate[names[drawn->candidates[i]]] = true;
        class_of[names[drawn->candidates[i]]] = drawn->classes[i];
    }
    ret_permuted->count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (candidate[i]) {
            ret_permuted->candidates[ret_permuted->count] = i;
            ret_permuted->classes[ret_permuted->count++] = class_of[i];
        }
}

static void one_permuted(void)
{
    struct place_case drawn, permuted;
    struct aif_place_result result, other;
    uint32_t nodes[SMALL];

    place_case_draw(&drawn, &any_kind);
    permute(&drawn, &permuted);
    if (choose(&drawn, 0, nodes, &result)) {
        assert_true(choose(&permuted, 0, nodes, &other));
        check_alike("other names", &result.key, &other.key);
        compared++;
    } else {
        assert_false(choose(&permuted, 0, nodes, &other));
    }
    aif_fabric_destroy(permuted.fabric);
    place_case_free(&drawn);
}

static void test_names_do_not_matter(void **state)
{
    (void)state;
    compared = 0;
    if (for_each_seed(RUNS, RUNS_CHECKED, one_permuted))
        assert_in_range(compared, RUNS / 2, RUNS);
}

/* ---- one more node ---- */

/* Add a node that is no candidate yet; false if there is none. */
static bool add_candidate(struct place_case *drawn)
{
    for (uint32_t node = 0; node < drawn->fabric->node_count; node++) {
        uint32_t at = 0;

        while (at < drawn->count && drawn->candidates[at] < node)
            at++;
        if (at < drawn->count && drawn->candidates[at] == node)
            continue;
        memmove(&drawn->candidates[at + 1], &drawn->candidates[at],
                (drawn->count - at) * sizeof(drawn->candidates[0]));
        memmove(&drawn->classes[at + 1], &drawn->classes[at], drawn->count - at);
        drawn->candidates[at] = node;
        drawn->classes[at] = (uint8_t)chance(100);
        drawn->count++;
        drawn->nodes[node].free = drawn->nodes[node].gpus;
        drawn->nodes[node].free_mask = 0;
        drawn->nodes[node].other_used = 0;
        return true;
    }
    return false;
}

static void one_more(void)
{
    struct place_case drawn;
    struct aif_place_result before, after;
    uint32_t nodes[SMALL];

    place_case_draw(&drawn, &any_kind);
    if (choose(&drawn, 0, nodes, &before) && add_candidate(&drawn)) {
        assert_true(choose(&drawn, 0, nodes, &after));
        before.key.leftover = after.key.leftover = 0;
        if (place_case_compare(&after.key, &before.key) > 0)
            check_alike("one more node", &after.key, &before.key);
        compared++;
    }
    place_case_free(&drawn);
}

static void test_one_more_node_is_never_worse(void **state)
{
    (void)state;
    compared = 0;
    if (for_each_seed(RUNS, RUNS_CHECKED, one_more))
        assert_in_range(compared, RUNS / 4, RUNS);
}

/* ---- judging ---- */

static bool judge(const struct place_case *drawn, uint32_t set, struct aif_place_result *ret_result)
{
    struct aif_place_scratch *scratch = aif_place_scratch_create(drawn->fabric);
    uint32_t nodes[SMALL];
    bool fits;

    assert_non_null(scratch);
    place_case_nodes(set, nodes);
    fits = aif_place_judge(&drawn->view, &drawn->ask, drawn->candidates, place_case_classes(drawn),
                           drawn->count, nodes, scratch, ret_result);
    aif_place_scratch_destroy(scratch);
    return fits;
}

/* Any nodes, as many as asked for, candidates or not. */
static uint32_t draw_set(const struct place_case *drawn)
{
    size_t order[SMALL];
    uint32_t set = 0;

    shuffle(order, drawn->fabric->node_count);
    for (uint32_t i = 0; i < drawn->ask.nodes; i++)
        set |= 1u << order[i];
    return set;
}

static void one_judged(void)
{
    struct place_case drawn;
    struct aif_place_result result, judged;
    struct aif_place_key key;
    uint32_t nodes[SMALL], set;
    bool found;

    place_case_draw(&drawn, &any_kind);
    drawn.ask.spread = chance(4) == 0;
    found = choose(&drawn, 0, nodes, &result);
    if (found) {
        assert_true(judge(&drawn, place_case_set(nodes, drawn.ask.nodes), &judged));
        check_alike("judged", &result.key, &judged.key);
        assert_memory_equal(result.islands, judged.islands, sizeof(result.islands));
    }
    set = draw_set(&drawn);
    assert_int_equal(judge(&drawn, set, &judged), place_case_key(&drawn, set, &key));
    if (place_case_key(&drawn, set, &key)) {
        assert_true(found);
        check_alike("other set", &judged.key, &key);
        assert_true(drawn.ask.spread || place_case_compare(&result.key, &key) <= 0);
        compared++;
    }
    place_case_free(&drawn);
}

static void test_judged_as_announced_and_no_other_set_is_better(void **state)
{
    (void)state;
    compared = 0;
    if (for_each_seed(RUNS, RUNS_CHECKED, one_judged))
        assert_in_range(compared, RUNS / 8, RUNS);
}

/* ---- spread ---- */

static void one_spread(void)
{
    struct place_case drawn;
    struct aif_place_result packed, spread;
    uint32_t nodes[SMALL];

    place_case_draw(&drawn, &any_kind);
    if (choose(&drawn, 0, nodes, &packed)) {
        drawn.ask.spread = true;
        assert_true(choose(&drawn, 0, nodes, &spread));
        assert_int_equal(spread.key.weight, packed.key.weight);
        for (uint32_t level = 0; level < drawn.fabric->level_count; level++)
            if (drawn.fabric->levels[level].conf.weight) {
                assert_true(spread.islands[level] >= packed.islands[level]);
                compared++;
                break;
            }
    }
    place_case_free(&drawn);
}

static void test_spread_touches_no_fewer_islands(void **state)
{
    (void)state;
    compared = 0;
    if (for_each_seed(RUNS, RUNS_CHECKED, one_spread))
        assert_in_range(compared, RUNS / 4, RUNS);
}

/* ---- too many steps ---- */

static double excess; /* of span over the least, summed over cases */

static void one_cut_short(void)
{
    const struct place_kind kind = {.classes = true};
    struct place_case drawn;
    struct aif_place_key best;
    struct aif_place_result result;
    uint32_t nodes[SMALL];

    place_case_draw(&drawn, &kind);
    if (place_case_best(&drawn, &best)) {
        assert_true(choose(&drawn, STEPS_FEW, nodes, &result));
        assert_int_equal(result.key.weight, best.weight);
        assert_true(place_case_compare(&result.key, &best) >= 0);
        if (result.exact)
            check_alike("said to be the best", &result.key, &best);
        else if (best.span) {
            excess += (double)(result.key.span - best.span) / (double)best.span;
            compared++;
        }
    }
    place_case_free(&drawn);
}

static void test_cut_short_it_touches_hardly_more(void **state)
{
    (void)state;
    compared = 0;
    excess = 0;
    if (!for_each_seed(RUNS, RUNS_CHECKED, one_cut_short))
        return;
    assert_in_range(compared, RUNS / 40, RUNS);
    if (excess / compared > EXCESS_MAX)
        fail_msg("mean excess %.4f, limit %.2f", excess / compared, EXCESS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_do_not_matter),
        cmocka_unit_test(test_one_more_node_is_never_worse),
        cmocka_unit_test(test_judged_as_announced_and_no_other_set_is_better),
        cmocka_unit_test(test_spread_touches_no_fewer_islands),
        cmocka_unit_test(test_cut_short_it_touches_hardly_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
