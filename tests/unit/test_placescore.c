/* test_placescore.c - unit tests of placescore.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "placescore.h"

static struct aif_fabric two_levels(void)
{
    return (struct aif_fabric){.level_count = 2,
                               .levels = {{.conf = {.name = "leaf", .weight = 1}},
                                          {.conf = {.name = "group", .weight = 100}}}};
}

static void check_reads_as(const char *text, uint32_t percent)
{
    struct aif_error err = {0};
    uint32_t read = UINT32_MAX;

    assert_int_equal(aif_placescore_read(text, &read, &err), 0);
    assert_int_equal(read, percent);
}

static void check_refused(const char *text)
{
    struct aif_error err = {0};
    uint32_t read = 7;

    assert_int_equal(aif_placescore_read(text, &read, &err), -1);
    assert_int_equal(err.code, AIF_ESYNTAX);
    assert_int_equal(read, 7);
}

static void test_span_of_best_by_span_of_this(void **state)
{
    const struct aif_fabric fabric = two_levels();
    const struct aif_place_result best = {.key = {.span = 102}, .islands = {2, 1}};
    const struct aif_place_result actual = {.key = {.span = 103}, .islands = {3, 1}};
    char text[AIF_PLACESCORE_SIZE];

    (void)state;
    aif_placescore_write(&fabric, &best, &actual, text);
    assert_string_equal(text, "99 leaf 3/2 group 1/1");
    check_reads_as(text, 99);
    aif_placescore_write(&fabric, &best, &best, text);
    assert_string_equal(text, "100 leaf 2/2 group 1/1");
    check_reads_as(text, 100);
}

static void test_never_more_than_hundred(void **state)
{
    const struct aif_fabric fabric = two_levels();
    const struct aif_place_result best = {.key = {.span = 103}, .islands = {3, 1}};
    const struct aif_place_result actual = {.key = {.span = 102}, .islands = {2, 1}};
    char text[AIF_PLACESCORE_SIZE];

    (void)state;
    aif_placescore_write(&fabric, &best, &actual, text);
    assert_string_equal(text, "100 leaf 2/3 group 1/1");
}

static void test_levels_of_no_weight_are_left_out(void **state)
{
    const struct aif_place_result result = {.key = {.span = 100}, .islands = {9, 1}};
    const struct aif_place_result nothing = {.islands = {9, 1}};
    struct aif_fabric fabric = two_levels();
    char text[AIF_PLACESCORE_SIZE];

    (void)state;
    fabric.levels[0].conf.weight = 0;
    aif_placescore_write(&fabric, &result, &result, text);
    assert_string_equal(text, "100 group 1/1");
    fabric.levels[1].conf.weight = 0;
    aif_placescore_write(&fabric, &nothing, &nothing, text);
    assert_string_equal(text, "100");
}

static void test_names_become_words(void **state)
{
    const struct aif_place_result result = {.key = {.span = 1}, .islands = {1, 1}};
    struct aif_fabric fabric = two_levels();
    char text[AIF_PLACESCORE_SIZE];

    (void)state;
    snprintf(fabric.levels[0].conf.name, AIF_FABRIC_NAME_SIZE, "level 3/x");
    aif_placescore_write(&fabric, &result, &result, text);
    assert_string_equal(text, "100 level-3-x 1/1 group 1/1");
    check_reads_as(text, 100);
}

static void test_levels_without_room_are_left_out(void **state)
{
    struct aif_place_result result = {.key = {.span = 1}};
    struct aif_fabric fabric = {.level_count = AIF_FABRIC_LEVELS_MAX};
    char text[AIF_PLACESCORE_SIZE];

    (void)state;
    for (uint32_t level = 0; level < AIF_FABRIC_LEVELS_MAX; level++) {
        memset(fabric.levels[level].conf.name, 'x', AIF_FABRIC_NAME_SIZE - 1);
        fabric.levels[level].conf.weight = 1;
        result.islands[level] = UINT32_MAX;
    }
    aif_placescore_write(&fabric, &result, &result, text);
    assert_string_equal(text, "100 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 4294967295/4294967295");
    check_reads_as(text, 100);
}

static void test_other_texts_are_refused(void **state)
{
    char text[AIF_PLACESCORE_SIZE + 8];

    (void)state;
    check_reads_as("0", 0);
    check_reads_as("83 leaf 3/2 group 1/1", 83);
    check_refused("");
    check_refused("101");
    check_refused("-1");
    check_refused("083");
    check_refused("83 ");
    check_refused("83  leaf 3/2");
    check_refused("83 leaf 3/2 ");
    check_refused("83 leaf 3");
    check_refused("83 leaf 3/");
    check_refused("83 leaf /2");
    check_refused("83 leaf 3/2/1");
    check_refused("83 leaf 3/4294967296");
    check_refused("83 leaf 3/99999999999999999999");
    check_refused("83 le;af 3/2");
    check_refused("83,leaf 3/2");
    check_refused("83 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 1/1");
    memset(text, '1', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    check_refused(text);
    snprintf(text, sizeof(text), "83");
    while (strlen(text) + 6 < sizeof(text))
        strcat(text, " a 1/1");
    check_refused(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_span_of_best_by_span_of_this),
        cmocka_unit_test(test_never_more_than_hundred),
        cmocka_unit_test(test_levels_of_no_weight_are_left_out),
        cmocka_unit_test(test_names_become_words),
        cmocka_unit_test(test_levels_without_room_are_left_out),
        cmocka_unit_test(test_other_texts_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
