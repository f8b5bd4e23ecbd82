/* test_timetext.c - unit tests of timetext.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <stdlib.h>

#include "configtest.h"
#include "timetext.h"

static void test_durations(void **state)
{
    static const struct {
        const char *text;
        uint32_t minutes;
    } cases[] = {
        {"1", 1},          {"90", 90},           {"010", 10},        {"0:01", 1},
        {"4:00", 4},       {"4:01", 5},          {"100:00", 100},    {"04:00:00", 240},
        {"00:00:59", 1},   {"72:00:00", 4320},   {"1-0", 1440},      {"1-12", 2160},
        {"1-12:30", 2190}, {"1-00:00:00", 1440}, {"0-01:00:01", 61}, {"366-0", AIF_MINUTES_MAX},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t minutes = 0;

        assert_int_equal(aif_timetext_minutes(cases[i].text, &minutes), 0);
        assert_int_equal(minutes, cases[i].minutes);
    }
}

static void test_seconds(void **state)
{
    uint32_t seconds = 0;

    (void)state;
    assert_int_equal(aif_timetext_seconds("0:01", &seconds), 0);
    assert_int_equal(seconds, 1);
    assert_int_equal(aif_timetext_seconds("1-00:04:01", &seconds), 0);
    assert_int_equal(seconds, 86400 + 241);
    assert_int_equal(aif_timetext_seconds("366-00:00:01", &seconds), -1);
    assert_int_equal(aif_timetext_seconds("0", &seconds), -1);
    assert_int_equal(seconds, 86400 + 241);
}

static void test_refuses_durations(void **state)
{
    static const char *const cases[] = {
        "",           "0",        "00:00:00", "-1",           "1-",       "1-24",
        "1-1:60",     "1-1:1:60", "1:60",     "1:60:00",      "1:00:60",  "1:2:3:4",
        "1:",         ":1",       "1 ",       " 1",           "1h",       "UNLIMITED",
        "1--2",       "1-2-3",    "1.5",      "366-00:00:01", "99999999", "1-:1",
        "12345678-0", "+1",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t minutes = 77;

        assert_int_equal(aif_timetext_minutes(cases[i], &minutes), -1);
        assert_int_equal(minutes, 77);
    }
}

static void use_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void test_instants(void **state)
{
    static const struct {
        const char *text;
        time_t time;
    } cases[] = {
        {"2026-11-02T12:00:00Z", 1793620800},
        {"2026-11-02t12:00:00z", 1793620800},
        {"2026-11-02 12:00:00Z", 1793620800},
        {"2026-11-02T12:00:00.999Z", 1793620800},
        {"2026-11-02T12:00:00+01:00", 1793620800 - 3600},
        {"2026-11-02T12:00:00-05:30", 1793620800 + 19800},
        {"2026-11-02T00:00:00-00:00", 1793577600},
        {"2000-02-29T00:00:00Z", 951782400},
    };

    (void)state;
    use_zone("Europe/Helsinki");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        time_t start = 0, end = 0;

        assert_int_equal(aif_timetext_date(cases[i].text, AIF_DAY_START, &start), 0);
        assert_int_equal(aif_timetext_date(cases[i].text, AIF_DAY_END, &end), 0);
        assert_int_equal(start, cases[i].time);
        assert_int_equal(end, cases[i].time);
    }
}

static void check_day(const char *zone, const char *day, time_t first, time_t last)
{
    time_t start = 0, end = 0;

    use_zone(zone);
    assert_int_equal(aif_timetext_date(day, AIF_DAY_START, &start), 0);
    assert_int_equal(aif_timetext_date(day, AIF_DAY_END, &end), 0);
    assert_int_equal(start, first);
    assert_int_equal(end, last);
}

static void test_days_in_the_local_zone(void **state)
{
    (void)state;
    check_day("UTC0", "2026-11-02", 1793577600, 1793577600 + 86399);
    check_day("EET-2", "2026-11-02", 1793577600 - 7200, 1793577600 - 7200 + 86399);
    check_day("UTC0", "2026-12-31", 1798675200, 1798675200 + 86399);
    check_day("UTC0", "2028-02-29", 1835395200, 1835395200 + 86399);
    /* The day on which summer time ends has 25 hours, the one on which it starts 23. */
    check_day("EET-2EEST,M3.5.0/3,M10.5.0/4", "2026-10-25", 1792875600, 1792875600 + 25 * 3600 - 1);
    check_day("EET-2EEST,M3.5.0/3,M10.5.0/4", "2026-03-29", 1774735200, 1774735200 + 23 * 3600 - 1);
}

static void test_refuses_dates(void **state)
{
    static const char *const cases[] = {
        "",
        "2026",
        "2026-1-1",
        "2026-02-29",
        "2026-02-30",
        "2026-04-31",
        "2100-02-29",
        "2026-00-01",
        "2026-13-01",
        "2026-01-00",
        "2026-01-32",
        "1999-12-31",
        "2200-01-01",
        "20261102",
        "2026/11/02",
        "2026-11-02 ",
        " 2026-11-02",
        "2026-11-02T",
        "2026-11-02T12:00Z",
        "2026-11-02T12:00:00",
        "2026-11-02T24:00:00Z",
        "2026-11-02T12:60:00Z",
        "2026-11-02T12:00:60Z",
        "2026-11-02T12:00:00.Z",
        "2026-11-02T12:00:00+1",
        "2026-11-02T12:00:00+0100",
        "2026-11-02T12:00:00+24:00",
        "2026-11-02T12:00:00+01:60",
        "2026-11-02T12:00:00Zx",
        "-026-11-02",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        time_t time = 77;

        assert_int_equal(aif_timetext_date(cases[i], AIF_DAY_START, &time), -1);
        assert_int_equal(time, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),     cmocka_unit_test(test_seconds),
        cmocka_unit_test(test_refuses_durations),
        cmocka_unit_test(test_instants),      cmocka_unit_test(test_days_in_the_local_zone),
        cmocka_unit_test(test_refuses_dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
