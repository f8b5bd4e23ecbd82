/* test_options.c - unit tests of options.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "options.h"
#include "restag.h"

static void test_set_good(void **state)
{
    static const struct {
        const char *key, *value, *stored;
    } cases[] = {
        {"mode", "playground", "playground"},
        {"MODE", "Fast-Lane", "Fast-Lane"},
        {"allocation", "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026PG01-905"},
        {"allocation", "project_465003186", "project_465003186"},
        {"residency", "EEA30-CH", "EEA30-CH"},
        {"residency", " FI | ( SE&NORDIC ) ", "FI|(SE&NORDIC)"},
        {"residency", "eu27", "eu27"},
        {"placement", "pack", "pack"},
        {"placement", "SPREAD", "spread"},
        {"placement", "Pack,Strict", "pack,strict"},
        {"placement", "pack,strict@10", "pack,strict@0:10:00"},
        {"placement", "any", "any"},
        {"residency", " FI |SE;zone=SPE;permit=a+b", "FI|SE;zone=SPE;permit=a+b"},
        {"dataset", "B,a,b", "b,a"},
        {"purpose", "Inference", "inference"},
        {"purpose", "training", "training"},
        {"purpose", "other", "other"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_options options = {0};
        struct aif_error err;
        const char *fields[] = {options.mode, options.allocation, options.residency,
                                options.placement, options.purpose, options.datasets};
        size_t set = 0;

        assert_true(aif_options_empty(&options));
        assert_int_equal(aif_options_set(&options, cases[i].key, cases[i].value, &err), 0);
        assert_false(aif_options_empty(&options));
        for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
            set += *fields[f] && !strcmp(fields[f], cases[i].stored);
        assert_int_equal(set, 1);
    }
}

static void test_set_bad(void **state)
{
    static const struct {
        const char *key, *value, *rule;
    } cases[] = {
        {"mood", "x", "AIF-C009"},
        {"", "x", "AIF-C009"},
        {"mode", "", "AIF-C009"},
        {"mode", "fast lane", "AIF-C009"},
        {"mode", "fast;lane", "AIF-C009"},
        {"mode", "fast\nlane", "AIF-C009"},
        {"mode", "\xc3\xa4", "AIF-C009"},
        {"mode", "1234567890123456789012345678901234567890123456789012345678901234", "AIF-C009"},
        {"allocation", "a\"b", "AIF-C009"},
        {"allocation", "$(id)", "AIF-C009"},
        {"residency", "", "AIF-C009"},
        {"residency", " ", "AIF-R001"},
        {"residency", "FI SE", "AIF-R001"},
        {"residency", "FI|", "AIF-R001"},
        {"residency", "|FI", "AIF-R001"},
        {"residency", "(FI", "AIF-R001"},
        {"residency", "FI)", "AIF-R001"},
        {"residency", "()", "AIF-R001"},
        {"residency", "FI(SE)", "AIF-R001"},
        {"residency", "27EU", "AIF-R001"},
        {"residency", "FI,SE", "AIF-R001"},
        {"residency", "F\xc3\x8d", "AIF-R001"},
        {"placement", "packed", "AIF-P001"},
        {"placement", "pack,", "AIF-P001"},
        {"placement", ",strict", "AIF-P001"},
        {"placement", "pack,strictly", "AIF-P001"},
        {"placement", "pack strict", "AIF-P001"},
        {"placement", "spread,strict", "AIF-P001"},
        {"placement", "pack,strict@0", "AIF-P001"},
        {"residency", "FI;", "AIF-R001"},
        {"residency", ";zone=spe", "AIF-R001"},
        {"residency", "FI;zone=\033[2J", "AIF-R001"},
        {"residency", "FI;zone=a;zone=b", "AIF-R001"},
        {"dataset", "", "AIF-C009"},
        {"dataset", "a,,b", "AIF-C009"},
        {"dataset", "a/b", "AIF-C009"},
        {"dataset", "a,b,c,d,e,f,g,h,i", "AIF-C009"},
        {"purpose", "", "AIF-C009"},
        {"purpose", "infer", "AIF-C009"},
        {"purpose", "training,inference", "AIF-C009"},
        {"purpose", "inference-inference-inference-inference", "AIF-C009"},
        {"explain", "no", "AIF-C009"},
        {"explain", "1", "AIF-C009"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_options options = {0};
        struct aif_error err = {0};

        assert_int_equal(aif_options_set(&options, cases[i].key, cases[i].value, &err), -1);
        if (!strstr(err.text, cases[i].rule))
            fail_msg("%s=%s: %s", cases[i].key, cases[i].value, err.text);
        assert_memory_equal(err.text, "aif: ", 5);
        assert_null(strstr(err.text, "error"));
        assert_true(aif_options_empty(&options));
        assert_int_equal(aif_options_set(&options, cases[i].key, cases[i].value, NULL), -1);
    }
}

/* The simple ones have a way of their own. */
static void test_expressions_are_those_of_the_grammar(void **state)
{
    static const char letters[] = "F9_|-& (";

    (void)state;
    for (unsigned n = 0; n < 5 << 15; n++) {
        struct aif_options options = {0};
        char value[6] = "", plain[6];
        bool good;

        for (unsigned i = 0; i <= n >> 15; i++)
            value[i] = letters[n >> 3 * i & 7];
        good = aif_restag_has_form(value, plain);
        if (!aif_options_set(&options, "residency", value, NULL) != good || strcmp(options.residency, good ? plain : ""))
            fail_msg("'%s': '%s'", value, options.residency);
    }
}

static void test_long_bad_value_is_cut(void **state)
{
    struct aif_options options = {0};
    struct aif_error err;
    char value[100000];

    (void)state;
    memset(value, '(', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    assert_int_equal(aif_options_set(&options, "residency", value, &err), -1);
    assert_true(strlen(err.text) < 300);
    value[255] = '\0'; /* longest that is looked at */
    assert_int_equal(aif_options_set(&options, "residency", value, &err), -1);
}

static void test_round_trip(void **state)
{
    struct aif_options options = {0}, back;
    char text[AIF_OPTIONS_TEXT_MAX];
    struct aif_error err;

    (void)state;
    assert_int_equal(aif_options_format(&options, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    assert_int_equal(aif_options_parse(text, &back, &err), 0);
    assert_true(aif_options_empty(&back));

    aif_options_set(&options, "mode", "playground", &err);
    aif_options_set(&options, "allocation", "EHPC-AIF-2026PG01-905", &err);
    aif_options_set(&options, "residency", "EEA30-CH", &err);
    aif_options_set(&options, "placement", "pack,strict", &err);
    aif_options_set(&options, "purpose", "inference", &err);
    aif_options_set(&options, "explain", "YES", &err);
    assert_int_equal(aif_options_format(&options, text, sizeof(text)), 0);
    assert_string_equal(text, "mode=playground;allocation=EHPC-AIF-2026PG01-905;residency=EEA30-CH;"
                              "placement=pack,strict;purpose=inference;explain=yes");
    memset(&back, 0, sizeof(back));
    assert_int_equal(aif_options_parse(text, &back, &err), 0);
    assert_memory_equal(&back, &options, sizeof(back));
}

/* Whoever only wants to know more must not be refused for asking. */
static void test_explain_asks_nothing(void **state)
{
    struct aif_options options = {0};
    char text[AIF_OPTIONS_TEXT_MAX];

    (void)state;
    assert_int_equal(aif_options_set(&options, "explain", "yes", NULL), 0);
    assert_true(aif_options_empty(&options));
    assert_int_equal(aif_options_format(&options, text, sizeof(text)), 0);
    assert_string_equal(text, "explain=yes");
}

static void test_format_escapes_and_is_bounded(void **state)
{
    struct aif_options options = {.mode = "a;b=c%d e\xff"};
    char text[64] = "as before";

    (void)state;
    assert_int_equal(aif_options_format(&options, text, 24), -1);
    assert_string_equal(text, "as before");
    assert_int_equal(aif_options_format(&options, text, sizeof(text)), 0);
    assert_string_equal(text, "mode=a%3Bb%3Dc%25d%20e%FF");
    assert_int_equal(aif_options_format(&options, text, strlen(text) + 1), 0);
    assert_int_equal(aif_options_format(&options, text, strlen(text)), -1);
}

static void test_parse_escapes(void **state)
{
    struct aif_options options;
    struct aif_error err;

    (void)state;
    assert_int_equal(aif_options_parse("mode=play%67round;residency=FI%7CSE", &options, &err), 0);
    assert_string_equal(options.mode, "playground");
    assert_string_equal(options.residency, "FI|SE");
}

static void test_parse_bad(void **state)
{
    static const char *const cases[] = {
        "mode",          "mode=",         "=x",
        "mode=a;",       ";mode=a",       "mode=a;;allocation=b",
        "mode=a;mode=b", "mode=a;MODE=a", "mode=a;colour=b",
        "mode=a=b",      "mode=a b",      "mode=%",
        "mode=%4",       "mode=%4G",      "mode=%00",
        "mode=a%00b",    "mode=a%3Bb",    "placement=bad",
        "residency=%28", "mode=\xff",
    };
    char big[AIF_OPTIONS_TEXT_MAX + 10];

    (void)state;
    memset(big, 'a', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_options options = {.mode = "before", .datasets = "d"};
        struct aif_error err = {0};

        if (aif_options_parse(cases[i], &options, &err) != -1)
            fail_msg("taken: %s", cases[i]);
        assert_true(aif_options_empty(&options));
        assert_memory_equal(err.text, "aif: ", 5);
        assert_non_null(strstr(err.text, "(AIF-"));
    }
    assert_int_equal(aif_options_parse(big, &(struct aif_options){0}, NULL), -1);
}

static void test_comment(void **state)
{
    struct aif_options options = {0};
    struct aif_error err;

    (void)state;
    assert_int_equal(aif_options_from_comment(NULL, &options, &err), 0);
    assert_int_equal(aif_options_from_comment("", &options, &err), 0);
    assert_int_equal(aif_options_from_comment("run 7 of waif:mode=x", &options, &err), 0);
    assert_int_equal(aif_options_from_comment("aif", &options, &err), 0);
    assert_true(aif_options_empty(&options));
    assert_int_equal(
        aif_options_from_comment(
            "  run\t7 aif:mode=playground,residency=FI|SE,placement=pack+strict x", &options, &err),
        1);
    assert_string_equal(options.mode, "playground");
    assert_string_equal(options.residency, "FI|SE");
    assert_string_equal(options.placement, "pack,strict");
    assert_int_equal(aif_options_from_comment("aif:placement=pack+strict@1-12", &options, &err), 1);
    assert_string_equal(options.placement, "pack,strict@1-12:00:00");
    assert_int_equal(
        aif_options_from_comment("aif:purpose=inference,explain=yes", &options, &err), 1);
    assert_string_equal(options.purpose, "inference");
    assert_string_equal(options.explain, "yes");
    assert_int_equal(aif_options_from_comment("AIF:mode=a aif:allocation=b+c", &options, &err), 1);
    assert_string_equal(options.mode, "a");
    assert_string_equal(options.allocation, "b+c");
    assert_string_equal(options.residency, "");
}

/* The short way of reading a comment, and the long one, which "AIF" in capitals needs, say the same. */
static void check_mode_alone(const char *name)
{
    struct aif_options one = {.mode = "before", .datasets = "d"}, other = {.mode = "before", .datasets = "d"};
    struct aif_error err;
    char comment[128];
    int rc;

    snprintf(comment, sizeof(comment), "aif:mode=%s", name);
    rc = aif_options_from_comment(comment, &one, &err);
    snprintf(comment, sizeof(comment), "AIF:mode=%s", name);
    assert_int_equal(aif_options_from_comment(comment, &other, &err), rc);
    assert_string_equal(one.mode, other.mode);
    assert_string_equal(one.datasets, other.datasets);
    if (rc == 1)
        assert_memory_equal(one.mode, name, strlen(one.mode));
}

static void test_comment_of_a_mode_alone(void **state)
{
    char name[71] = "";

    (void)state;
    for (size_t length = 1; length < sizeof(name); length++) {
        memset(name, 'm', length);
        check_mode_alone(name);
    }
    for (int c = 1; c < 256; c++) {
        const char text[] = {'a', (char)c, 'b', '\0'};

        check_mode_alone(text);
        check_mode_alone(text + 1);
        check_mode_alone((const char[]){(char)c, '\0'});
    }
    check_mode_alone("");
}

static void test_comment_bad(void **state)
{
    static const char *const cases[] = {
        "aif:",
        "aif: mode=playground",
        "aif:mode",
        "aif:mode=",
        "aif:mode=a,",
        "aif:mode=a,mode=b",
        "aif:mode=a aif:mode=b",
        "aif:colour=b",
        "aif:mode=a;b=c",
        "aif:residency=FI|",
        "aif:placement=pack+",
        "aif:placement=pack+strict+strict",
        "aif:placement=spread+strict",
    };
    char *big = malloc(5000);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_options options = {.mode = "before", .datasets = "d"};
        struct aif_error err = {0};

        if (aif_options_from_comment(cases[i], &options, &err) != -1)
            fail_msg("taken: %s", cases[i]);
        assert_true(aif_options_empty(&options));
        assert_non_null(strstr(err.text, "(AIF-"));
    }
    memset(big, 'a', 4999);
    memcpy(big, "aif:", 4);
    big[4999] = '\0';
    assert_int_equal(aif_options_from_comment(big, &(struct aif_options){0}, NULL), -1);
    free(big);
}

static void test_add_keeps_what_there_is(void **state)
{
    struct aif_options options = {.mode = "playground", .explain = "yes"};
    const struct aif_options more = {
        .mode = "fast-lane", .residency = "FI", .datasets = "genome", .purpose = "training"};

    (void)state;
    aif_options_add(&options, &more);
    assert_string_equal(options.mode, "playground");
    assert_string_equal(options.explain, "yes");
    assert_string_equal(options.residency, "FI");
    assert_string_equal(options.datasets, "genome");
    assert_string_equal(options.purpose, "training");
    assert_string_equal(options.allocation, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_good),
        cmocka_unit_test(test_set_bad),
        cmocka_unit_test(test_expressions_are_those_of_the_grammar),
        cmocka_unit_test(test_long_bad_value_is_cut),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_explain_asks_nothing),
        cmocka_unit_test(test_format_escapes_and_is_bounded),
        cmocka_unit_test(test_parse_escapes),
        cmocka_unit_test(test_parse_bad),
        cmocka_unit_test(test_comment),
        cmocka_unit_test(test_comment_of_a_mode_alone),
        cmocka_unit_test(test_comment_bad),
        cmocka_unit_test(test_add_keeps_what_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
