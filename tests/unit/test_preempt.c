/* test_preempt.c - preempt.h: who yields to whom, and what of a list is ours to change */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "preempt.h"

#define NOW 1767225600 /* within the allocations below */

static const char policy_text[] =
    "{\"version\": 1, \"cluster\": \"c\", \"modes\": {"
    "\"fl\": {\"lane\": {\"preempts\": [\"pg\"], \"preempts_free\": true}},"
    "\"pg\": {\"yield\": {\"how\": \"cancel\", \"grace\": \"00:01:00\"}}, \"sc\": {}}}";

#define ALLOC(id, mode, more) \
    "{\"id\": \"" id "\", \"account\": \"a\", \"mode\": \"" mode "\", \"amount\": 1, \"unit\": \"gpu-hour\", \"start\": \"2025-01-01\", \"end\": \"2026-12-31\"" more "}"
#define FREE ", \"pacing\": {\"kind\": \"ceiling\", \"percent\": 150}"

static const char allocs_text[] =
    "{\"version\": 1, \"allocations\": [" ALLOC("lane", "fl", "") "," ALLOC("victim", "pg", "") "," ALLOC("gone", "pg", ", \"state\": \"terminated\"") ","
    ALLOC("other", "sc", FREE) "," ALLOC("new", "pg", "") "," ALLOC("foreign", "pg", "") "]}";

struct world {
    struct aif_snapshot snapshot;
    struct aif_dbd_qos qos[6];
    struct aif_dbd dbd;
    uint64_t listed[1];
    struct aif_preempt *preempt;
};

static void put_qos(struct world *w, const char *name, uint32_t id, const char *description)
{
    w->qos[w->dbd.qos_count++] = (struct aif_dbd_qos){.name = (char *)name, .description = (char *)description, .id = id};
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    struct aif_error err = {0};

    assert_int_equal(aif_policy_parse(policy_text, strlen(policy_text), "p", &w->snapshot.policy, &err), 0);
    if (aif_alloctable_parse(allocs_text, strlen(allocs_text), "a", w->snapshot.policy, &w->snapshot.allocs, &err))
        fail_msg("%s", err.text);
    put_qos(w, "foreign", 7, "the site's own");
    put_qos(w, "gone", 2, "aif gone");
    put_qos(w, "lane", 3, "aif lane");
    put_qos(w, "other", 4, "aif other");
    put_qos(w, "other-free", 5, "aif other");
    put_qos(w, "victim", 6, "aif victim");
    w->dbd.qos = w->qos;
    w->dbd.qos_ids = 8;
    assert_int_equal(aif_preempt_make(&w->snapshot, &w->dbd, NOW, &w->preempt), 0);
    *state = w;
    return 0;
}

static int free_world(void **state)
{
    struct world *w = *state;

    aif_preempt_free(w->preempt);
    aif_alloctable_destroy(w->snapshot.allocs);
    aif_policy_destroy(w->snapshot.policy);
    free(w);
    return 0;
}

static const struct aif_alloc *alloc_of(const struct world *w, const char *id)
{
    return aif_alloctable_by_id(w->snapshot.allocs, id);
}

static void expect_list(const struct world *w, const char *expected, bool expected_drift)
{
    bool drift;
    char *text = aif_preempt_list_text(w->preempt, alloc_of(w, "lane"), &w->qos[2], &drift);

    if (expected)
        assert_string_equal(text, expected);
    else
        assert_null(text);
    assert_int_equal(drift, expected_drift);
    free(text);
}

static void expect_want(const struct world *w, const char *id, bool free_qos, struct aif_preempt_want expected)
{
    struct aif_preempt_want want;

    aif_preempt_of(w->preempt, alloc_of(w, id), free_qos, NULL, &want);
    assert_int_equal(want.lists, expected.lists);
    assert_int_equal(want.yields, expected.yields);
    assert_int_equal(want.mode, expected.mode);
    assert_int_equal(want.grace, expected.grace);
}

static void test_who_yields_and_how(void **state)
{
    const struct aif_preempt_want nothing = {.mode = NO_VAL16, .grace = NO_VAL};
    const struct world *w = *state;

    expect_want(w, "lane", false, (struct aif_preempt_want){.lists = true, .mode = NO_VAL16, .grace = NO_VAL});
    expect_want(w, "victim", false, (struct aif_preempt_want){.yields = true, .mode = PREEMPT_MODE_CANCEL, .grace = 60});
    expect_want(w, "other", false, nothing);
    expect_want(w, "other", true, (struct aif_preempt_want){.yields = true, .mode = PREEMPT_MODE_REQUEUE, .grace = 0});
    expect_want(w, "gone", false, nothing);
}

static void test_list_of_victims(void **state)
{
    struct world *w = *state;
    char **ids;

    expect_list(w, "+other-free,+victim,+new", false);
    ids = aif_preempt_list_ids(w->preempt, alloc_of(w, "lane"), &w->qos[2]);
    assert_string_equal(ids[0], "+5");
    assert_string_equal(ids[1], "+6");
    assert_null(ids[2]);
    free(ids);
}

static void test_foreign_entries_stay(void **state)
{
    struct world *w = *state;
    char **ids;

    w->qos[2].preempts = w->listed;
    w->listed[0] = 1 << 7 | 1 << 4 | 1 << 5 | 1 << 6;
    expect_list(w, "-other,+new", false);
    ids = aif_preempt_list_ids(w->preempt, alloc_of(w, "lane"), &w->qos[2]);
    assert_string_equal(ids[0], "-4");
    assert_null(ids[1]);
    free(ids);
    ids = aif_preempt_list_ids(w->preempt, alloc_of(w, "lane"), NULL);
    assert_string_equal(ids[0], "5");
    assert_string_equal(ids[1], "6");
    assert_null(ids[2]);
    free(ids);
}

static void test_lists_that_aif_never_made_stay(void **state)
{
    struct world *w = *state;
    bool drift;

    w->qos[3].preempts = w->listed;
    w->listed[0] = 1 << 6;
    assert_null(aif_preempt_list_text(w->preempt, alloc_of(w, "other"), &w->qos[3], &drift));
}

static void test_marks_tell_what_to_take_back(void **state)
{
    struct world *w = *state;
    struct aif_preempt_want want;
    bool drift;
    char *text;

    w->qos[3].description = (char *)"aif other #12345678 preempts=1 yields=1";
    w->qos[3].preempts = w->listed;
    w->listed[0] = 1 << 6 | 1 << 7;
    aif_preempt_of(w->preempt, alloc_of(w, "other"), false, &w->qos[3], &want);
    assert_int_equal(want.mode, 0);
    assert_int_equal(want.grace, 0);
    text = aif_preempt_list_text(w->preempt, alloc_of(w, "other"), &w->qos[3], &drift);
    assert_string_equal(text, "-victim");
    free(text);
}

/* Give a QOS the mark that aif would give it; the caller frees it. */
static char *mark(struct world *w, const char *id, size_t index)
{
    struct aif_preempt_want want;

    aif_preempt_of(w->preempt, alloc_of(w, id), false, NULL, &want);
    w->qos[index].description = aif_preempt_mark(w->preempt, alloc_of(w, id), &want);
    w->qos[index].preempt_mode = want.mode;
    w->qos[index].grace = want.grace;
    return w->qos[index].description;
}

static void test_drift(void **state)
{
    struct world *w = *state;
    char *lane = mark(w, "lane", 2), *victim = mark(w, "victim", 5);

    assert_false(aif_preempt_drifted(&w->qos[5]));
    w->qos[5].grace = 7;
    assert_true(aif_preempt_drifted(&w->qos[5]));
    assert_false(aif_preempt_drifted(&w->qos[2]));
    free(victim);
    w->qos[2].preempts = w->listed;
    w->qos[5].description = (char *)"aif victim #12345678 yields=1";
    w->listed[0] = 1 << 5 | 1 << 6;
    aif_preempt_free(w->preempt);
    assert_int_equal(aif_preempt_make(&w->snapshot, &w->dbd, NOW, &w->preempt), 0);
    expect_list(w, "+new", false);
    w->listed[0] = 1 << 5;
    expect_list(w, "+victim,+new", true);
    free(lane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_yields_and_how, make_world, free_world),
        cmocka_unit_test_setup_teardown(test_list_of_victims, make_world, free_world),
        cmocka_unit_test_setup_teardown(test_foreign_entries_stay, make_world, free_world),
        cmocka_unit_test_setup_teardown(test_lists_that_aif_never_made_stay, make_world, free_world),
        cmocka_unit_test_setup_teardown(test_marks_tell_what_to_take_back, make_world, free_world),
        cmocka_unit_test_setup_teardown(test_drift, make_world, free_world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
