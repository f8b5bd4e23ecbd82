/* test_projid.c - unit tests of projid.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "projid.h"

static void test_takes_every_form(void **state)
{
    static const struct {
        const char *text, *call, *code;
        int year, cutoff, number;
    } cases[] = {
        {"EHPC-AIF-2026PG01-905", "AIF", "PG", 2026, 1, 905},
        {"ehpc-aif-2025fl01-445", "AIF", "FL", 2025, 1, 445},
        {"EHPC-AIF-2026LS01-004", "AIF", "LS", 2026, 1, 4},
        {"EHPC-AIF-2025SC02-1157", "AIF", "SC", 2025, 2, 1157},
        {"EHPC-AI-2024A06-60", "AI", "A", 2024, 6, 60},
        {"EHPC-BEN-2026B06-085", "BEN", "B", 2026, 6, 85},
        {"EHPC-DEV-2024D05-047", "DEV", "D", 2024, 5, 47},
        {"EHPC-REG-2023R03-178", "REG", "R", 2023, 3, 178},
        {"EHPC-EXT-2024E02-083", "EXT", "E", 2024, 2, 83},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_projid id;

        assert_int_equal(aif_projid_parse(cases[i].text, &id, NULL), 0);
        assert_string_equal(id.call, cases[i].call);
        assert_string_equal(id.code, cases[i].code);
        assert_int_equal(id.year, cases[i].year);
        assert_int_equal(id.cutoff, cases[i].cutoff);
        assert_int_equal(id.number, cases[i].number);
    }
}

static void test_names_the_first_wrong_character(void **state)
{
    static const struct {
        const char *text;
        int character;
    } cases[] = {
        {"", 1},
        {"EHPX-AIF-2026PG01-905", 1},
        {"EHPC-AIX-2026PG01-905", 8},
        {"EHPC-ABC-2026PG01-905", 6},
        {"EHPC-AIF-1999PG01-905", 9},
        {"EHPC-AIF-20x6PG01-905", 12},
        {"EHPC-AIF-2026XY01-905", 14},
        {"EHPC-AIF-2026PG1-905", 17},
        {"EHPC-AIF-2026PG01_905", 18},
        {"EHPC-AIF-2026PG01-9", 20},
        {"EHPC-AIF-2026PG01-", 19},
        {"EHPC-AIF-2026PG01-90511", 23},
        {"EHPC-AIF-2026PG01-905x", 22},
        {" EHPC-AIF-2026PG01-905", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_projid id = {.year = 7};
        struct aif_error err;
        char where[32];

        snprintf(where, sizeof(where), "from character %d,", cases[i].character);
        assert_int_equal(aif_projid_parse(cases[i].text, &id, &err), -1);
        assert_int_equal(err.code, AIF_ESYNTAX);
        assert_non_null(strstr(err.text, where));
        assert_int_equal(id.year, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_every_form),
        cmocka_unit_test(test_names_the_first_wrong_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
