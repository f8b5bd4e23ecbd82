/* test_jsontext.c - unit tests of jsontext.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "jsontext.h"

static void test_blanks_comments(void **state)
{
    static const struct {
        const char *text, *cleaned;
    } cases[] = {
        {"{} // x\n{}", "{}     \n{}"},
        {"//", "  "},
        {"/**/1", "    1"},
        {"/***/1", "     1"},
        {"/*a\n\"b*/1", "   \n    1"},
        {"\"// no\" // yes", "\"// no\"       "},
        {"\"\\\"// no\"", "\"\\\"// no\""},
        {"\"\\\\\"//x", "\"\\\\\"   "},
        {"1 // \xc3\xa4\r\n", "1      \r\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[64];
        size_t offset;
        const char *what;

        strcpy(text, cases[i].text);
        assert_int_equal(aif_jsontext_clean(text, strlen(text), &offset, &what), 0);
        assert_string_equal(text, cases[i].cleaned);
    }
}

#define TEXT(literal) literal, sizeof(literal) - 1
static void test_refuses_what_is_no_text(void **state)
{
    static const struct {
        const char *text;
        size_t length, offset;
        const char *what;
    } cases[] = {
        {TEXT("{\0}"), 1, "NUL byte"},
        {TEXT("\"a\0b\""), 2, "NUL byte"},
        {TEXT("\"\xff\""), 1, "invalid UTF-8"},
        {TEXT("\"\xc0\x80\""), 1, "invalid UTF-8"},
        {TEXT("\"\xc3\""), 1, "invalid UTF-8"},
        {TEXT("\"\xe0\x9f\xbf\""), 1, "invalid UTF-8"},
        {TEXT("\"\xe4\xb8\""), 1, "invalid UTF-8"},
        {TEXT("\"\xe4\xb8"), 1, "invalid UTF-8"},
        {TEXT("\"\xed\xa0\x80\""), 1, "invalid UTF-8"},
        {TEXT("\"\xf0\x8f\xbf\xbf\""), 1, "invalid UTF-8"},
        {TEXT("\"\xf4\x90\x80\x80\""), 1, "invalid UTF-8"},
        {TEXT("\"\xf5\x80\x80\x80\""), 1, "invalid UTF-8"},
        {TEXT("// \xe4\n{}"), 3, "invalid UTF-8"},
        {TEXT("\"a\tb\""), 2, "control character in a string"},
        {TEXT("{\n\"a\n\"}"), 2, "unterminated string"},
        {TEXT("\""), 0, "unterminated string"},
        {TEXT("\"a\\\""), 0, "unterminated string"},
        {TEXT("{} /* x"), 3, "unterminated comment"},
        {TEXT("{} /*/"), 3, "unterminated comment"},
        {TEXT("{'a': 1}"), 1, "character that JSON has only in double quotes"},
        {TEXT("{} / {}"), 3, "character that JSON has only in double quotes"},
        {TEXT("\xc2\xa0{}"), 0, "character that JSON has only in double quotes"},
        {TEXT("\xef\xbb\xbf{}"), 0, "character that JSON has only in double quotes"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = malloc(cases[i].length); /* no NUL behind it: valgrind sees a step too far */
        size_t offset = 99;
        const char *what = NULL;

        assert_non_null(text);
        memcpy(text, cases[i].text, cases[i].length);
        assert_int_equal(aif_jsontext_clean(text, cases[i].length, &offset, &what), -1);
        assert_string_equal(what, cases[i].what);
        assert_int_equal(offset, cases[i].offset);
        free(text);
    }
}

static void test_takes_valid_utf8(void **state)
{
    char text[] = "\"\xc3\xa4 \xe2\x82\xac \xed\x9f\xbf \xee\x80\x80 \xf0\x90\x80\x80 "
                  "\xf4\x8f\xbf\xbf \x7f\"";
    size_t offset;
    const char *what;

    (void)state;
    assert_int_equal(aif_jsontext_clean(text, strlen(text), &offset, &what), 0);
}

static void test_lines(void **state)
{
    (void)state;
    assert_int_equal(aif_jsontext_line("ab\n\nc", 0), 1);
    assert_int_equal(aif_jsontext_line("ab\n\nc", 2), 1);
    assert_int_equal(aif_jsontext_line("ab\n\nc", 3), 2);
    assert_int_equal(aif_jsontext_line("ab\n\nc", 4), 3);
}

static void test_repeated_keys(void **state)
{
    static const struct {
        const char *text;
        int found;
        size_t offset;
    } cases[] = {
        {"{}", 0, 0},
        {"{\"a\":1,\"b\":1}", 0, 0},
        {"{\"a\":1,\"a\":1}", AIF_JSONTEXT_TWICE, 8},
        {"{\"a\":1,\"A\":1}", 0, 0},
        {"{\"a\":\"a\",\"b\":\"a\"}", 0, 0},
        {"{\"a\":{\"a\":1},\"b\":{\"a\":1}}", 0, 0},
        {"{\"a\":{\"b\":1},\"b\":1}", 0, 0},
        {"{\"a\":{\"b\":1,\"b\":2},\"b\":1}", AIF_JSONTEXT_TWICE, 13},
        {"[{\"a\":1},{\"a\":1}]", 0, 0},
        {"[[\"a\",\"a\"],{\"a\":[\"a\"],\"a\":1}]", AIF_JSONTEXT_TWICE, 23},
        {"{\"b\":1,\"a\":1,\"a\":1,\"b\":1}", AIF_JSONTEXT_TWICE, 14},
        {"{\"\":1,\"\":1}", AIF_JSONTEXT_TWICE, 7},
        {"{\"\\u0061\":1}", AIF_JSONTEXT_ESCAPED, 2},
        {"{\"a\":\"\\u0061\"}", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t offset = 0;
        const char *what = NULL;

        assert_int_equal(
            aif_jsontext_repeated(cases[i].text, strlen(cases[i].text), &offset, &what),
            cases[i].found);
        assert_int_equal(offset, cases[i].offset);
        assert_int_equal(what != NULL, cases[i].found != 0);
    }
}

static void test_many_keys(void **state)
{
    enum { KEYS = 50000 };
    char *text = malloc(KEYS * 16);
    size_t used = 0, offset;
    const char *what;

    (void)state;
    assert_non_null(text);
    text[used++] = '{';
    for (int i = 0; i < KEYS; i++)
        used += (size_t)sprintf(text + used, "\"k%d\":0,", i);
    assert_int_equal(aif_jsontext_repeated(text, used, &offset, &what), 0);
    used += (size_t)sprintf(text + used, "\"k7\":0}");
    assert_int_equal(aif_jsontext_repeated(text, used, &offset, &what), AIF_JSONTEXT_TWICE);
    assert_int_equal(offset, used - 6);
    free(text);
}

static void test_key_paths(void **state)
{
    static const struct {
        const char *text, *mark, *path;
    } cases[] = {
        {"{\"a\": {\"b\": [1, {\"c\": !", "!", "a.b[1].c"},
        {"{\"a\": 1, !", "!", "a"},
        {"[[], [1, !", "!", "[1][1]"},
        {"{\"a\": {\"b\": 1}} !", "!", ""},
        {"!", "!", ""},
        {"{!", "!", ""},
        {"}}!", "!", ""},
    };
    char small[4];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t offset = (size_t)(strstr(cases[i].text, cases[i].mark) - cases[i].text);
        char path[64];

        aif_jsontext_path(cases[i].text, strlen(cases[i].text), offset, path, sizeof(path));
        assert_string_equal(path, cases[i].path);
    }
    aif_jsontext_path("{\"long\": {\"longer\": !", 21, 20, small, sizeof(small));
    assert_string_equal(small, "lon");
}

static void check_find(const char *text, const struct aif_jsontext_step *steps, size_t count,
                       const char *at)
{
    size_t offset = aif_jsontext_find(text, strlen(text), steps, count);

    assert_int_equal(strncmp(text + offset, at, strlen(at)), 0);
}

static void test_finds(void **state)
{
    static const char text[] =
        " {\"a\": {\"b\": \"a\", \"ab\": 1},\n \"b\": [ 10, [20, 30], {\"c\": 40}], \"c\": 50}";

    (void)state;
    check_find(text, NULL, 0, "{\"a\"");
    check_find(text, (const struct aif_jsontext_step[]){{"a", 0}}, 1, "a\": {");
    check_find(text, (const struct aif_jsontext_step[]){{"a", 0}, {"ab", 0}}, 2, "ab\": 1");
    check_find(text, (const struct aif_jsontext_step[]){{"b", 0}, {NULL, 0}}, 2, "10,");
    check_find(text, (const struct aif_jsontext_step[]){{"b", 0}, {NULL, 1}, {NULL, 1}}, 3, "30]");
    check_find(text, (const struct aif_jsontext_step[]){{"b", 0}, {NULL, 2}, {"c", 0}}, 3,
               "c\": 40");
    check_find(text, (const struct aif_jsontext_step[]){{"c", 0}}, 1, "c\": 50");
    /* What is not there: the last step found. */
    check_find(text, (const struct aif_jsontext_step[]){{"a", 0}, {"x", 0}}, 2, "a\": {");
    check_find(text, (const struct aif_jsontext_step[]){{"x", 0}}, 1, "{\"a\"");
    check_find(text, (const struct aif_jsontext_step[]){{"c", 0}, {"x", 0}}, 2, "c\": 50");
    check_find(text, (const struct aif_jsontext_step[]){{"b", 0}, {NULL, 0}, {"c", 0}}, 3, "10,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blanks_comments),  cmocka_unit_test(test_refuses_what_is_no_text),
        cmocka_unit_test(test_takes_valid_utf8), cmocka_unit_test(test_lines),
        cmocka_unit_test(test_repeated_keys),    cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_key_paths),        cmocka_unit_test(test_finds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
