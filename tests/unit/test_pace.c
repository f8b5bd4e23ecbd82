/* test_pace.c - the pacing rules, on the figures that the sites publish */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pace.h"
#include "timetext.h"

#define HOUR 3600
#define HOURS(n) ((uint64_t)(n) * HOUR)

static time_t at(const char *text)
{
    time_t moment;

    assert_int_equal(aif_timetext_date(text, AIF_DAY_START, &moment), 0);
    return moment;
}

static struct aif_alloc award(const char *start, const char *end, uint64_t hours, struct aif_pacing pacing)
{
    struct aif_alloc alloc = {.amount_secs = HOURS(hours), .start = at(start), .pacing = pacing};

    assert_int_equal(aif_timetext_date(end, AIF_DAY_END, &alloc.end), 0);
    return alloc;
}

/* Hours used in each month that ended, and this month. */
#define USED(this_month, ...) \
    (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), (this_month)

static struct aif_pace pace_of(const struct aif_alloc *alloc, const char *now, const uint64_t *hours, size_t months,
                               uint64_t this_month)
{
    uint64_t by_month[AIF_PACE_MONTHS_MAX];
    struct aif_pace_use use = {.used_secs = HOURS(this_month), .by_month = by_month, .months = months};
    struct aif_pace pace;

    for (size_t i = 0; i < months; i++)
        use.used_secs += by_month[i] = HOURS(hours[i]);
    memset(&pace, 'x', sizeof(pace));
    aif_pace(alloc, &use, at(now), &pace);
    return pace;
}

/* Nothing used at all. */
static struct aif_pace fresh(const struct aif_alloc *alloc, const char *now)
{
    const struct aif_pace_use use = {0};
    struct aif_pace pace;

    memset(&pace, 'x', sizeof(pace));
    aif_pace(alloc, &use, at(now), &pace);
    return pace;
}

static const struct aif_pacing none = {.kind = AIF_PACING_NONE}, monthly = {.kind = AIF_PACING_MONTHLY},
                               credit = {.kind = AIF_PACING_CREDIT},
                               linear = {.kind = AIF_PACING_LINEAR, .priority = 10000},
                               karolina = {.kind = AIF_PACING_CEILING, .ceiling_percent = 150},
                               deic = {.kind = AIF_PACING_CUT, .cut_months = 6, .cut_percent = 40, .cut_keep_percent = 50};

static void test_none_is_the_amount(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 1000, none);
    const struct aif_pace pace = pace_of(&alloc, "2026-07-02T12:00:00Z", USED(500, 0));

    (void)state;
    assert_int_equal(pace.limit_secs, HOURS(1000));
    assert_int_equal(pace.free_secs, 0);
    assert_int_equal(pace.priority, 0);
    assert_false(pace.has_month);
    assert_int_equal(pace.percent, 100);
}

static void test_percent_of_an_even_pace(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 1000, none);

    (void)state;
    assert_int_equal(fresh(&alloc, "2026-01-01").percent, 0);
    assert_int_equal(fresh(&alloc, "2026-07-01").percent, 0);
    assert_int_equal(pace_of(&alloc, "2026-01-01", USED(1, 0)).percent, INT32_MAX);
    assert_int_equal(pace_of(&alloc, "2026-07-02T12:00:00Z", USED(125, 0)).percent, 25);
    assert_int_equal(pace_of(&alloc, "2027-07-01", USED(500, 0)).percent, 50);
    assert_int_equal(pace_of(&alloc, "2025-07-01", USED(0, 0)).percent, 0);
}

static uint64_t grant_mins(const struct aif_alloc *alloc, const char *now)
{
    const struct aif_pace pace = fresh(alloc, now);

    assert_true(pace.has_month);
    assert_int_equal(pace.limit_secs, pace.month_grant_secs);
    return pace.month_grant_secs / 60;
}

/* docs.lxp.lu: 1 200 node-hours a year are 6 115 node-minutes in January. */
static void test_meluxina_6115_node_minutes_in_january(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 1200, monthly);

    (void)state;
    assert_int_equal(grant_mins(&alloc, "2026-01-01"), 6115);
    assert_int_equal(grant_mins(&alloc, "2026-01-31T23:59:59Z"), 6115);
    assert_int_equal(grant_mins(&alloc, "2026-02-01"), 5523);
    assert_int_equal(grant_mins(&alloc, "2026-04-30"), 5917);
    assert_int_equal(grant_mins(&alloc, "2026-12-31"), 6115);
}

static void test_meluxina_in_a_leap_year(void **state)
{
    const struct aif_alloc alloc = award("2028-01-01", "2028-12-31", 1200, monthly);

    (void)state;
    assert_int_equal(grant_mins(&alloc, "2028-01-01"), 6098);
    assert_int_equal(grant_mins(&alloc, "2028-02-29"), 5704);
}

static void test_meluxina_unused_grants_lapse_and_used_ones_stay(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 365, monthly);
    struct aif_pace pace = pace_of(&alloc, "2026-03-10", USED(7, 31, 10));

    (void)state;
    assert_int_equal(pace.limit_secs, HOURS(31 + 10 + 31));
    assert_int_equal(pace.month_grant_secs, HOURS(31));
    assert_int_equal(pace.month_used_secs, HOURS(7));
    assert_int_equal(pace.priority, 0);
    pace = pace_of(&alloc, "2026-03-10", USED(0, 31)); /* February is not in the list: nothing was used */
    assert_int_equal(pace.limit_secs, HOURS(31 + 31));
}

static void test_monthly_never_gives_more_than_the_amount(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 365, monthly);

    (void)state;
    assert_int_equal(pace_of(&alloc, "2026-12-10", USED(0, 350)).limit_secs, HOURS(365));
    assert_int_equal(pace_of(&alloc, "2026-12-10", USED(0, 400)).limit_secs, HOURS(365));
}

static void test_monthly_grants_of_part_months_add_up(void **state)
{
    static const char *const months[] = {"2026-09-20", "2026-10-20", "2026-11-01"};
    struct aif_alloc alloc = award("2026-09-02", "2026-11-02", 62, monthly);
    uint64_t sum = 0;

    (void)state;
    assert_int_equal(fresh(&alloc, months[0]).month_grant_secs, HOURS(29));
    assert_int_equal(fresh(&alloc, months[1]).month_grant_secs, HOURS(31));
    assert_int_equal(fresh(&alloc, months[2]).month_grant_secs, HOURS(2));
    alloc.amount_secs = 1000003;
    for (size_t i = 0; i < 3; i++)
        sum += fresh(&alloc, months[i]).month_grant_secs;
    assert_int_equal(sum, 1000003);
}

static void test_monthly_changes_at_local_midnight_across_clock_changes(void **state)
{
    struct aif_alloc alloc;

    (void)state;
    setenv("TZ", "BRT3", 1);
    tzset();
    alloc = award("2026-01-01", "2026-12-31", 365, monthly);
    assert_int_equal(fresh(&alloc, "2026-03-01T02:59:59Z").month_grant_secs, HOURS(28));
    assert_int_equal(fresh(&alloc, "2026-03-01T03:00:00Z").month_grant_secs, HOURS(31));
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    alloc = award("2026-01-01", "2026-12-31", 365, monthly);
    assert_int_equal(fresh(&alloc, "2026-03-31T21:59:59Z").month_grant_secs, HOURS(31)); /* summer time began */
    assert_int_equal(fresh(&alloc, "2026-03-31T22:00:00Z").month_grant_secs, HOURS(30));
    assert_int_equal(fresh(&alloc, "2026-10-31T22:59:59Z").month_grant_secs, HOURS(31)); /* and ended */
    assert_int_equal(fresh(&alloc, "2026-10-31T23:00:00Z").month_grant_secs, HOURS(30));
    setenv("TZ", "UTC", 1);
    tzset();
}

static void test_monthly_without_known_months_is_strict(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 365, monthly);
    const struct aif_pace_use use = {.used_secs = HOURS(100)};
    struct aif_pace pace;

    (void)state;
    aif_pace(&alloc, &use, at("2026-05-01"), &pace);
    assert_int_equal(pace.limit_secs, HOURS(31));
    assert_int_equal(pace.month_used_secs, HOURS(100));
}

/* What Slurm counts may be less than the ledger's months: then nothing of it is of this month. */
static void test_months_beyond_the_total(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 365, monthly);
    const uint64_t by_month[] = {HOURS(31), UINT64_MAX - 5, 10};
    const struct aif_pace_use use = {.used_secs = HOURS(40), .by_month = by_month, .months = 3};
    struct aif_pace pace;

    (void)state;
    aif_pace(&alloc, &use, at("2026-04-01"), &pace);
    assert_int_equal(pace.month_used_secs, 0);
    assert_int_equal(pace.limit_secs, HOURS(40 + 30));
}

/* fz-juelich.de, allocation procedures; MQ is 100 hours here. */
static struct aif_alloc juelich(void)
{
    return award("2026-01-01", "2026-12-31", 1200, credit);
}

static void test_jsc_credit_is_the_rest_and_the_month_quota(void **state)
{
    const struct aif_alloc alloc = juelich();

    (void)state;
    assert_int_equal(fresh(&alloc, "2026-01-15").month_grant_secs, HOURS(100));
    assert_int_equal(pace_of(&alloc, "2026-02-15", USED(0, 60)).month_grant_secs, HOURS(140));
    assert_int_equal(pace_of(&alloc, "2026-02-15", USED(20, 60)).month_used_secs, HOURS(20));
    assert_int_equal(pace_of(&alloc, "2026-02-15", USED(20, 60)).limit_secs, HOURS(1200));
}

static void test_jsc_the_month_before_last_is_forfeited(void **state)
{
    const struct aif_alloc alloc = juelich();

    (void)state;
    assert_int_equal(fresh(&alloc, "2026-06-15").month_grant_secs, HOURS(200));
    assert_int_equal(pace_of(&alloc, "2026-03-15", USED(0, 0, 0)).month_grant_secs, HOURS(200));
    /* February had 200: the 30 used are January's, whose other 70 are lost; of February's own all 100 last */
    assert_int_equal(pace_of(&alloc, "2026-03-15", USED(0, 0, 30)).month_grant_secs, HOURS(200));
    assert_int_equal(pace_of(&alloc, "2026-03-15", USED(0, 0, 130)).month_grant_secs, HOURS(170));
}

static void test_jsc_overdraft_of_one_month_quota(void **state)
{
    const struct aif_alloc alloc = juelich();

    (void)state;
    assert_int_equal(pace_of(&alloc, "2026-02-15", USED(200, 60)).priority, 0);
    assert_int_equal(pace_of(&alloc, "2026-02-15", USED(239, 60)).priority, 0);
    assert_int_equal(pace_of(&alloc, "2026-02-15", USED(240, 60)).priority, AIF_PACE_LOWEST);
}

static void test_jsc_a_debt_is_carried_over(void **state)
{
    const struct aif_alloc alloc = juelich();

    (void)state;
    assert_int_equal(pace_of(&alloc, "2026-02-01", USED(0, 170)).month_grant_secs, HOURS(30));
    assert_int_equal(pace_of(&alloc, "2026-02-01", USED(129, 170)).priority, 0);
    assert_int_equal(pace_of(&alloc, "2026-02-01", USED(130, 170)).priority, AIF_PACE_LOWEST);
}

static void test_jsc_reset_to_minus_101_percent(void **state)
{
    const struct aif_alloc alloc = juelich();

    (void)state;
    /* 900 used in January: February starts with -101 instead of -700, March with -1, April with 99 */
    assert_int_equal(pace_of(&alloc, "2026-02-01", USED(0, 900)).month_grant_secs, 0);
    assert_int_equal(pace_of(&alloc, "2026-02-01", USED(0, 900)).priority, AIF_PACE_LOWEST);
    assert_int_equal(pace_of(&alloc, "2026-03-01", USED(0, 900, 0)).priority, 0);
    assert_int_equal(pace_of(&alloc, "2026-03-01", USED(99, 900, 0)).priority, AIF_PACE_LOWEST);
    assert_int_equal(pace_of(&alloc, "2026-04-01", USED(0, 900, 0, 0)).month_grant_secs, HOURS(99));
}

static void test_jsc_no_borrowing_in_the_last_month(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-03-31", 300, credit);

    (void)state;
    assert_int_equal(pace_of(&alloc, "2026-03-01", USED(99, 100, 100)).priority, 0);
    assert_int_equal(pace_of(&alloc, "2026-03-01", USED(100, 100, 100)).priority, AIF_PACE_LOWEST);
    assert_int_equal(pace_of(&alloc, "2026-02-01", USED(150, 100)).priority, 0);
}

static void test_credit_without_known_months_is_strict(void **state)
{
    const struct aif_alloc alloc = juelich();
    const struct aif_pace_use use = {.used_secs = HOURS(600)}, huge = {.used_secs = UINT64_MAX};
    struct aif_pace pace;

    (void)state;
    aif_pace(&alloc, &use, at("2026-07-01"), &pace); /* 100 a month, which would be on pace */
    assert_int_equal(pace.priority, AIF_PACE_LOWEST);
    aif_pace(&alloc, &huge, at("2026-07-01"), &pace);
    assert_int_equal(pace.priority, AIF_PACE_LOWEST);
    assert_int_equal(pace.percent, INT32_MAX);
}

/* saldo -b prints monthTotal = total / months, and monthConsumed. */
static void test_cineca_priority_falls_with_the_month(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 1200, linear);
    struct aif_pace pace = pace_of(&alloc, "2026-03-31", USED(25, 300, 0));

    (void)state;
    assert_int_equal(pace.month_grant_secs, HOURS(100)); /* monthTotal: nothing carried over */
    assert_int_equal(pace.month_used_secs, HOURS(25));   /* monthConsumed */
    assert_int_equal(pace.limit_secs, HOURS(1200));
    assert_int_equal(pace.priority, -2500);
    assert_int_equal(pace_of(&alloc, "2026-04-01", USED(0, 300, 0, 25)).priority, 0);
    assert_int_equal(pace_of(&alloc, "2026-04-01", USED(100, 0)).priority, -10000);
    assert_int_equal(pace_of(&alloc, "2026-04-01", USED(900, 0)).priority, -10000);
}

static void test_cineca_part_months_count_whole(void **state)
{
    const struct aif_alloc alloc = award("2026-01-31", "2026-03-01", 300, linear);

    (void)state;
    assert_int_equal(fresh(&alloc, "2026-01-31").month_grant_secs, HOURS(100));
    assert_int_equal(fresh(&alloc, "2026-02-10").month_grant_secs, HOURS(100));
    assert_int_equal(fresh(&alloc, "2026-03-01").month_grant_secs, HOURS(100));
}

static void test_linear_of_nothing(void **state)
{
    struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 0, linear);

    (void)state;
    alloc.amount_secs = 5; /* less than a second a month */
    assert_int_equal(fresh(&alloc, "2026-01-31").priority, -10000);
}

/* docs.it4i.cz: access ends at 150 % of the allocation. */
static void test_it4i_up_to_150_percent(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 1000, karolina);
    const struct aif_pace pace = pace_of(&alloc, "2026-03-31", USED(1000, 0));

    (void)state;
    assert_int_equal(pace.limit_secs, HOURS(1000));
    assert_int_equal(pace.free_secs, HOURS(500));
    assert_int_equal(pace.priority, 0);
}

/* deic.dk: cut when less than 40 % is used after 6 months. */
static void test_deic_40_percent_at_6_months(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 1000, deic);

    (void)state;
    assert_int_equal(pace_of(&alloc, "2026-06-30T23:59:59Z", USED(0, 100)).limit_secs, HOURS(1000));
    assert_int_equal(pace_of(&alloc, "2026-07-01", USED(0, 399)).limit_secs, HOURS(399) + (HOURS(601) / 2));
    assert_int_equal(pace_of(&alloc, "2026-07-01", USED(0, 400)).limit_secs, HOURS(1000));
    assert_int_equal(pace_of(&alloc, "2026-07-01", USED(0, 10, 20, 30, 40, 50, 250)).limit_secs, HOURS(1000));
}

static void test_cut_stays_however_much_is_used_later(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-12-31", 1000, deic);

    (void)state;
    assert_int_equal(pace_of(&alloc, "2026-11-01", USED(9, 0, 0, 0, 0, 0, 200, 300, 90)).limit_secs, HOURS(600));
}

static void test_cut_of_a_part_month_waits_for_the_turn(void **state)
{
    const struct aif_alloc alloc = award("2026-01-15", "2026-12-31", 1000, deic);

    (void)state;
    assert_int_equal(pace_of(&alloc, "2026-07-31", USED(0, 0)).limit_secs, HOURS(1000));
    assert_int_equal(pace_of(&alloc, "2026-08-01", USED(0, 0)).limit_secs, HOURS(500));
}

static void test_cut_beyond_the_end_never_comes(void **state)
{
    const struct aif_alloc alloc = award("2026-01-01", "2026-03-31", 1000, deic);

    (void)state;
    assert_int_equal(fresh(&alloc, "2027-01-01").limit_secs, HOURS(1000));
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(aif_pacing_name(AIF_PACING_NONE), "none");
    assert_string_equal(aif_pacing_name(AIF_PACING_MONTHLY), "monthly");
    assert_string_equal(aif_pacing_name(AIF_PACING_CREDIT), "credit");
    assert_string_equal(aif_pacing_name(AIF_PACING_LINEAR), "linear");
    assert_string_equal(aif_pacing_name(AIF_PACING_CEILING), "ceiling");
    assert_string_equal(aif_pacing_name(AIF_PACING_CUT), "cut");
}

static int set_up(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_is_the_amount),
        cmocka_unit_test(test_percent_of_an_even_pace),
        cmocka_unit_test(test_meluxina_6115_node_minutes_in_january),
        cmocka_unit_test(test_meluxina_in_a_leap_year),
        cmocka_unit_test(test_meluxina_unused_grants_lapse_and_used_ones_stay),
        cmocka_unit_test(test_monthly_never_gives_more_than_the_amount),
        cmocka_unit_test(test_monthly_grants_of_part_months_add_up),
        cmocka_unit_test(test_monthly_changes_at_local_midnight_across_clock_changes),
        cmocka_unit_test(test_monthly_without_known_months_is_strict),
        cmocka_unit_test(test_months_beyond_the_total),
        cmocka_unit_test(test_jsc_credit_is_the_rest_and_the_month_quota),
        cmocka_unit_test(test_jsc_the_month_before_last_is_forfeited),
        cmocka_unit_test(test_jsc_overdraft_of_one_month_quota),
        cmocka_unit_test(test_jsc_a_debt_is_carried_over),
        cmocka_unit_test(test_jsc_reset_to_minus_101_percent),
        cmocka_unit_test(test_jsc_no_borrowing_in_the_last_month),
        cmocka_unit_test(test_credit_without_known_months_is_strict),
        cmocka_unit_test(test_cineca_priority_falls_with_the_month),
        cmocka_unit_test(test_cineca_part_months_count_whole),
        cmocka_unit_test(test_linear_of_nothing),
        cmocka_unit_test(test_it4i_up_to_150_percent),
        cmocka_unit_test(test_deic_40_percent_at_6_months),
        cmocka_unit_test(test_cut_stays_however_much_is_used_later),
        cmocka_unit_test(test_cut_of_a_part_month_waits_for_the_turn),
        cmocka_unit_test(test_cut_beyond_the_end_never_comes),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
