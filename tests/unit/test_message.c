/* test_message.c - unit tests of message.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "message.h"

static void test_factor(void **state)
{
    static const struct {
        uint32_t millionths;
        const char *text;
    } cases[] = {
        {500000, "0.5"}, {125000, "0.125"},  {1000000, "1"},       {4000000, "4"},
        {1, "0.000001"}, {10500000, "10.5"}, {1000000000, "1000"}, {UINT32_MAX, "4294.967295"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[AIF_FACTOR_TEXT];

        aif_message_factor(cases[i].millionths, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_whole_sentence(void **state)
{
    char text[200];

    (void)state;
    aif_message_format(&(struct aif_message){.what = "W",
                                             .asked = "1",
                                             .limit = "2",
                                             .left = "3",
                                             .used = "4",
                                             .rule = "AIF-Q001",
                                             .next = "N"},
                       text, sizeof(text));
    assert_string_equal(text, "aif: W: asked 1, limit 2, left 3, used 4 (AIF-Q001); N");
}

static void test_leaves_out_what_is_null(void **state)
{
    char text[200];

    (void)state;
    aif_message_format(&(struct aif_message){.what = "W", .rule = "AIF-M003"}, text, sizeof(text));
    assert_string_equal(text, "aif: W (AIF-M003)");
    aif_message_format(&(struct aif_message){.what = "W", .limit = "2", .rule = "AIF-M003"}, text,
                       sizeof(text));
    assert_string_equal(text, "aif: W: limit 2 (AIF-M003)");
}

static void test_cuts_and_cleans(void **state)
{
    char text[12];
    const struct aif_message message = {.what = "a\nb\x7f"
                                                "cdefghijkl",
                                        .rule = "AIF-M003"};

    (void)state;
    memset(text, 'x', sizeof(text));
    aif_message_format(&message, text, 10);
    assert_string_equal(text, "aif: a?b?");
    assert_int_equal(text[10], 'x');
    aif_message_format(&message, text, 0);
    assert_string_equal(text, "aif: a?b?");
    aif_message_format(&message, text, 1);
    assert_string_equal(text, "");
}

static void test_amounts(void **state)
{
    static const struct {
        uint64_t secs;
        enum aif_unit unit;
        const char *down, *up, *hours;
    } cases[] = {
        {0, AIF_UNIT_GPU_HOUR, "0 GPU-hours", "0 GPU-hours", "0"},
        {35, AIF_UNIT_GPU_HOUR, "0 GPU-hours", "0.01 GPU-hours", "0"},
        {36, AIF_UNIT_GPU_HOUR, "0.01 GPU-hours", "0.01 GPU-hours", "0.01"},
        {3600, AIF_UNIT_GPU_HOUR, "1 GPU-hour", "1 GPU-hour", "1"},
        {45000, AIF_UNIT_NODE_HOUR, "12.5 node-hours", "12.5 node-hours", "12.5"},
        {45001, AIF_UNIT_NODE_HOUR, "12.5 node-hours", "12.51 node-hours", "12.5"},
        {UINT64_MAX, AIF_UNIT_GPU_HOUR, "5124095576030431 GPU-hours",
         "5124095576030431.01 GPU-hours", "5124095576030431"},
    };
    char text[AIF_AMOUNT_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        aif_message_amount(cases[i].secs, cases[i].unit, text);
        assert_string_equal(text, cases[i].down);
        aif_message_amount_up(cases[i].secs, cases[i].unit, text);
        assert_string_equal(text, cases[i].up);
        aif_message_hours(cases[i].secs, text);
        assert_string_equal(text, cases[i].hours);
    }
}

static void test_minutes(void **state)
{
    static const struct {
        uint32_t minutes;
        const char *text;
    } cases[] = {
        {0, "0:00:00"},
        {1, "0:01:00"},
        {150, "2:30:00"},
        {1440, "1-00:00:00"},
        {1439, "23:59:00"},
        {3000, "2-02:00:00"},
        {UINT32_MAX, "UNLIMITED"},
        {UINT32_MAX - 1, "2982616-04:14:00"},
    };
    char text[AIF_MINUTES_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        aif_message_minutes(cases[i].minutes, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_dates_are_local(void **state)
{
    char text[AIF_DATE_TEXT];

    (void)state;
    setenv("TZ", "Europe/Helsinki", 1);
    tzset();
    aif_message_date(1796162399, text); /* 2026-12-01 21:59:59 UTC */
    assert_string_equal(text, "2026-12-01");
    aif_message_date(1796162400, text);
    assert_string_equal(text, "2026-12-02");
    aif_message_date((time_t)INT64_MAX, text);
    assert_string_equal(text, "an unknown day");
}

static void test_seconds_are_local(void **state)
{
    char text[AIF_DATE_TEXT];

    (void)state;
    setenv("TZ", "EET-2", 1);
    tzset();
    aif_message_second(1796162399, text); /* 2026-12-01 21:59:59 UTC */
    assert_string_equal(text, "2026-12-01 23:59:59");
    aif_message_second(1796162400, text);
    assert_string_equal(text, "2026-12-02 00:00:00");
    aif_message_second((time_t)INT64_MAX, text);
    assert_string_equal(text, "an unknown time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_factor),
        cmocka_unit_test(test_whole_sentence),
        cmocka_unit_test(test_leaves_out_what_is_null),
        cmocka_unit_test(test_cuts_and_cleans),
        cmocka_unit_test(test_amounts),
        cmocka_unit_test(test_minutes),
        cmocka_unit_test(test_dates_are_local),
        cmocka_unit_test(test_seconds_are_local),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
