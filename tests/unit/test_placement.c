/* test_placement.c - unit tests of placement.h */
#include "placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_good(void **state)
{
    static const struct {
        const char *text;
        struct aif_placement_wish wish;
        const char *canonical;
    } cases[] = {
        {"", {AIF_PLACE_DEFAULT, false, 0}, ""},
        {"pack", {AIF_PLACE_PACK, false, 0}, "pack"},
        {"Spread", {AIF_PLACE_SPREAD, false, 0}, "spread"},
        {"ANY", {AIF_PLACE_ANY, false, 0}, "any"},
        {"pack,STRICT", {AIF_PLACE_PACK, true, 0}, "pack,strict"},
        {"pack,strict@10", {AIF_PLACE_PACK, true, 600}, "pack,strict@0:10:00"},
        {"pack,strict@1:30", {AIF_PLACE_PACK, true, 90}, "pack,strict@0:01:30"},
        {"pack,strict@1-00", {AIF_PLACE_PACK, true, 86400}, "pack,strict@1-00:00:00"},
        {"pack,strict@366-00:00:00", {AIF_PLACE_PACK, true, 366 * 86400}, "pack,strict@366-00:00:00"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_placement_wish wish, again;
        char text[AIF_PLACEMENT_SIZE];

        assert_int_equal(aif_placement_parse(cases[i].text, &wish, NULL), 0);
        assert_int_equal(wish.placement, cases[i].wish.placement);
        assert_int_equal(wish.strict, cases[i].wish.strict);
        assert_int_equal(wish.strict_seconds, cases[i].wish.strict_seconds);
        aif_placement_format(&wish, text);
        assert_string_equal(text, cases[i].canonical);
        assert_int_equal(aif_placement_parse(text, &again, NULL), 0);
        assert_int_equal(again.strict_seconds, wish.strict_seconds);
    }
}

static void test_bad(void **state)
{
    static const char *const cases[] = {
        "packed",         "pac",           "pack,",          ",strict",           "strict",
        "pack strict",    "pack,strictly", "pack,strict,",   "pack,strict@",      "pack,strict@0",
        "pack,strict@1m", "pack,strict@-1", "pack,strict@ 1", "pack,strict@367-0", "pack@10",
        "spread,strict",  "any,strict",    "any,strict@10",  "pack,strict@1,strict", "?",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_placement_wish wish = {.strict_seconds = 7};
        struct aif_error err = {0};

        if (aif_placement_parse(cases[i], &wish, &err) != -1)
            fail_msg("taken: %s", cases[i]);
        assert_int_equal(err.code, AIF_EINVAL);
        assert_non_null(strstr(err.text, AIF_PLACEMENT_FORMS));
        assert_int_equal(wish.strict_seconds, 7);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(aif_placement_name(AIF_PLACE_PACK), "pack");
    assert_string_equal(aif_placement_name(AIF_PLACE_DEFAULT), "");
    assert_string_equal(aif_placement_name((enum aif_placement)99), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
