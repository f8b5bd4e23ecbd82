/* test_paceclock.c - months and days of an allocation, in many time zones and across changes of the clocks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "paceclock.h"
#include "timetext.h"

/* By their rules: the machine may lack the files of the zones. */
#define HELSINKI "EET-2EEST,M3.5.0/3,M10.5.0/4"
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define LORD_HOWE "LHST-10:30LHDT-11,M10.1.0,M4.1.0" /* half an hour */

static const char *const zones[] = {"UTC", HELSINKI, "LINT-14", "SST11", LORD_HOWE, "BRT3", "NPT-5:45"};
#define ZONES (sizeof(zones) / sizeof(*zones))

static void in_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static time_t edge(const char *text, enum aif_day_edge which)
{
    time_t moment;

    assert_int_equal(aif_timetext_date(text, which, &moment), 0);
    return moment;
}

static struct aif_paceclock read_at(const char *start, const char *end, time_t now)
{
    struct aif_paceclock clock;

    aif_paceclock_read(edge(start, AIF_DAY_START), edge(end, AIF_DAY_END), now, &clock);
    return clock;
}

static void check(struct aif_paceclock clock, size_t month, size_t months, uint32_t before, uint32_t through, uint32_t days)
{
    assert_int_equal(clock.month, month);
    assert_int_equal(clock.months, months);
    assert_int_equal(clock.days_before, before);
    assert_int_equal(clock.days_through, through);
    assert_int_equal(clock.days, days);
}

static void test_first_and_last_second_of_a_month(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZONES; i++) {
        in_zone(zones[i]);
        check(read_at("2026-01-01", "2026-12-31", edge("2026-03-01", AIF_DAY_START)), 2, 12, 59, 90, 365);
        check(read_at("2026-01-01", "2026-12-31", edge("2026-03-01", AIF_DAY_START) - 1), 1, 12, 31, 59, 365);
        check(read_at("2026-01-01", "2026-12-31", edge("2026-10-31", AIF_DAY_END)), 9, 12, 273, 304, 365);
        check(read_at("2026-01-01", "2026-12-31", edge("2026-10-31", AIF_DAY_END) + 1), 10, 12, 304, 334, 365);
    }
}

static void test_parts_of_months(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZONES; i++) {
        in_zone(zones[i]);
        check(read_at("2026-09-02", "2026-11-02", edge("2026-09-02", AIF_DAY_START)), 0, 3, 0, 29, 62);
        check(read_at("2026-09-02", "2026-11-02", edge("2026-10-15", AIF_DAY_START)), 1, 3, 29, 60, 62);
        check(read_at("2026-09-02", "2026-11-02", edge("2026-11-02", AIF_DAY_END)), 2, 3, 60, 62, 62);
        check(read_at("2026-09-05", "2026-09-05", edge("2026-09-05", AIF_DAY_START)), 0, 1, 0, 1, 1);
    }
}

static void test_a_moment_outside_counts_as_the_nearer_end(void **state)
{
    (void)state;
    in_zone(BERLIN);
    check(read_at("2026-09-02", "2026-11-02", 0), 0, 3, 0, 29, 62);
    check(read_at("2026-09-02", "2026-11-02", edge("2030-01-01", AIF_DAY_START)), 2, 3, 60, 62, 62);
}

static void test_leap_years(void **state)
{
    (void)state;
    in_zone(BERLIN);
    check(read_at("2028-01-01", "2028-12-31", edge("2028-02-29", AIF_DAY_END)), 1, 12, 31, 60, 366);
    check(read_at("2100-01-01", "2100-12-31", edge("2100-03-01", AIF_DAY_START)), 2, 12, 59, 90, 365);
    check(read_at("2027-12-01", "2028-03-31", edge("2028-03-31", AIF_DAY_END)), 3, 4, 91, 122, 122);
}

static void test_the_year_of_a_zone_is_its_own(void **state)
{
    const time_t moment = edge("2025-12-31T23:30:00Z", AIF_DAY_START);
    struct aif_paceclock clock;

    (void)state;
    in_zone(HELSINKI);
    aif_paceclock_read(moment, moment + 3600, moment, &clock);
    check(clock, 0, 1, 0, 1, 1); /* all of it on 1 January */
    in_zone("UTC");
    aif_paceclock_read(moment, moment + 3600, moment, &clock);
    check(clock, 0, 2, 0, 1, 2);
}

static void test_says_whether_the_first_month_is_whole(void **state)
{
    (void)state;
    in_zone(BERLIN);
    assert_true(read_at("2026-09-01", "2026-11-02", 0).starts_on_first);
    assert_false(read_at("2026-09-02", "2026-11-02", 0).starts_on_first);
}

/* Walking day by day through 40 years gives each day once. */
static void test_agrees_with_the_calendar_of_the_c_library(void **state)
{
    const char *const start = "2000-01-01", *const end = "2039-12-31";
    uint32_t days = 0;
    size_t month = 0;

    (void)state;
    in_zone(BERLIN);
    for (time_t now = edge(start, AIF_DAY_START) + 43200; now < edge(end, AIF_DAY_END); now += 86400, days++) {
        const struct aif_paceclock clock = read_at(start, end, now);

        assert_true(clock.days_before <= days && days < clock.days_through);
        assert_true(clock.month == month || clock.days_before == days);
        month = clock.month;
    }
    assert_int_equal(days, 14610);
    assert_int_equal(month, 479);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_and_last_second_of_a_month),
        cmocka_unit_test(test_parts_of_months),
        cmocka_unit_test(test_a_moment_outside_counts_as_the_nearer_end),
        cmocka_unit_test(test_leap_years),
        cmocka_unit_test(test_the_year_of_a_zone_is_its_own),
        cmocka_unit_test(test_says_whether_the_first_month_is_whole),
        cmocka_unit_test(test_agrees_with_the_calendar_of_the_c_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
