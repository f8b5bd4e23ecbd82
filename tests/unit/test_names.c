/* test_names.c - unit tests of names.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "names.h"

static void test_compares_without_case(void **state)
{
    (void)state;
    assert_int_equal(aif_names_compare("EHPC-a_1", "ehpc-A_1"), 0);
    assert_true(aif_names_compare("a", "b") < 0);
    assert_true(aif_names_compare("b", "A") > 0);
    assert_true(aif_names_compare("a", "ab") < 0);
    assert_int_equal(aif_names_compare("", ""), 0);
    /* Letters outside ASCII are themselves only. */
    assert_true(aif_names_compare("\xc3\x84", "\xc3\xa4") != 0);
}

static void test_lowers(void **state)
{
    char text[] = "EHPC-AIF_2026@[Z`";

    (void)state;
    aif_names_lower(text);
    assert_string_equal(text, "ehpc-aif_2026@[z`");
}

static void test_slurm_names(void **state)
{
    static const char *const good[] = {"a", "A-1", "_x", "9p", "project_465003186", "a.b@c"};
    static const char *const bad[] = {"",    "-a",  "+a",  ".a", "@a",       "a b",
                                      "a,b", "a/b", "a=b", "a*", "\xc3\xa4", "a\n"};
    char longest[AIF_NAMES_LENGTH_MAX + 2];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(aif_names_slurm(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(aif_names_slurm(bad[i]));
    memset(longest, 'a', sizeof(longest));
    longest[AIF_NAMES_LENGTH_MAX] = '\0';
    assert_true(aif_names_slurm(longest));
    longest[AIF_NAMES_LENGTH_MAX] = 'a';
    longest[AIF_NAMES_LENGTH_MAX + 1] = '\0';
    assert_false(aif_names_slurm(longest));
}

static void test_distance(void **state)
{
    static const struct {
        const char *a, *b;
        unsigned distance;
    } cases[] = {
        {"", "", 0},
        {"a", "", 1},
        {"", "abc", 3},
        {"mode", "MODE", 0},
        {"abc", "abd", 1},
        {"abc", "ab", 1},
        {"abc", "xabc", 1},
        {"playgruond", "playground", 1},
        {"ca", "abc", 3},
        {"kitten", "sitting", 3},
        {"fast-lane", "fastlane", 1},
    };
    char huge[200];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(aif_names_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(aif_names_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
    memset(huge, 'a', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    assert_true(aif_names_distance(huge, "a") > 60);
}

static const char *nearest(const char *wanted)
{
    static const char *const known[] = {"playground", "fast-lane", "large-scale", "science", "b"};
    struct aif_names_search search = {.wanted = wanted};

    for (size_t i = 0; i < COUNT_OF(known); i++)
        aif_names_offer(&search, known[i]);
    return search.best;
}

static void test_suggests_the_nearest(void **state)
{
    (void)state;
    assert_string_equal(nearest("plaground"), "playground");
    assert_string_equal(nearest("fast"), "fast-lane");
    assert_string_equal(nearest("FASTLANE"), "fast-lane");
    assert_string_equal(nearest("sciences"), "science");
    assert_null(nearest("regular"));
    assert_null(nearest("fa"));
    assert_null(nearest("holiday"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compares_without_case), cmocka_unit_test(test_lowers),
        cmocka_unit_test(test_slurm_names),           cmocka_unit_test(test_distance),
        cmocka_unit_test(test_suggests_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
