/* test_text.c - unit tests of text.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "text.h"

static void test_appends_and_grows(void **state)
{
    struct aif_text text = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(aif_text_printf(&text, "%03d", i), 0);
    assert_int_equal(text.length, 3000);
    assert_int_equal(strlen(text.data), 3000);
    assert_memory_equal(text.data + 2997, "999", 3);
    aif_text_free(&text);
    assert_null(text.data);
}

static void test_escapes_to_ascii(void **state)
{
    static const char *const cases[][2] = {
        {"", "\"\""},
        {"a/b", "\"a/b\""},
        {"say \"x\\y\"", "\"say \\\"x\\\\y\\\"\""},
        {"\t\n\x7f", "\"\\u0009\\u000a\\u007f\""},
        {"\xc3\xa9", "\"\\u00e9\""},
        {"\xe2\x82\xac", "\"\\u20ac\""},
        {"\xf0\x9f\x98\x80", "\"\\ud83d\\ude00\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_text text = {0};

        assert_int_equal(aif_text_json(&text, cases[i][0]), 0);
        assert_string_equal(text.data, cases[i][1]);
        aif_text_free(&text);
    }
}

static void test_refuses_what_is_not_utf8(void **state)
{
    static const char *const cases[] = {
        "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xe2\x82",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_text text = {0};

        assert_int_equal(aif_text_json(&text, cases[i]), -1);
        aif_text_free(&text);
    }
}

static void test_reads_canonical_numbers_only(void **state)
{
    static const char *const bad[] = {"", "-1", "+1", "01", "00", "1 ", " 1", "1x", "18446744073709551616"};
    uint64_t number = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(aif_text_to_u64(bad[i], &number), -1);
    assert_int_equal(number, 7);
    assert_int_equal(aif_text_to_u64("0", &number), 0);
    assert_int_equal(number, 0);
    assert_int_equal(aif_text_to_u64("18446744073709551615", &number), 0);
    assert_true(number == UINT64_MAX);
}

static void test_printable_looks_at_every_byte(void **state)
{
    char data[40];

    (void)state;
    for (size_t length = 0; length < sizeof(data); length++) {
        memset(data, '~', sizeof(data));
        assert_true(aif_text_printable(data, length));
        for (size_t i = 0; i < length; i++)
            for (int c = 0; c < 256; c++) {
                data[i] = (char)c;
                assert_int_equal(aif_text_printable(data, length), c >= ' ' && c < 127);
                data[i] = c % 2 ? ' ' : '~';
            }
    }
}

static void test_digits(void **state)
{
    struct aif_text text = {0};

    (void)state;
    assert_int_equal(aif_text_number(&text, 0), 0);
    assert_int_equal(aif_text_number(&text, 10), 0);
    assert_int_equal(aif_text_number(&text, UINT64_MAX), 0);
    assert_string_equal(text.data, "01018446744073709551615");
    aif_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printable_looks_at_every_byte),
        cmocka_unit_test(test_digits),
        cmocka_unit_test(test_appends_and_grows),
        cmocka_unit_test(test_escapes_to_ascii),
        cmocka_unit_test(test_refuses_what_is_not_utf8),
        cmocka_unit_test(test_reads_canonical_numbers_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
