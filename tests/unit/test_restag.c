/* test_restag.c - unit tests of restag.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "restag.h"

static struct aif_restag parse(const char *text)
{
    struct aif_restag tag;
    struct aif_error err = {0};

    if (aif_restag_parse(text, NULL, 0, &tag, &err))
        fail_msg("%s: %s", text, err.text);
    return tag;
}

static void check_text(const struct aif_restag *tag, const char *expected)
{
    char text[AIF_RESTAG_TEXT_MAX];
    struct aif_restag back;

    assert_int_equal(aif_restag_format(tag, text, sizeof(text)), 0);
    assert_string_equal(text, expected);
    back = parse(text);
    assert_true(aif_restag_equal(&back, tag));
}

static void test_reads_and_writes(void **state)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"fi", "FI"},
        {"EEA30", "EEA30"},
        {"eu28-uk", "EU27"},
        {"EU27|IS|LI|NO|GB", "EEA31"},
        {"FI|SE;zone=spe;class=ehds;permit=FI-2026-17",
         "FI|SE;zone=spe;class=ehds;permit=FI-2026-17"},
        {"SE | FI;permit=b+a+b;ZONE=SPE", "FI|SE;zone=spe;permit=a+b"},
        {"FI;class=E.x_1-2", "FI;class=e.x_1-2"},
        {"FI;permit=findata/2026:17", "FI;permit=findata/2026:17"},
        {"FI;permit=b", "FI;permit=b"},
        {"FI;permit=ab+a+abc", "FI;permit=a+ab+abc"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_restag tag = parse(cases[i].text);

        check_text(&tag, cases[i].canonical);
    }
}

static void check_refused(const char *text, const char *what)
{
    struct aif_restag tag = {.zone = "kept"};
    struct aif_error err = {0};

    assert_int_equal(aif_restag_parse(text, NULL, 0, &tag, &err), -1);
    if (!strstr(err.text, what) || !strstr(err.text, "(AIF-R001); "))
        fail_msg("%s: %s", text, err.text);
    assert_string_equal(tag.zone, "kept");
    assert_int_equal(aif_restag_parse(text, NULL, 0, &tag, NULL), -1);
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text, *what;
    } cases[] = {
        {"", "a country or group is missing"},
        {";zone=spe", "a country or group is missing"},
        {"FI;", "has no '='"},
        {"FI;zone", "has no '='"},
        {"FI;zone=", "1 to 31 letters"},
        {"FI;zone=a b", "1 to 31 letters"},
        {"FI;zone=abcdefghijklmnopqrstuvwxyz012345", "1 to 31 letters"},
        {"FI;zone=a;zone=a", "given twice"},
        {"FI;colour=red", "no such attribute"},
        {"FI; zone=a", "no such attribute"},
        {"FI;permit=", "a permit is"},
        {"FI;permit=a+", "a permit is"},
        {"FI;permit=a++b", "a permit is"},
        {"FI;permit=a,b", "a permit is"},
        {"FI;permit=\303\244", "a permit is"},
        {"FI;class=a;permit=a;class=b", "given twice"},
        {"XX;zone=spe", "no country code or group"},
        {"FI&SE;zone=spe", "which no country satisfies"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_refused(cases[i].text, cases[i].what);
}

static void test_caps(void **state)
{
    char text[600] = "FI;permit=";
    size_t start = strlen(text);

    (void)state;
    memset(text + start, 'a', 63);
    assert_int_equal(strlen(parse(text).permits), 63);
    text[start + 63] = 'a';
    check_refused(text, "a permit is 1 to 63");
    memset(text + start + 64, 0, 1);
    text[start + 63] = '+';
    memset(text + start + 64, 'b', 63);
    assert_int_equal(strlen(parse(text).permits), 127);
    strcpy(text + start + 127, "+c");
    check_refused(text, "127 characters");
    memset(text + start, ';', 300);
    check_refused(text, "longer than 255");
}

static void test_rest_alone(void **state)
{
    struct aif_restag tag = parse("FI");
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(aif_restag_parse_rest(";zone=spe;permit=x", &tag, &err), 0);
    check_text(&tag, "FI;zone=spe;permit=x");
    assert_int_equal(aif_restag_parse_rest("", &tag, &err), 0);
    check_text(&tag, "FI");
    assert_int_equal(aif_restag_parse_rest("zone=spe", &tag, &err), -1);
    assert_non_null(strstr(err.text, "a ';' is expected"));
    check_text(&tag, "FI");
}

static void test_does_not_write_what_does_not_fit(void **state)
{
    struct aif_restag tag = parse("FI;zone=spe"), many = {0};
    char text[AIF_RESTAG_TEXT_MAX] = "kept";

    (void)state;
    assert_int_equal(aif_restag_format(&tag, text, 11), -1);
    assert_string_equal(text, "kept");
    assert_int_equal(aif_restag_format(&tag, text, 12), 0);
    for (int i = 0; i < 80; i++)
        aif_residency_add(&many.set, i);
    assert_int_equal(aif_restag_format(&many, text, sizeof(text)), 0);
    strcpy(many.zone, "abcdefghijklmnopqrst");
    assert_int_equal(aif_restag_format(&many, text, sizeof(text)), -1);
}

static void test_expands(void **state)
{
    char text[AIF_RESTAG_TEXT_MAX] = "kept";

    (void)state;
    assert_int_equal(aif_restag_expand("EU27;zone=spe", text, sizeof(text)), 0);
    assert_string_equal(text, "AT|BE|BG|CY|CZ|DE|DK|EE|ES|FI|FR|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|"
                              "SI|SK;zone=spe");
    assert_int_equal(aif_restag_expand("SE|FI", text, 6), 0);
    assert_string_equal(text, "FI|SE");
    assert_int_equal(aif_restag_expand("SE|FI", text, 5), -1);
    assert_int_equal(aif_restag_expand("", text, sizeof(text)), -1);
    assert_int_equal(aif_restag_expand("NORDIC", text, sizeof(text)), -1);
    assert_string_equal(text, "FI|SE");
}

static void test_intersects(void **state)
{
    static const struct {
        const char *a, *b, *both;
        enum aif_restag_clash clash;
    } cases[] = {
        {"EEA30", "FI|US", "FI", AIF_RESTAG_FITS},
        {"FI|SE;zone=spe", "SE;class=ehds", "SE;zone=spe;class=ehds", AIF_RESTAG_FITS},
        {"FI;zone=spe", "FI;zone=spe", "FI;zone=spe", AIF_RESTAG_FITS},
        {"FI;permit=b", "FI;permit=a+b", "FI;permit=a+b", AIF_RESTAG_FITS},
        {"FI", "SE;zone=x", "FI", AIF_RESTAG_COUNTRIES},
        {"FI;zone=spe", "FI;zone=open", "FI;zone=spe", AIF_RESTAG_ZONE},
        {"FI;class=ehds", "FI|SE;class=gdpr", "FI;class=ehds", AIF_RESTAG_CLASS},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_restag a = parse(cases[i].a), b = parse(cases[i].b), other = b;

        assert_int_equal(aif_restag_intersect(&other, &a), cases[i].clash);
        assert_int_equal(aif_restag_intersect(&a, &b), cases[i].clash);
        check_text(&a, cases[i].both);
        if (cases[i].clash == AIF_RESTAG_FITS)
            assert_true(aif_restag_equal(&a, &other));
    }
}

static void test_too_many_permits_clash(void **state)
{
    char one[200] = "FI;permit=", two[200] = "FI;permit=";
    struct aif_restag a, b;

    (void)state;
    memset(one + strlen(one), 'a', 63);
    memset(two + strlen(two), 'b', 63);
    a = parse(one);
    b = parse(two);
    assert_int_equal(aif_restag_intersect(&a, &b), AIF_RESTAG_FITS);
    b = parse("FI;permit=c");
    assert_int_equal(aif_restag_intersect(&a, &b), AIF_RESTAG_PERMITS);
    assert_int_equal(strlen(a.permits), 127);
    assert_false(aif_restag_within(&a, &b));
    b = parse(one);
    assert_true(aif_restag_within(&a, &b));
}

static void test_within(void **state)
{
    static const struct {
        const char *inner, *outer;
        bool within;
    } cases[] = {
        {"FI", "EEA30", true},
        {"EEA30", "FI", false},
        {"FI;zone=spe", "FI", true},
        {"FI", "FI;zone=spe", false},
        {"FI;zone=a", "FI;zone=b", false},
        {"FI;class=a", "FI;class=a", true},
        {"FI", "FI;class=a", false},
        {"FI;permit=a+b", "FI;permit=b", true},
        {"FI;permit=b", "FI;permit=a+b", false},
        {"FI;permit=ab", "FI;permit=a", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_restag inner = parse(cases[i].inner), outer = parse(cases[i].outer);

        assert_int_equal(aif_restag_within(&inner, &outer), cases[i].within);
    }
}

static void test_places(void **state)
{
    struct aif_restag open = parse("FI|SE"), zoned = parse("FI;zone=spe");
    const int fi = aif_residency_country("FI");

    (void)state;
    assert_true(aif_restag_has(&open, fi, NULL));
    assert_true(aif_restag_has(&open, fi, "spe"));
    assert_false(aif_restag_has(&open, aif_residency_country("NO"), NULL));
    assert_false(aif_restag_has(&open, -1, "spe"));
    assert_true(aif_restag_has(&zoned, fi, "spe"));
    assert_false(aif_restag_has(&zoned, fi, NULL));
    assert_false(aif_restag_has(&zoned, fi, "open"));
}

static void test_names(void **state)
{
    (void)state;
    assert_true(aif_restag_is_name("spe"));
    assert_false(aif_restag_is_name(""));
    assert_false(aif_restag_is_name("a;b"));
    assert_false(aif_restag_is_name("a+b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_and_writes),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_rest_alone),
        cmocka_unit_test(test_does_not_write_what_does_not_fit),
        cmocka_unit_test(test_expands),
        cmocka_unit_test(test_intersects),
        cmocka_unit_test(test_too_many_permits_clash),
        cmocka_unit_test(test_within),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
