/* test_admincomment.c - unit tests of admincomment.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "admincomment.h"

static const struct aif_admincomment example = {.mode = "playground",
                                                .alloc = "EHPC-AIF-2026PG01-905",
                                                .residency = "EEA30",
                                                .policy = "0123456789abcdef",
                                                .placement = "pack,strict",
                                                .score = "83 leaf 3/2 group 1/1"};
#define EXAMPLE                                                                                    \
    "\"aif\":{\"v\":1,\"mode\":\"playground\",\"alloc\":\"EHPC-AIF-2026PG01-905\",\"res\":"        \
    "\"EEA30\","                                                                                   \
    "\"place\":\"pack,strict\",\"pol\":\"0123456789abcdef\",\"score\":\"83 leaf 3/2 group 1/1\"}"

static void check_merge(const char *existing, const char *expected)
{
    char *text = NULL;

    assert_int_equal(aif_admincomment_merge(existing, &example, &text, NULL), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void test_merge(void **state)
{
    (void)state;
    check_merge(NULL, "{" EXAMPLE "}");
    check_merge("", "{" EXAMPLE "}");
    check_merge(" \n", "{" EXAMPLE "}");
    check_merge("{}", "{" EXAMPLE "}");
    check_merge(" { \"site\" : [1, 2.50, \"a/b\"] } ", "{\"site\":[1,2.50,\"a/b\"]," EXAMPLE "}");
    check_merge("{\"aif\":{\"mode\":\"old\",\"x\":1},\"y\":null}", "{" EXAMPLE ",\"y\":null}");
    check_merge("{\"aif\":7}", "{" EXAMPLE "}");
    check_merge("{\"site\":\"t\xc3\xa4xt\"}", "{\"site\":\"t\xc3\xa4xt\"," EXAMPLE "}");
}

static void check_format(const struct aif_admincomment *ours)
{
    char *merged = NULL, text[AIF_ADMINCOMMENT_MAX];

    assert_int_equal(aif_admincomment_merge(NULL, ours, &merged, NULL), 0);
    assert_int_equal(aif_admincomment_format(ours, text, sizeof(text)), 0);
    assert_string_equal(text, merged);
    assert_int_equal(aif_admincomment_format(ours, text, strlen(merged) + 1), 0);
    assert_int_equal(aif_admincomment_format(ours, text, strlen(merged)), -1);
    free(merged);
}

static void test_format_is_a_merge_into_nothing(void **state)
{
    const struct aif_admincomment held = {.alloc = "a/b", .hold = "AIF-A002", .purpose = "inference"};
    static const struct aif_admincomment nothing;

    (void)state;
    check_format(&example);
    check_format(&held);
    check_format(&nothing);
}

static void test_format_leaves_escaping_to_merge(void **state)
{
    static const char *const values[] = {"a\"b", "a\\b", "a\nb", "t\xc3\xa4xt", "\x7f"};
    char text[AIF_ADMINCOMMENT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct aif_admincomment ours;

        memset(&ours, 0, sizeof(ours));
        strcpy(ours.alloc, values[i]);
        assert_int_equal(aif_admincomment_format(&ours, text, sizeof(text)), -1);
    }
}

static void test_merge_keeps_foreign_text(void **state)
{
    static const char *const cases[] = {
        "reserved for A. User", "[1]",       "7", "null", "\"x\"", "{", "{} x", "{\"a\":1",
        "{\"a\":1}}",           "{\"a\":1,}"};
    char *text = (char *)"x";

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (aif_admincomment_merge(cases[i], &example, &text, NULL) != 1)
            fail_msg("not kept: %s", cases[i]);
        assert_null(text);
    }
}

static void test_merge_too_long(void **state)
{
    char existing[1100];
    struct aif_error err;
    char *text;

    (void)state;
    memset(existing, 'a', sizeof(existing));
    memcpy(existing, "{\"a\":\"", 6);
    strcpy(existing + 1000, "\"}");
    assert_int_equal(aif_admincomment_merge(existing, &example, &text, &err), -1);
    assert_int_equal(err.code, AIF_ELIMIT);
    assert_null(text);
    /* Exactly the longest that Slurm takes. */
    strcpy(existing + AIF_ADMINCOMMENT_MAX - 1 - strlen("," EXAMPLE) - 2, "\"}");
    assert_int_equal(aif_admincomment_merge(existing, &example, &text, &err), 0);
    assert_int_equal(strlen(text), AIF_ADMINCOMMENT_MAX - 1);
    free(text);
}

static void test_merge_huge_is_left_alone(void **state)
{
    size_t size = 1 << 20;
    char *existing = malloc(size), *text;

    (void)state;
    memset(existing, '[', size - 1);
    existing[0] = '{';
    existing[size - 1] = '\0';
    assert_int_equal(aif_admincomment_merge(existing, &example, &text, NULL), 1);
    assert_int_equal(aif_admincomment_read(existing, &(struct aif_admincomment){0}), 0);
    free(existing);
}

static void test_read_back(void **state)
{
    struct aif_admincomment ours;
    char *text;

    (void)state;
    assert_int_equal(aif_admincomment_merge("{\"site\":1}", &example, &text, NULL), 0);
    memset(&ours, 'x', sizeof(ours));
    assert_int_equal(aif_admincomment_read(text, &ours), 1);
    assert_memory_equal(&ours.mode, example.mode, strlen(example.mode) + 1);
    assert_string_equal(ours.alloc, example.alloc);
    assert_string_equal(ours.residency, example.residency);
    assert_string_equal(ours.placement, example.placement);
    assert_string_equal(ours.score, example.score);
    assert_string_equal(ours.policy, example.policy);
    assert_string_equal(ours.rule, "");
    free(text);
}

static void test_purpose_hold_and_override(void **state)
{
    static const char expected[] =
        "{\"aif\":{\"v\":1,\"mode\":\"science\",\"use\":\"inference\",\"hold\":\"AIF-A002\","
        "\"over\":\"AIF-M007 by 0 at 2026-11-21T09:00:00Z\"}}";
    const struct aif_admincomment ours = {.mode = "science",
                                          .purpose = "inference",
                                          .hold = "AIF-A002",
                                          .override = "AIF-M007 by 0 at 2026-11-21T09:00:00Z"};
    struct aif_admincomment back;
    char *text;

    (void)state;
    assert_int_equal(aif_admincomment_merge(NULL, &ours, &text, NULL), 0);
    assert_string_equal(text, expected);
    assert_int_equal(aif_admincomment_read(text, &back), 1);
    assert_memory_equal(&back, &ours, sizeof(back));
    free(text);
    /* A job that is no longer held, or was never overridden, shows neither. */
    assert_int_equal(aif_admincomment_merge(expected, &example, &text, NULL), 0);
    assert_string_equal(text, "{" EXAMPLE "}");
    free(text);
}

static void test_hold_keeps_its_begin(void **state)
{
    struct aif_admincomment ours = {.mode = "science"}, back;
    char *text;

    (void)state;
    aif_admincomment_hold(&ours, "AIF-A002", 1795251600);
    assert_string_equal(ours.hold, "AIF-A002");
    assert_string_equal(ours.held, "2026-11-21T09:00:00Z");
    aif_admincomment_hold(&ours, "AIF-Q001", 1795999999); /* for another reason now */
    assert_string_equal(ours.hold, "AIF-Q001");
    assert_string_equal(ours.held, "2026-11-21T09:00:00Z");
    assert_int_equal(aif_admincomment_merge(NULL, &ours, &text, NULL), 0);
    assert_int_equal(aif_admincomment_read(text, &back), 1);
    assert_string_equal(back.held, ours.held);
    free(text);
    aif_admincomment_hold(&ours, "", 1795999999);
    assert_string_equal(ours.hold, "");
    assert_string_equal(ours.held, "");
    aif_admincomment_hold(&ours, "AIF-A002", 1795251601);
    assert_string_equal(ours.held, "2026-11-21T09:00:01Z");
    ours.held[0] = '\0'; /* held by an older version */
    aif_admincomment_hold(&ours, "AIF-A002", 1795251602);
    assert_string_equal(ours.held, "2026-11-21T09:00:02Z");
    aif_admincomment_hold(&ours, "AIF-much-too-long-for-a-rule", 0);
    assert_string_equal(ours.hold, "AIF-much-too-lo");
}

static void test_read_nothing(void **state)
{
    static const char *const cases[] = {"",          "text",        "{}",  "{\"aif\":1}",
                                        "[\"aif\"]", "{\"aif\":{}", "null"};
    struct aif_admincomment ours = {.mode = "untouched"};

    (void)state;
    assert_int_equal(aif_admincomment_read(NULL, &ours), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(aif_admincomment_read(cases[i], &ours), 0);
    assert_string_equal(ours.mode, "untouched");
}

static void test_read_damaged_is_not_absent(void **state)
{
    struct aif_admincomment ours;
    char text[600];

    (void)state;
    assert_int_equal(
        aif_admincomment_read("{\"aif\":{\"res\":7,\"mode\":null,\"alloc\":\"a\\u0000b\"}}", &ours),
        1);
    assert_string_equal(ours.residency, "?");
    assert_string_equal(ours.mode, "?");
    assert_string_equal(ours.alloc, "?");
    memset(text, 'F', sizeof(text));
    memcpy(text, "{\"aif\":{\"res\":\"", 15);
    strcpy(text + 500, "\"}}");
    assert_int_equal(aif_admincomment_read(text, &ours), 1);
    assert_string_equal(ours.residency, "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_format_is_a_merge_into_nothing),
        cmocka_unit_test(test_format_leaves_escaping_to_merge),
        cmocka_unit_test(test_merge_keeps_foreign_text),
        cmocka_unit_test(test_merge_too_long),
        cmocka_unit_test(test_merge_huge_is_left_alone),
        cmocka_unit_test(test_read_back),
        cmocka_unit_test(test_purpose_hold_and_override),
        cmocka_unit_test(test_hold_keeps_its_begin),
        cmocka_unit_test(test_read_nothing),
        cmocka_unit_test(test_read_damaged_is_not_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
