/* test_allocblock.c - unit tests of allocblock.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "allocblock.h"
#include "policytest.h"

#define ENTRY "\"account\": \"a\", \"mode\": \"m\", \"amount\": 1, \"unit\": \"gpu-hour\", " \
              "\"start\": \"2026-01-01\", \"end\": \"2026-12-31\""

/* allocations.json with one allocation that has these keys besides. */
static struct aif_alloctable *read_one(const struct aif_policy *policy, const char *more)
{
    struct aif_alloctable *table = NULL;
    struct aif_error err = {0};
    char *text = NULL;

    assert_true(asprintf(&text, "{\"version\": 1, \"allocations\": [{\"id\": \"One\", " ENTRY "%s}]}", more) > 0);
    if (aif_alloctable_parse(text, strlen(text), "f", policy, &table, &err))
        fail_msg("%s: %s", text, err.text);
    free(text);
    return table;
}

static void check_near(const struct aif_alloc *alloc, const char *text, const char *expected)
{
    assert_string_equal(text, expected);
    assert_in_range((size_t)(text - (const char *)alloc->block), 0, AIF_ALLOCBLOCK_FETCHED - 1);
}

/* All that a submission reads is where it is fetched, and starts with the name that it is found by. */
static void test_texts_lie_together(void **state)
{
    struct aif_policy *policy = policytest_make("", "\"pacing\": {\"kind\": \"ceiling\", \"percent\": 150}");
    struct aif_alloctable *table =
        read_one(policy, ", \"members\": [\"eve\", \"bob\"], "
                         "\"waldur_resource\": \"6f9ad4c1-5f3c-4b7e-9d0a-2f1c5f6b7a88\"");
    const struct aif_alloc *alloc = aif_alloctable_at(table, 0);

    (void)state;
    assert_ptr_equal(alloc->block, alloc->qos);
    check_near(alloc, alloc->id, "One");
    check_near(alloc, alloc->account, "a");
    check_near(alloc, alloc->qos, "one");
    check_near(alloc, alloc->free_qos, "one-free");
    check_near(alloc, alloc->waldur_resource, "6f9ad4c1-5f3c-4b7e-9d0a-2f1c5f6b7a88");
    check_near(alloc, alloc->marks->request, "mode=m;allocation=One");
    check_near(alloc, alloc->marks->comment, "{\"aif\":{\"v\":1,\"mode\":\"m\",\"alloc\":\"One\"");
    assert_int_equal(alloc->member_count, 2);
    check_near(alloc, alloc->members[0], "eve");
    check_near(alloc, alloc->members[1], "bob");
    assert_null(alloc->members[2]);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void test_lists(void **state)
{
    struct aif_policy *policy = policytest_make("", "");
    struct aif_alloctable *table = read_one(policy, ", \"members\": [\"eve\", \"bob\", \"u_3\"]");
    const struct aif_alloc *alloc = aif_alloctable_at(table, 0);

    (void)state;
    assert_true(aif_allocblock_lists(alloc, "eve"));
    assert_true(aif_allocblock_lists(alloc, "u_3"));
    assert_false(aif_allocblock_lists(alloc, "Eve"));
    assert_false(aif_allocblock_lists(alloc, "ev"));
    assert_false(aif_allocblock_lists(alloc, ""));
    aif_alloctable_destroy(table);
    table = read_one(policy, "");
    assert_true(aif_allocblock_lists(aif_alloctable_at(table, 0), "mallory"));
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

/* The two have the same hash (FNV-1a, 32 bits), and are still told apart. */
static void test_same_hash(void **state)
{
    struct aif_policy *policy = policytest_make("", "");
    struct aif_alloctable *table = read_one(policy, ", \"members\": [\"costarring\"]");
    const struct aif_alloc *alloc = aif_alloctable_at(table, 0);

    (void)state;
    assert_true(aif_allocblock_lists(alloc, "costarring"));
    assert_false(aif_allocblock_lists(alloc, "liquid"));
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

/* What is read in part, as when the file is refused, has no block yet. */
static void test_frees_without_a_block(void **state)
{
    struct aif_alloc alloc = {.id = strdup("id"), .qos = strdup("qos"), .members = calloc(2, sizeof(char *))};

    (void)state;
    alloc.members[0] = strdup("eve");
    aif_allocblock_free(&alloc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_lie_together),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_same_hash),
        cmocka_unit_test(test_frees_without_a_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
