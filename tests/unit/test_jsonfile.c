/* test_jsonfile.c - unit tests of jsonfile.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "configtest.h"
#include "jsonfile.h"

static void check_text(const char *text, size_t length, int code, const char *message)
{
    struct aif_jsonfile *file = NULL;
    struct aif_error err = {0};
    int rc = aif_jsonfile_parse(text, length, "f.json", &file, &err);

    assert_int_equal(rc, code ? -1 : 0);
    assert_int_equal(err.code, code);
    drop_column(err.text);
    assert_non_null(strstr(err.text, message));
    assert_int_equal(file != NULL, code == 0);
    aif_jsonfile_destroy(file);
}

static void test_parses(void **state)
{
    static const char text[] = "// a\n{\"a\": [1, 2.5, true, null, \"x\"]} \n";
    struct aif_jsonfile *file = NULL;

    (void)state;
    assert_int_equal(aif_jsonfile_parse(text, strlen(text), "f.json", &file, NULL), 0);
    assert_string_equal(file->name, "f.json");
    assert_int_equal(file->length, strlen(text));
    assert_int_equal(json_object_array_length(json_object_object_get(file->root, "a")), 5);
    aif_jsonfile_destroy(file);
    aif_jsonfile_destroy(NULL);
}

static void test_tells_line_and_column(void **state)
{
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"", "f.json:1:1: "},
        {"{\n  \"a\": 1,\n  \"a\": 2\n}", "f.json:3:4: a: "},
        {"{\"\303\266\303\266\": 'x'}", "f.json:1:8: "},
        {"[]", "f.json:1:1: "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_jsonfile *file;
        struct aif_error err = {0};

        assert_int_equal(aif_jsonfile_parse(cases[i].text, strlen(cases[i].text), "f.json", &file, &err), -1);
        if (strncmp(err.text, cases[i].place, strlen(cases[i].place)))
            fail_msg("want %s\n  got  %s", cases[i].place, err.text);
    }
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text;
        int code;
        const char *message;
    } cases[] = {
        {"", AIF_ESYNTAX, "f.json:1: top level: not JSON: the file ends"},
        {"{", AIF_ESYNTAX, "f.json:1: top level: not JSON: the file ends"},
        {"{\"a\": 1", AIF_ESYNTAX, "f.json:1: a: not JSON: the file ends"},
        {"{\n\"a\": ]\n}", AIF_ESYNTAX, "f.json:2: a: not JSON: "},
        {"{\"a\": 1,}", AIF_ESYNTAX, "f.json:1: a: not JSON: "},
        {"{\"a\": [1,]}", AIF_ESYNTAX, "f.json:1: a[1]: not JSON: "},
        {"{\"a\": tru}", AIF_ESYNTAX, "f.json:1: a: not JSON: "},
        {"{\"a\": True}", AIF_ESYNTAX, "f.json:1: a: not JSON: "},
        {"{\"a\": -}", AIF_ESYNTAX, "f.json:1: a: not JSON: "},
        {"{\"a\" 1}", AIF_ESYNTAX, "f.json:1: a: not JSON: "},
        {"{a: 1}", AIF_ESYNTAX, "f.json:1: top level: not JSON: "},
        {"{} {}", AIF_ESYNTAX, "f.json:1: top level: not JSON: "},
        {"{} x", AIF_ESYNTAX, "f.json:1: top level: not JSON: "},
        {"{\"a\": \"\\x\"}", AIF_ESYNTAX, "f.json:1: a: not JSON: "},
        {"{\"a\": 'x'}", AIF_ESYNTAX,
         "f.json:1: a: character that JSON has only in double quotes (AIF-C002)"},
        {"[]", AIF_ESCHEMA,
         "f.json:1: top level: wrong type: must be an object, { ... } (AIF-C004)"},
        {"7", AIF_ESCHEMA, "(AIF-C004)"},
        {"null", AIF_ESCHEMA, "(AIF-C004)"},
        {"{\"a\": {\n\"b\": 1,\n\"b\": 1}}", AIF_ESCHEMA,
         "f.json:3: a.b: key given twice (AIF-C006)"},
        {"{\"\\u0061\": 1}", AIF_ESCHEMA, "escape sequence in a key (AIF-C003)"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_text(cases[i].text, strlen(cases[i].text), cases[i].code, cases[i].message);
    check_text("{\"a\": \"\0\"}", 10, AIF_ESYNTAX, "f.json:1: a: NUL byte (AIF-C002)");
    check_text("{}\0", 3, AIF_ESYNTAX, "NUL byte");
    check_text("{\"a\": \"\xff\"}", 10, AIF_ESYNTAX, "invalid UTF-8 (AIF-C002)");
}

static void test_depth(void **state)
{
    char text[200] = "{\"a\": ";

    (void)state;
    for (int depth = 2; depth <= 40; depth++) {
        size_t length = 6;

        memset(text + length, '[', (size_t)depth - 1);
        length += (size_t)depth - 1;
        memset(text + length, ']', (size_t)depth - 1);
        length += (size_t)depth - 1;
        text[length++] = '}';
        /* json-c counts the innermost empty array, too: one level more or less does not matter, the
         * cap does. */
        if (depth < AIF_JSONTEXT_DEPTH)
            check_text(text, length, AIF_EOK, "");
        else if (depth > AIF_JSONTEXT_DEPTH)
            check_text(text, length, AIF_ESYNTAX, "(AIF-C002)");
    }
}

static void test_size_cap(void **state)
{
    size_t length = AIF_JSONFILE_MAX + 1;
    char *text = malloc(length);

    (void)state;
    assert_non_null(text);
    memset(text, ' ', length);
    memcpy(text, "{}", 2);
    check_text(text, length, AIF_ELIMIT,
               "f.json: too large: 67108865 bytes, limit 67108864 (AIF-C001)");
    free(text);
}

static void test_reads_a_file(void **state)
{
    char *path = write_temp("{}\n", 3), *text = NULL;
    size_t length = 0;

    (void)state;
    assert_int_equal(aif_jsonfile_read(path, &text, &length, NULL), 0);
    assert_int_equal(length, 3);
    assert_string_equal(text, "{}\n");
    free(text);
    remove_temp(path);
}

static void check_unreadable(const char *path, int code, const char *message)
{
    struct aif_error err = {0};
    char *text = NULL;
    size_t length = 0;

    assert_int_equal(aif_jsonfile_read(path, &text, &length, &err), -1);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.text, message));
    assert_non_null(strstr(err.text, "(AIF-C001); "));
    assert_null(text);
}

static void test_unreadable_files(void **state)
{
    char *path = write_temp("", 0);

    (void)state;
    check_unreadable("/nonexistent/policy.json", AIF_ENOENT, "No such file");
    check_unreadable("/", AIF_EIO, "no regular file");
    check_unreadable("/dev/null", AIF_EIO, "no regular file");
    assert_int_equal(truncate(path, AIF_JSONFILE_MAX + 1), 0);
    check_unreadable(path, AIF_ELIMIT, "too large: 67108865 bytes, limit 67108864");
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    check_unreadable(path, AIF_EIO, "no regular file"); /* and does not wait for a writer */
    remove_temp(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parses),       cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_tells_line_and_column),
        cmocka_unit_test(test_depth),        cmocka_unit_test(test_size_cap),
        cmocka_unit_test(test_reads_a_file), cmocka_unit_test(test_unreadable_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
