/* test_allocentry.c - unit tests of allocentry.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policytest.h"

#define ENTRY                                                                                      \
    "\"id\": \"A-1\", \"account\": \"a\", \"mode\": \"m\", \"amount\": 10, \"unit\": "             \
    "\"gpu-hour\", "                                                                               \
    "\"start\": \"2026-09-02\", \"end\": \"2026-12-02\""
#define CEILING "\"pacing\": {\"kind\": \"ceiling\", \"percent\": 150}"

static struct aif_alloctable *table_of(const struct aif_policy *policy, const char *entries,
                                       struct aif_error *err)
{
    struct aif_alloctable *table = NULL;
    char *text = NULL;

    assert_true(asprintf(&text, "{\"version\": 1, \"allocations\": [%s]}", entries) > 0);
    aif_alloctable_parse(text, strlen(text), "f", policy, &table, err);
    free(text);
    return table;
}

/* One entry with these keys beside the required ones. */
static struct aif_alloctable *entry_of(const struct aif_policy *policy, const char *keys)
{
    struct aif_alloctable *table;
    struct aif_error err = {0};
    char entry[1024];

    snprintf(entry, sizeof(entry), "{" ENTRY "%s%s}", *keys ? ", " : "", keys);
    table = table_of(policy, entry, &err);
    if (!table)
        fail_msg("%s: %s", entry, err.text);
    return table;
}

static void refused(const struct aif_policy *policy, const char *entries, const char *expected)
{
    struct aif_error err = {0};

    assert_null(table_of(policy, entries, &err));
    drop_column(err.text);
    if (strncmp(err.text, "f:1: ", 5) || strncmp(err.text + 5, expected, strlen(expected)))
        fail_msg("%s\n  want %s\n  got  %s", entries, expected, err.text);
}

static void test_what_is_left_out_comes_from_the_policy(void **state)
{
    struct aif_policy *policy = policytest_make(
        "\"charge\": {\"gpu-hour\": {\"tres\": \"billing\", \"factor\": 0.25}}", CEILING);
    struct aif_alloctable *table = entry_of(policy, "");
    const struct aif_alloc *alloc = aif_alloctable_at(table, 0);

    (void)state;
    assert_int_equal(alloc->category, AIF_CATEGORY_UNKNOWN);
    assert_int_equal(alloc->charge.tres, AIF_CHARGE_BILLING);
    assert_int_equal(alloc->charge.millionths, 250000);
    assert_int_equal(alloc->pacing.kind, AIF_PACING_CEILING);
    assert_int_equal(alloc->pacing.ceiling_percent, 150);
    assert_string_equal(alloc->free_qos, "a-1-free");
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void test_its_own_come_first(void **state)
{
    struct aif_policy *policy = policytest_make("", CEILING);
    struct aif_alloctable *table =
        entry_of(policy, "\"category\": \"startup\", \"charge\": {\"factor\": 0.5},"
                         " \"pacing\": {\"kind\": \"linear\", \"priority\": 7}");
    const struct aif_alloc *alloc = aif_alloctable_at(table, 0);

    (void)state;
    assert_int_equal(alloc->category, AIF_CATEGORY_STARTUP);
    assert_int_equal(alloc->charge.tres, AIF_CHARGE_GPU);
    assert_int_equal(alloc->charge.millionths, 500000);
    assert_int_equal(alloc->pacing.kind, AIF_PACING_LINEAR);
    assert_int_equal(alloc->pacing.priority, 7);
    assert_int_equal(alloc->pacing.ceiling_percent, 0);
    assert_null(alloc->free_qos);
    aif_alloctable_destroy(table);
    table = entry_of(policy, "\"pacing\": {\"kind\": \"none\"}");
    assert_int_equal(aif_alloctable_at(table, 0)->pacing.kind, AIF_PACING_NONE);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void test_both_qos_find_it(void **state)
{
    struct aif_policy *policy = policytest_make("\"qos_prefix\": \"x-\"", "");
    struct aif_alloctable *table = entry_of(policy, CEILING), *named;
    const struct aif_alloc *alloc = aif_alloctable_at(table, 0);

    (void)state;
    assert_string_equal(alloc->free_qos, "x-a-1-free");
    assert_ptr_equal(aif_alloctable_by_qos(table, "X-A-1"), alloc);
    assert_ptr_equal(aif_alloctable_by_qos(table, "x-a-1-FREE"), alloc);
    assert_null(aif_alloctable_by_qos(table, "x-a-1-"));
    named = entry_of(policy, CEILING ", \"free_qos\": \"QGPU_Free\"");
    assert_ptr_equal(aif_alloctable_by_qos(named, "qgpu_free"), aif_alloctable_at(named, 0));
    assert_string_equal(aif_alloctable_at(named, 0)->free_qos, "qgpu_free");
    aif_alloctable_destroy(named);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void test_bad_entries(void **state)
{
    static const struct policytest_bad cases[] = {
        {"{" ENTRY ", \"category\": \"other\"}",
         "allocations[0].category: out of range: \"other\""},
        {"{" ENTRY ", \"charge\": {\"factor\": 0}}",
         "allocations[0].charge.factor: out of range: 0"},
        {"{" ENTRY ", \"charge\": {\"gpu-hour\": {}}}",
         "allocations[0].charge.gpu-hour: unknown key"},
        {"{" ENTRY ", \"pacing\": {\"kind\": \"cut\"}}",
         "allocations[0].pacing.months: required key is missing"},
        {"{" ENTRY ", \"free_qos\": \"f\"}", "allocations[0].free_qos: out of range: \"f\", limit "
                                             "allocations with the pacing \"ceiling\""},
        {"{" ENTRY ", " CEILING ", \"free_qos\": \"normal\"}",
         "allocations[0].free_qos: out of range: \"normal\""},
        {"{" ENTRY ", " CEILING ", \"free_qos\": \"a-1\"}",
         "allocations[0].free_qos: free_qos given twice: \"a-1\", also of \"A-1\" (AIF-C006)"},
        {"{" ENTRY ", " CEILING ", \"free_qos\": \"-f\"}", "allocations[0].free_qos: out of range"},
    };
    struct aif_policy *policy = policytest_make("", "");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        refused(policy, cases[i].text, cases[i].expected);
    aif_policy_destroy(policy);
}

static void test_names_are_unique_across_both_kinds(void **state)
{
    struct aif_policy *policy = policytest_make("", "");
    static const char other[] =
        "\"account\": \"b\", \"mode\": \"m\", \"amount\": 1, \"unit\": \"gpu-hour\","
        " \"start\": \"2026-01-01\", \"end\": \"2026-12-31\"";
    char entries[1024];

    (void)state;
    snprintf(entries, sizeof(entries), "{" ENTRY ", " CEILING "}, {\"id\": \"A-1-Free\", %s}",
             other);
    refused(policy, entries, "allocations[1].qos: qos given twice: \"a-1-free\", also of \"A-1\"");
    snprintf(entries, sizeof(entries), "{\"id\": \"A-1-Free\", %s}, {" ENTRY ", " CEILING "}",
             other);
    refused(policy, entries,
            "allocations[1].free_qos: free_qos given twice: \"a-1-free\", also of \"A-1-Free\"");
    aif_policy_destroy(policy);
}

static void test_longest_free_qos(void **state)
{
    struct aif_policy *policy = policytest_make("", "");
    char qos[128], entry[1024];

    (void)state;
    memset(qos, 'q', sizeof(qos));
    qos[123] = '\0';
    snprintf(entry, sizeof(entry), "{" ENTRY ", " CEILING ", \"qos\": \"%s\"}", qos);
    refused(policy, entry, "allocations[0].free_qos: out of range: \"qqqq");
    qos[122] = '\0';
    snprintf(entry, sizeof(entry), CEILING ", \"qos\": \"%s\"", qos);
    aif_alloctable_destroy(entry_of(policy, entry));
    aif_policy_destroy(policy);
}

static void test_associations_carry_one_allocation(void **state)
{
    static const char two[] = "{\"id\": \"B-2\", \"account\": \"A\", \"mode\": \"n\", \"amount\": "
                              "1, \"unit\": \"node-hour\","
                              " \"start\": \"2026-01-01\", \"end\": \"2027-12-31\"}, {" ENTRY "}";
    struct aif_policy *policy = policytest_make("\"carrier\": \"association\"", "");
    struct aif_policy *by_qos = policytest_make("", "");
    struct aif_alloctable *table = table_of(by_qos, two, NULL);

    (void)state;
    assert_int_equal(aif_alloctable_count(table), 2);
    aif_alloctable_destroy(table);
    refused(
        policy, two,
        "allocations[1].account: account given twice: \"a\", of \"A-1\" and \"B-2\", limit one "
        "allocation per account with the carrier \"association\" (AIF-C006); give each its own");
    refused(policy, "{" ENTRY ", " CEILING "}", "allocations[0].pacing: out of range: \"ceiling\"");
    table = entry_of(policy, "");
    assert_ptr_equal(aif_alloctable_by_account(table, "A"), aif_alloctable_at(table, 0));
    aif_alloctable_destroy(table);
    aif_policy_destroy(by_qos);
    aif_policy_destroy(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_left_out_comes_from_the_policy),
        cmocka_unit_test(test_its_own_come_first),
        cmocka_unit_test(test_both_qos_find_it),
        cmocka_unit_test(test_bad_entries),
        cmocka_unit_test(test_names_are_unique_across_both_kinds),
        cmocka_unit_test(test_longest_free_qos),
        cmocka_unit_test(test_associations_carry_one_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
