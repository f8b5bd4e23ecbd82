/* test_standing.c - standing.h: where an allocation stands, by Slurm's count, the ledger's, and its
 * pacing */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balances.h"
#include "standing.h"

#define HOUR 3600
#define NOW ((time_t)1795219200) /* 2026-11-21 00:00:00 UTC */

static const char policy_text[] =
    "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {\"open\": true},"
    "\"science\": {\"open\": true, \"inference\": {\"share\": 10}}}}";

/* 1,200 hours over the year 2026, and the same with pacings; science has a share for inference. */
#define ENTRY(id, account, more)                                                                   \
    "{\"id\": \"" id "\", \"account\": \"" account                                                 \
    "\", \"mode\": \"m\", \"amount\": 1200, \"unit\": \"gpu-hour\", "                              \
    "\"start\": \"2026-01-01\", \"end\": \"2026-12-31\"" more "}"
static const char allocs_text[] =
    "{\"version\": 1, \"allocations\": [" ENTRY("PLAIN-1", "plain", "") "," ENTRY(
        "MONTHLY-1", "monthly",
        ", \"pacing\": {\"kind\": \"monthly\"}") "," ENTRY("FREE-1", "free",
                                                           ", \"pacing\": {\"kind\": \"ceiling\", "
                                                           "\"percent\": 150}") ","
                                                                                "{\"id\": "
                                                                                "\"SC-1\", "
                                                                                "\"account\": "
                                                                                "\"sc\", \"mode\": "
                                                                                "\"science\", "
                                                                                "\"amount\": 1000, "
                                                                                "\"unit\": "
                                                                                "\"gpu-hour\", "
                                                                                "\"start\": "
                                                                                "\"2026-01-01\", "
                                                                                "\"end\": "
                                                                                "\"2026-12-31\"}]}";

/* 100 hours in January, 50 in November. */
static const char balances_text[] =
    "{\"version\": 1, \"at\": \"2026-11-20T00:00:00Z\", \"allocations\": [{\"id\": \"MONTHLY-1\", "
    "\"used\": 540000, "
    "\"inference\": 0, \"free\": 0, \"first_month\": \"2026-01\", \"months\": "
    "[360000,0,0,0,0,0,0,0,0,0,180000]},"
    "{\"id\": \"SC-1\", \"used\": 72000, \"inference\": 36000, \"free\": 0, \"first_month\": "
    "\"2026-10\", \"months\": [72000]}]}";

static struct aif_snapshot *site;

static int set_up(void **state)
{
    struct aif_error err = {0};

    (void)state;
    setenv("TZ", "UTC", 1);
    site = calloc(1, sizeof(*site));
    assert_int_equal(
        aif_policy_parse(policy_text, strlen(policy_text), "policy", &site->policy, &err), 0);
    assert_int_equal(aif_alloctable_parse(allocs_text, strlen(allocs_text), "allocs", site->policy,
                                          &site->allocs, &err),
                     0);
    if (aif_balances_parse(balances_text, strlen(balances_text), "balances", &site->balances,
                           &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    aif_balances_destroy(site->balances);
    aif_alloctable_destroy(site->allocs);
    aif_policy_destroy(site->policy);
    free(site);
    return 0;
}

static struct aif_standing stand(const char *id, const struct aif_usage *usage)
{
    struct aif_standing standing;

    aif_standing_make(site, aif_alloctable_by_id(site->allocs, id), usage, NOW, &standing);
    return standing;
}

static void test_without_ledger(void **state)
{
    struct aif_usage usage = {.known = true,
                              .used_secs = 100 * HOUR,
                              .reserved_secs = 20 * HOUR,
                              .pending_secs = 5 * HOUR};
    struct aif_standing s = stand("PLAIN-1", &usage);

    (void)state;
    assert_true(s.known && s.months_known && !s.has_inference);
    assert_int_equal(s.used, 100 * HOUR);
    assert_int_equal(s.left, 1080 * HOUR);
    assert_int_equal(s.left_now, 1080 * HOUR);
    assert_int_equal(s.pending, 0);
    site->policy->count_pending = true;
    s = stand("PLAIN-1", &usage);
    site->policy->count_pending = false;
    assert_int_equal(s.pending, 5 * HOUR);
    assert_int_equal(s.left_now, 1075 * HOUR);
    assert_int_equal(s.left, 1080 * HOUR);
}

static void test_the_greater_count_is_taken(void **state)
{
    struct aif_usage usage = {.known = true, .used_secs = 10 * HOUR};

    (void)state;
    assert_int_equal(stand("MONTHLY-1", &usage).used, 150 * HOUR);
    usage.used_secs = 200 * HOUR;
    assert_int_equal(stand("MONTHLY-1", &usage).used, 200 * HOUR);
    assert_int_equal(stand("MONTHLY-1", &usage).left, 1000 * HOUR);
}

static void test_months(void **state)
{
    struct aif_usage usage = {.known = true, .reserved_secs = 10 * HOUR};
    struct aif_standing s = stand("MONTHLY-1", &usage);
    uint64_t grant = s.pace.month_grant_secs;

    (void)state;
    assert_true(s.pace.has_month && s.months_known);
    assert_int_equal(s.pace.month_used_secs, 50 * HOUR);
    assert_in_range(grant, 98 * HOUR, 99 * HOUR); /* 1200 hours x 30 / 365 days */
    assert_int_equal(s.left_now, grant - 60 * HOUR);
}

static void test_months_unknown(void **state)
{
    struct aif_balances *kept = site->balances;
    struct aif_usage usage = {.known = true, .used_secs = 50 * HOUR};

    (void)state;
    site->balances = NULL;
    assert_false(stand("MONTHLY-1", &usage).months_known);
    assert_true(stand("PLAIN-1", &usage).months_known);
    site->balances = kept;
}

static void test_overdrawn(void **state)
{
    struct aif_usage usage = {.known = true,
                              .used_secs = 1190 * HOUR,
                              .reserved_secs = 20 * HOUR,
                              .free_used_secs = 3 * HOUR,
                              .free_reserved_secs = HOUR};
    struct aif_standing s = stand("FREE-1", &usage);

    (void)state;
    assert_int_equal(s.left, 0);
    assert_int_equal(s.left_now, 0);
    assert_int_equal(s.pace.free_secs, 600 * HOUR);
    assert_int_equal(s.free_used, 3 * HOUR);
    assert_int_equal(s.free_reserved, HOUR);
}

static void test_inference(void **state)
{
    struct aif_usage usage = {.known = true, .inference_secs = 2 * HOUR};
    struct aif_standing s = stand("SC-1", &usage);

    (void)state;
    assert_true(s.has_inference);
    assert_int_equal(s.inference_limit, 100 * HOUR);
    assert_int_equal(s.inference_used, 12 * HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_ledger), cmocka_unit_test(test_the_greater_count_is_taken),
        cmocka_unit_test(test_months),         cmocka_unit_test(test_months_unknown),
        cmocka_unit_test(test_overdrawn),      cmocka_unit_test(test_inference),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
