/* test_residency.c - unit tests of residency.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "residency.h"

static size_t count_countries(const struct aif_residency *set)
{
    size_t count = 0;

    for (int i = 0; i < AIF_RESIDENCY_CODES; i++)
        count += aif_residency_has(set, i);
    return count;
}

static struct aif_residency parse(const char *expr)
{
    struct aif_residency set;

    assert_int_equal(aif_residency_parse(expr, NULL, 0, &set, NULL), 0);
    return set;
}

static void test_knows_the_assigned_codes(void **state)
{
    static const char *const unassigned[] = {"XX", "XK",  "EU", "AA", "ZZ", "",
                                             "F",  "FIN", "F1", "1F", "F ", "\xc3\x84"};
    size_t assigned = 0;

    (void)state;
    for (int i = 0; i < AIF_RESIDENCY_CODES; i++) {
        char code[3];
        int country;

        aif_residency_country_name(i, code);
        country = aif_residency_country(code);
        if (country < 0 || !strcmp(code, "EL") || !strcmp(code, "UK"))
            continue;
        assert_int_equal(country, i);
        assigned++;
    }
    assert_int_equal(assigned, 249);
    for (size_t i = 0; i < COUNT_OF(unassigned); i++)
        assert_int_equal(aif_residency_country(unassigned[i]), -1);
}

/* The same list as the system's time zone package has, where it is installed. */
static void test_agrees_with_the_system(void **state)
{
    FILE *file = fopen("/usr/share/zoneinfo/iso3166.tab", "r");
    char line[256];
    size_t count = 0;

    (void)state;
    if (!file)
        skip();
    while (fgets(line, sizeof(line), file)) {
        if (line[0] == '#')
            continue;
        line[2] = '\0';
        assert_true(aif_residency_country(line) >= 0);
        count++;
    }
    fclose(file);
    assert_int_equal(count, 249);
}

static void test_aliases(void **state)
{
    (void)state;
    assert_int_equal(aif_residency_country("EL"), aif_residency_country("GR"));
    assert_int_equal(aif_residency_country("uk"), aif_residency_country("gb"));
}

static void test_groups(void **state)
{
    struct aif_residency eu = parse("EU27"), eea = parse("EEA30"), eurohpc = parse("EUROHPC");
    struct aif_residency more = parse("EEA30-EU27"), joined = parse("EUROHPC-EU27");
    char text[AIF_RESIDENCY_TEXT_MAX];

    (void)state;
    assert_int_equal(count_countries(&eu), 27);
    assert_int_equal(count_countries(&eea), 30);
    assert_int_equal(count_countries(&eurohpc), 38);
    assert_true(aif_residency_within(&eu, &eea));
    assert_true(aif_residency_within(&eu, &eurohpc));
    assert_false(aif_residency_within(&eea, &eurohpc)); /* Liechtenstein */
    assert_int_equal(aif_residency_format(&more, text, sizeof(text)), 0);
    assert_string_equal(text, "IS|LI|NO");
    assert_int_equal(aif_residency_format(&joined, text, sizeof(text)), 0);
    assert_string_equal(text, "AL|CH|GB|IL|IS|MD|ME|MK|NO|RS|TR");
}

static void test_expressions(void **state)
{
    static const struct {
        const char *expr, *formatted;
    } cases[] = {
        {"FI", "FI"},
        {"fi|se", "FI|SE"},
        {"SE|FI|SE", "FI|SE"},
        {" FI | SE ", "FI|SE"},
        {"EL|UK", "GB|GR"},
        {"EU27&(DE|FR|IT|CH)", "DE|FR|IT"},
        {"EEA30-IS-LI-NO", "EU27"},
        {"EEA30-(IS|LI|NO)", "EU27"},
        {"eu27|is|li|no", "EEA30"},
        {"EUROHPC", "EUROHPC"},
        {"FI|SE&SE", "SE"},
        {"FI|(SE&SE)", "FI|SE"},
        {"((((FI))))", "FI"},
        {"FI-CH", "FI"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_residency set = parse(cases[i].expr), again;
        char text[AIF_RESIDENCY_TEXT_MAX];

        assert_int_equal(aif_residency_format(&set, text, sizeof(text)), 0);
        assert_string_equal(text, cases[i].formatted);
        again = parse(text);
        assert_true(aif_residency_equal(&set, &again));
    }
}

static void test_refuses(void **state)
{
    static const struct {
        const char *expr, *reason;
        int code;
    } cases[] = {
        {"", "missing before \"\"", AIF_ESYNTAX},
        {"XX", "\"XX\" is no country", AIF_ESYNTAX},
        {"EEA32", "\"EEA32\" is no country", AIF_ESYNTAX},
        {"FI SE", "an operator is expected", AIF_ESYNTAX},
        {"FI,SE", "an operator is expected", AIF_ESYNTAX},
        {"FI|", "missing before \"\"", AIF_ESYNTAX},
        {"|FI", "missing before \"|FI\"", AIF_ESYNTAX},
        {"FI||SE", "missing before \"|SE\"", AIF_ESYNTAX},
        {"(FI", "a ')' is missing", AIF_ESYNTAX},
        {"FI)", "an operator is expected", AIF_ESYNTAX},
        {"()", "missing before \")\"", AIF_ESYNTAX},
        {"!FI", "missing before \"!FI\"", AIF_ESYNTAX},
        {"FI&SE", "no country satisfies", AIF_EINVAL},
        {"EU27-EEA30", "no country satisfies", AIF_EINVAL},
        {"((((((((((((((((((FI))))))))))))))))))", "too many nested", AIF_ESYNTAX},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_residency set = {{7}};
        struct aif_error err = {0};

        assert_int_equal(aif_residency_parse(cases[i].expr, NULL, 0, &set, &err), -1);
        assert_int_equal(err.code, cases[i].code);
        assert_non_null(strstr(err.text, cases[i].reason));
        assert_non_null(strstr(err.text, "(AIF-R001)"));
        assert_int_equal(set.bits[0], 7);
        assert_int_equal(aif_residency_parse(cases[i].expr, NULL, 0, &set, NULL), -1);
    }
}

static void test_length_cap(void **state)
{
    char expr[AIF_RESIDENCY_TEXT_MAX + 1];
    struct aif_residency set;

    (void)state;
    memset(expr, ' ', sizeof(expr));
    memcpy(expr, "FI", 2);
    expr[AIF_RESIDENCY_TEXT_MAX - 1] = '\0';
    assert_int_equal(aif_residency_parse(expr, NULL, 0, &set, NULL), 0);
    expr[AIF_RESIDENCY_TEXT_MAX - 1] = ' ';
    expr[AIF_RESIDENCY_TEXT_MAX] = '\0';
    assert_int_equal(aif_residency_parse(expr, NULL, 0, &set, NULL), -1);
}

static void test_site_groups(void **state)
{
    char nordic[] = "NORDIC", other[] = "EU27";
    struct aif_residency_group groups[] = {{nordic, parse("DK|FI|IS|NO|SE")},
                                           {other, parse("EU27|IS")}};
    struct aif_residency set;
    char text[32];

    (void)state;
    assert_int_equal(aif_residency_parse("nordic&EU27", groups, 2, &set, NULL), 0);
    assert_int_equal(aif_residency_format(&set, text, sizeof(text)), 0);
    assert_string_equal(text, "DK|FI|IS|SE"); /* those given come before the built-in ones */
    assert_int_equal(aif_residency_parse("NORDIC", NULL, 0, &set, NULL), -1);
}

static void test_set_operations(void **state)
{
    struct aif_residency a = parse("FI|SE"), b = parse("SE|NO"), none = {{0}};

    (void)state;
    assert_true(aif_residency_has(&a, aif_residency_country("FI")));
    assert_false(aif_residency_has(&a, aif_residency_country("NO")));
    assert_false(aif_residency_has(&a, -1));
    assert_false(aif_residency_has(&a, AIF_RESIDENCY_CODES));
    aif_residency_add(&none, -1);
    aif_residency_add(&none, AIF_RESIDENCY_CODES);
    assert_true(aif_residency_empty(&none));
    assert_true(aif_residency_within(&none, &a));
    assert_false(aif_residency_within(&a, &b));
    aif_residency_unite(&a, &b);
    assert_int_equal(count_countries(&a), 3);
    aif_residency_intersect(&a, &b);
    assert_true(aif_residency_equal(&a, &b));
}

static void test_format_that_does_not_fit(void **state)
{
    struct aif_residency set = parse("FI|SE"), all = {{0}};
    char text[AIF_RESIDENCY_TEXT_MAX] = "kept";

    (void)state;
    assert_int_equal(aif_residency_format(&set, text, 5), -1);
    assert_string_equal(text, "kept");
    assert_int_equal(aif_residency_format(&set, text, 6), 0);
    for (int i = 0; i < AIF_RESIDENCY_CODES; i++)
        aif_residency_add(&all, i);
    assert_int_equal(aif_residency_format(&all, text, sizeof(text)), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_knows_the_assigned_codes),
        cmocka_unit_test(test_agrees_with_the_system),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_length_cap),
        cmocka_unit_test(test_site_groups),
        cmocka_unit_test(test_set_operations),
        cmocka_unit_test(test_format_that_does_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
