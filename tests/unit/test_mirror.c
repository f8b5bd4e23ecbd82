/* test_mirror.c - the limits that Slurm shall enforce */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "charge.h"
#include "mirror.h"
#include "timetext.h"

#define HOUR 3600
#define HOURS(n) ((uint64_t)(n)*HOUR)

static struct aif_policy *policy; /* NULL: every rule is on */
static struct aif_mode mode;
static struct aif_alloc alloc;
static time_t now;

static time_t at(const char *text)
{
    time_t moment;

    assert_int_equal(aif_timetext_date(text, AIF_DAY_START, &moment), 0);
    return moment;
}

/* Every test starts from an open allocation of 1200 GPU-hours over 2026, in July. */
static int set_up(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    mode = (struct aif_mode){.open = true};
    alloc = (struct aif_alloc){.mode = &mode,
                               .charge = {AIF_CHARGE_GPU, AIF_MILLION},
                               .category = AIF_CATEGORY_UNKNOWN,
                               .amount_secs = HOURS(1200),
                               .start = at("2026-01-01"),
                               .end = at("2027-01-01") - 1};
    now = at("2026-07-15");
    return 0;
}

static struct aif_mirror make(const struct aif_balance *balance, uint64_t live_hours, bool free_qos)
{
    struct aif_mirror mirror;

    memset(&mirror, 'x', sizeof(mirror));
    aif_mirror_make(policy, &alloc, balance, HOURS(live_hours), now, free_qos, &mirror);
    return mirror;
}

/* Whole hours, given the two minutes that are kept back against Slurm's rounding. */
static uint64_t hours(const struct aif_balance *balance, uint64_t live_hours)
{
    const uint64_t minutes = make(balance, live_hours, false).tres_mins;

    if (!minutes)
        return 0;
    assert_int_equal((minutes + 2) % 60, 0);
    return (minutes + 2) / 60;
}

static uint64_t free_hours(const struct aif_balance *balance, uint64_t live_hours)
{
    return (make(balance, live_hours, true).tres_mins + 2) / 60;
}

static void test_bare_allocation(void **state)
{
    const struct aif_mirror mirror = make(NULL, 0, false);

    (void)state;
    assert_int_equal(mirror.tres_mins, 72000 - 2);
    assert_true(mirror.job_gpus == AIF_MIRROR_NONE && mirror.job_nodes == AIF_MIRROR_NONE &&
                mirror.wall == AIF_MIRROR_NONE && mirror.jobs_per_user == AIF_MIRROR_NONE &&
                mirror.submits_per_user == AIF_MIRROR_NONE && mirror.jobs == AIF_MIRROR_NONE &&
                mirror.submits == AIF_MIRROR_NONE);
}

static void test_limits_of_the_mode(void **state)
{
    struct aif_mirror mirror;

    (void)state;
    mode.gpus_per_job.max = 8;
    mode.nodes_per_job.max = 2;
    mode.wall_max_minutes = 240;
    mode.jobs_per_user = 3;
    mode.submits_per_user = 4;
    mode.jobs_per_allocation = 5;
    mode.submits_per_allocation = 6;
    mirror = make(NULL, 0, false);
    assert_int_equal(mirror.job_gpus, 8);
    assert_int_equal(mirror.job_nodes, 2);
    assert_int_equal(mirror.wall, 240);
    assert_int_equal(mirror.jobs_per_user, 3);
    assert_int_equal(mirror.submits_per_user, 4);
    assert_int_equal(mirror.jobs, 5);
    assert_int_equal(mirror.submits, 6);
}

/* What is paused starts nothing, but jobs may wait for its end. */
static void check_closed(bool closed)
{
    for (int free_qos = 0; free_qos < 2; free_qos++) {
        const struct aif_mirror mirror = make(NULL, 0, free_qos);

        assert_int_equal(aif_mirror_closed(policy, &alloc, now), closed);
        assert_true(mirror.jobs == (closed ? 0 : AIF_MIRROR_NONE));
        assert_true(mirror.submits ==
                    (closed && alloc.state != AIF_STATE_PAUSED ? 0 : AIF_MIRROR_NONE));
    }
}

static void test_closed_by_state(void **state)
{
    (void)state;
    check_closed(false);
    for (int i = AIF_STATE_PAUSED; i <= AIF_STATE_TERMINATED; i++) {
        alloc.state = (enum aif_alloc_state)i;
        check_closed(true);
    }
}

static void test_closed_after_its_last_second(void **state)
{
    (void)state;
    now = alloc.end;
    check_closed(false);
    now = alloc.end + 1;
    check_closed(true);
}

static void test_closed_by_category(void **state)
{
    (void)state;
    mode.categories = 1u << AIF_CATEGORY_SME | 1u << AIF_CATEGORY_STARTUP;
    check_closed(false); /* nobody said what the holder is */
    alloc.category = AIF_CATEGORY_STARTUP;
    check_closed(false);
    alloc.category = AIF_CATEGORY_INDUSTRY;
    check_closed(true);
    mode.categories = 0;
    check_closed(false);
}

static void test_in_what_slurm_counts(void **state)
{
    (void)state;
    alloc.charge = (struct aif_charge){AIF_CHARGE_GPU, 500000}; /* LUMI: two GCDs are one GPU */
    assert_int_equal(hours(NULL, 0), 2400);
    alloc.charge =
        (struct aif_charge){AIF_CHARGE_GPU, 125000}; /* Karolina: node-hours of eight GPUs */
    assert_int_equal(hours(NULL, 0), 9600);
    alloc.charge = (struct aif_charge){AIF_CHARGE_BILLING, 7 * AIF_MILLION};
    alloc.amount_secs = 3 * 7 * 60 + 419;
    assert_int_equal(make(NULL, 0, false).tres_mins, 1); /* never rounded up */
}

static void test_usage_that_slurm_lost_is_taken_off(void **state)
{
    const struct aif_balance balance = {.used_secs = HOURS(500)};

    (void)state;
    assert_int_equal(hours(&balance, 500), 1200);
    assert_int_equal(hours(&balance, 600), 1200); /* the ledger is late */
    assert_int_equal(hours(&balance, 0), 700);
    assert_int_equal(hours(&balance, 100), 800); /* of which 100 are used again */
    alloc.amount_secs = HOURS(400);              /* reduced below what was used */
    assert_int_equal(hours(&balance, 0), 0);
    assert_int_equal(hours(&balance, 500), 400);
}

static void test_monthly_limit_grows_by_the_grant(void **state)
{
    uint64_t by_month[] = {HOURS(31), HOURS(20), 0, 0, 0, HOURS(10)};
    const struct aif_balance balance = {
        .used_secs = HOURS(61), .first_month = 2026 * 12, .by_month = by_month, .months = 6};

    (void)state;
    alloc.pacing.kind = AIF_PACING_MONTHLY;
    alloc.amount_secs = HOURS(365);
    assert_int_equal(hours(&balance, 61), 61 + 31);
    assert_int_equal(hours(&balance, 70), 61 + 31); /* nine of this month */
    assert_int_equal(hours(&balance, 1), 1 + 31);   /* sixty lost */
    now = at("2026-08-01");
    assert_int_equal(hours(&balance, 61), 61 + 31); /* July's grant is gone, August's is there */
}

static void test_pacing_by_priority_takes_nothing_off(void **state)
{
    (void)state;
    alloc.pacing.kind = AIF_PACING_CREDIT;
    assert_int_equal(hours(NULL, 900), 1200);
    alloc.pacing = (struct aif_pacing){.kind = AIF_PACING_LINEAR, .priority = 1000};
    assert_int_equal(hours(NULL, 900), 1200);
}

static void test_cut(void **state)
{
    uint64_t by_month[] = {HOURS(200)};
    const struct aif_balance balance = {
        .used_secs = HOURS(200), .first_month = 2026 * 12, .by_month = by_month, .months = 1};

    (void)state;
    alloc.pacing = (struct aif_pacing){
        .kind = AIF_PACING_CUT, .cut_months = 6, .cut_percent = 40, .cut_keep_percent = 50};
    assert_int_equal(hours(&balance, 200), 200 + 500);
    assert_int_equal(hours(&balance, 0), 500);
    now = at("2026-06-30");
    assert_int_equal(hours(&balance, 200), 1200);
}

static void test_free_qos_has_its_own_counter(void **state)
{
    const struct aif_balance balance = {.used_secs = HOURS(1200), .free_secs = HOURS(50)};

    (void)state;
    alloc.pacing = (struct aif_pacing){.kind = AIF_PACING_CEILING, .ceiling_percent = 150};
    assert_int_equal(free_hours(NULL, 0), 600);
    assert_int_equal(free_hours(NULL, 300), 600);
    assert_int_equal(free_hours(&balance, 50), 600);
    assert_int_equal(free_hours(&balance, 0), 550);
    assert_int_equal(hours(&balance, 1200), 1200); /* what is used above is no use of the amount */
}

static void test_free_qos_without_a_ceiling(void **state)
{
    (void)state;
    assert_int_equal(make(NULL, 0, true).tres_mins, 0);
}

static void test_before_the_start_and_far_out(void **state)
{
    (void)state;
    now = 0;
    assert_int_equal(hours(NULL, 0), 1200);
    alloc.amount_secs = UINT64_MAX;
    alloc.charge.millionths = 1;
    assert_true(make(NULL, 0, false).tres_mins == UINT64_MAX / 60 - 2);
}

/* Slurm compares what is left after cutting both sums to whole minutes: the worst that it then
 * starts still fits. */
static void test_slurms_rounding_gives_nothing_away(void **state)
{
    const struct aif_charge charges[] = {{AIF_CHARGE_GPU, AIF_MILLION},
                                         {AIF_CHARGE_GPU, 125000},
                                         {AIF_CHARGE_BILLING, 7 * AIF_MILLION}};

    (void)state;
    for (size_t i = 0; i < sizeof(charges) / sizeof(charges[0]); i++)
        for (alloc.amount_secs = 1; alloc.amount_secs < HOURS(2); alloc.amount_secs += 13) {
            alloc.charge = charges[i];
            const uint64_t worst = make(NULL, 0, false).tres_mins * 60 + 59 + 59;

            assert_true(!make(NULL, 0, false).tres_mins ||
                        aif_charge_cost(&alloc.charge, worst) <= alloc.amount_secs);
        }
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static struct aif_policy *policy_with(const char *enforce)
{
    char text[256];

    snprintf(text, sizeof(text), "{\"version\": 1, \"cluster\": \"c\", \"enforce\": %s, \"modes\": {\"m\": {}}}", enforce);
    assert_int_equal(aif_policy_parse(text, strlen(text), "f", &policy, NULL), 0);
    return policy;
}

static void drop_policy(void)
{
    aif_policy_destroy(policy);
    policy = NULL;
}

/* What only advises must not be enforced by Slurm either. */
static void test_rules_that_are_not_applied(void **state)
{
    struct aif_mirror mirror;

    (void)state;
    mode.gpus_per_job.max = mode.nodes_per_job.max = mode.wall_max_minutes = 8;
    mode.jobs_per_user = mode.submits_per_user = mode.jobs_per_allocation = mode.submits_per_allocation = 5;
    policy_with("\"advise\"");
    for (int free_qos = 0; free_qos < 2; free_qos++) {
        mirror = make(NULL, 0, free_qos);
        assert_true(mirror.tres_mins == AIF_MIRROR_NONE && mirror.job_gpus == AIF_MIRROR_NONE &&
                    mirror.job_nodes == AIF_MIRROR_NONE && mirror.wall == AIF_MIRROR_NONE &&
                    mirror.jobs_per_user == AIF_MIRROR_NONE && mirror.submits_per_user == AIF_MIRROR_NONE &&
                    mirror.jobs == AIF_MIRROR_NONE && mirror.submits == AIF_MIRROR_NONE);
    }
    alloc.state = AIF_STATE_TERMINATED;
    alloc.end = now - 1;
    check_closed(false);
    drop_policy();
    policy_with("{\"default\": \"off\", \"rules\": {\"AIF-Q001\": \"on\", \"AIF-M007\": \"on\", \"AIF-A003\": \"on\"}}");
    mirror = make(NULL, 0, false);
    assert_true(mirror.tres_mins != AIF_MIRROR_NONE && mirror.wall == 8 && mirror.job_gpus == AIF_MIRROR_NONE);
    assert_true(mirror.jobs == 0 && mirror.submits == 0);
    drop_policy();
}

/* The month's grant is Q005's, the whole amount Q001's. */
static void test_pacing_that_is_not_applied(void **state)
{
    (void)state;
    alloc.pacing.kind = AIF_PACING_MONTHLY;
    alloc.amount_secs = HOURS(365);
    assert_int_equal(hours(NULL, 0), 31);
    policy_with("{\"rules\": {\"AIF-Q005\": \"advise\"}}");
    assert_int_equal(hours(NULL, 0), 365);
    drop_policy();
}

/* A limit that has no rule of its own goes by what is said of all. */
static void test_single_rules(void **state)
{
    struct aif_mirror mirror;

    (void)state;
    mode.jobs_per_user = mode.submits_per_user = 5;
    policy_with("{\"rules\": {\"AIF-M008\": \"advise\"}}");
    mirror = make(NULL, 0, false);
    assert_true(mirror.jobs_per_user == 5 && mirror.submits_per_user == AIF_MIRROR_NONE && mirror.tres_mins == 72000 - 2);
    drop_policy();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bare_allocation),
        TEST(test_limits_of_the_mode),
        TEST(test_closed_by_state),
        TEST(test_closed_after_its_last_second),
        TEST(test_closed_by_category),
        TEST(test_in_what_slurm_counts),
        TEST(test_usage_that_slurm_lost_is_taken_off),
        TEST(test_monthly_limit_grows_by_the_grant),
        TEST(test_pacing_by_priority_takes_nothing_off),
        TEST(test_cut),
        TEST(test_free_qos_has_its_own_counter),
        TEST(test_free_qos_without_a_ceiling),
        TEST(test_before_the_start_and_far_out),
        TEST(test_slurms_rounding_gives_nothing_away),
        TEST(test_rules_that_are_not_applied),
        TEST(test_pacing_that_is_not_applied),
        TEST(test_single_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
