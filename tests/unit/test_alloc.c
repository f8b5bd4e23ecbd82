/* test_alloc.c - unit tests of alloc.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "alloc.h"
#include "configtest.h"

static struct aif_policy *load_policy(const char *path)
{
    struct aif_policy *policy = NULL;

    assert_int_equal(aif_policy_load(path, &policy, NULL), 0);
    return policy;
}

static struct aif_alloctable *load_table(const char *path, const struct aif_policy *policy)
{
    struct aif_alloctable *table = NULL;
    struct aif_error err = {0};

    if (aif_alloctable_load(path, policy, &table, &err))
        fail_msg("%s", err.text);
    return table;
}

static void test_example_file(void **state)
{
    struct aif_policy *policy = load_policy(ETC_DIR "/policy.json");
    struct aif_alloctable *table = load_table(ETC_DIR "/allocations.json", policy);
    const struct aif_alloc *alloc;

    (void)state;
    assert_int_equal(aif_alloctable_count(table), 2);
    alloc = aif_alloctable_by_id(table, "ehpc-aif-2026pg01-905");
    assert_string_equal(alloc->id, "EHPC-AIF-2026PG01-905");
    assert_string_equal(alloc->qos, "ehpc-aif-2026pg01-905");
    assert_string_equal(alloc->mode->name, "playground");
    assert_int_equal(alloc->amount_secs, 5000 * 3600);
    assert_int_equal(alloc->state, AIF_STATE_OK);
    assert_string_equal(alloc->members[1], "bob");
    assert_null(alloc->residency);
    assert_null(alloc->waldur_resource);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void test_every_key(void **state)
{
    struct aif_policy *policy = load_policy(CONFIG_DATA "/good/policy.json");
    struct aif_alloctable *table = load_table(CONFIG_DATA "/good/allocations.json", policy);
    const struct aif_alloc *alloc = aif_alloctable_at(table, 1);
    char residency[64];

    (void)state;
    assert_string_equal(alloc->id, "AIFAC_F02_434");
    assert_string_equal(alloc->account, "aifac_f02_434");
    assert_string_equal(alloc->qos, "fast");
    assert_ptr_equal(alloc->mode, aif_policy_mode(policy, "fast-lane"));
    assert_int_equal(alloc->amount_secs, 1800); /* 1800.36 */
    assert_int_equal(alloc->unit, AIF_UNIT_NODE_HOUR);
    assert_int_equal(alloc->start, 1790805600);
    assert_int_equal(alloc->end, 1798761599);
    assert_int_equal(alloc->state, AIF_STATE_PAUSED);
    assert_string_equal(alloc->members[2], "u_3");
    assert_null(alloc->members[3]);
    assert_non_null(alloc->residency);
    assert_int_equal(aif_restag_format(alloc->residency, residency, sizeof(residency)), 0);
    assert_string_equal(residency, "DK|FI|IS|NO|SE");
    assert_string_equal(alloc->waldur_resource, "6f9ad4c1-5f3c-4b7e-9d0a-2f1c5f6b7a88");
    assert_int_equal(aif_alloctable_at(table, 2)->amount_secs, UINT64_C(3600000000000));
    assert_int_equal(aif_alloctable_at(table, 2)->state, AIF_STATE_TERMINATED);
    assert_int_equal(aif_alloctable_at(table, 3)->state, AIF_STATE_DOWNSCALED);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void test_finds(void **state)
{
    struct aif_policy *policy = load_policy(CONFIG_DATA "/good/policy.json");
    struct aif_alloctable *table = load_table(CONFIG_DATA "/good/allocations.json", policy);

    (void)state;
    assert_string_equal(aif_alloctable_by_id(table, "THIRD")->id, "third");
    assert_null(aif_alloctable_by_id(table, "fifth"));
    assert_string_equal(aif_alloctable_by_qos(table, "aif-ehpc-aif-2026pg01-905")->id,
                        "EHPC-AIF-2026PG01-905");
    assert_string_equal(aif_alloctable_by_qos(table, "FAST")->id, "AIFAC_F02_434");
    assert_null(aif_alloctable_by_qos(table, "AIFAC_F02_434"));
    assert_null(aif_alloctable_by_account(table, "nobody"));
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void test_allocations_of_an_account_by_end(void **state)
{
    struct aif_policy *policy = load_policy(CONFIG_DATA "/good/policy.json");
    struct aif_alloctable *table = load_table(CONFIG_DATA "/good/allocations.json", policy);
    const struct aif_alloc *alloc = aif_alloctable_by_account(table, "Project_465003186");

    (void)state;
    assert_string_equal(alloc->id, "third");
    assert_string_equal(alloc->next_of_account->id, "EHPC-AIF-2026PG01-905");
    assert_string_equal(alloc->next_of_account->next_of_account->id, "fourth");
    assert_null(alloc->next_of_account->next_of_account->next_of_account);
    assert_null(aif_alloctable_by_account(table, "aifac_f02_434")->next_of_account);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static int load_bad(const char *path, struct aif_error *err)
{
    struct aif_policy *policy = load_policy(ETC_DIR "/policy.json");
    struct aif_alloctable *table = NULL;
    int rc = aif_alloctable_load(path, policy, &table, err);

    assert_int_equal(table != NULL, rc == 0);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
    return rc;
}

static void test_refuses_bad_files(void **state)
{
    (void)state;
    check_bad_files(CONFIG_DATA "/bad-allocations", 50, load_bad);
}

static void test_missing_file(void **state)
{
    struct aif_error err;

    (void)state;
    assert_int_equal(load_bad("/nonexistent/allocations.json", &err), -1);
    assert_int_equal(err.code, AIF_ENOENT);
}

static void check_amount(const char *hours, uint64_t seconds)
{
    struct aif_policy *policy = load_policy(ETC_DIR "/policy.json");
    struct aif_alloctable *table = NULL;
    char text[512];

    snprintf(text, sizeof(text),
             "{\"version\": 1, \"allocations\": [{\"id\": \"a\", \"account\": \"a\", \"mode\": "
             "\"science\", \"amount\": %s, "
             "\"unit\": \"gpu-hour\", \"start\": \"2026-01-01\", \"end\": \"2026-01-01\"}]}",
             hours);
    assert_int_equal(aif_alloctable_parse(text, strlen(text), "f", policy, &table, NULL), 0);
    assert_int_equal(aif_alloctable_at(table, 0)->amount_secs, seconds);
    assert_int_equal(aif_alloctable_at(table, 0)->end - aif_alloctable_at(table, 0)->start, 86399);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void test_amounts_round_half_up(void **state)
{
    (void)state;
    check_amount("1", 3600);
    check_amount("0.1", 360);
    check_amount("0.0001388888888888889", 1);  /* half a second */
    check_amount("0.00041666666666666664", 2); /* one and a half */
    check_amount("0.0004", 1);                 /* 1.44 */
    check_amount("12345.67", 44444412);
    check_amount("1000000000", UINT64_C(3600000000000));
}

static void test_empty_table(void **state)
{
    static const char text[] = "{\"version\": 1, \"allocations\": []}";
    struct aif_policy *policy = load_policy(ETC_DIR "/policy.json");
    struct aif_alloctable *table = NULL;

    (void)state;
    assert_int_equal(aif_alloctable_parse(text, strlen(text), "f", policy, &table, NULL), 0);
    assert_int_equal(aif_alloctable_count(table), 0);
    assert_null(aif_alloctable_by_id(table, "x"));
    assert_null(aif_alloctable_by_qos(table, "x"));
    assert_null(aif_alloctable_by_account(table, "x"));
    aif_alloctable_destroy(table);
    aif_alloctable_destroy(NULL);
    aif_policy_destroy(policy);
}

/* Two accounts share them: were any step quadratic, this would not end. */
static void test_many(void **state)
{
    enum { COUNT = 60000 };
    struct aif_policy *policy = load_policy(ETC_DIR "/policy.json");
    struct aif_alloctable *table = NULL;
    char *text = malloc(COUNT * 160 + 100);
    size_t used, seen = 0;

    (void)state;
    assert_non_null(text);
    used = (size_t)sprintf(text, "{\"version\": 1, \"allocations\": [");
    for (int i = 0; i < COUNT; i++)
        used += (size_t)sprintf(
            text + used,
            "%s{\"id\":\"p%d\",\"account\":\"%s\",\"mode\":\"science\",\"amount\":1,"
            "\"unit\":\"gpu-hour\",\"start\":\"2026-01-01\",\"end\":\"2026-12-%02d\"}",
            i ? "," : "", i, i % 2 ? "one" : "two", 1 + i % 31);
    used += (size_t)sprintf(text + used, "]}");
    assert_int_equal(aif_alloctable_parse(text, used, "f", policy, &table, NULL), 0);
    assert_int_equal(aif_alloctable_count(table), COUNT);
    for (const struct aif_alloc *a = aif_alloctable_by_account(table, "ONE"); a;
         a = a->next_of_account) {
        assert_true(!a->next_of_account || a->end <= a->next_of_account->end);
        seen++;
    }
    assert_int_equal(seen, COUNT / 2);
    assert_string_equal(aif_alloctable_by_qos(table, "P59999")->id, "p59999");
    free(text);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(aif_alloc_state_name(AIF_STATE_OK), "ok");
    assert_string_equal(aif_alloc_state_name(AIF_STATE_PAUSED), "paused");
    assert_string_equal(aif_alloc_state_name(AIF_STATE_DOWNSCALED), "downscaled");
    assert_string_equal(aif_alloc_state_name(AIF_STATE_TERMINATED), "terminated");
    assert_string_equal(aif_unit_name(AIF_UNIT_GPU_HOUR), "gpu-hour");
    assert_string_equal(aif_unit_name(AIF_UNIT_NODE_HOUR), "node-hour");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example_file),
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_finds),
        cmocka_unit_test(test_allocations_of_an_account_by_end),
        cmocka_unit_test(test_refuses_bad_files),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_amounts_round_half_up),
        cmocka_unit_test(test_empty_table),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
