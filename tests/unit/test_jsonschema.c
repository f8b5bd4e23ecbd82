/* test_jsonschema.c - unit tests of jsonschema.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "jsonschema.h"
#include "rules.h"

struct thing {
    char *text;
    bool flag;
    uint32_t count;
    int32_t balance;
    char **words;
    int color;
};

static int read_color(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                      void *ret_value, struct aif_error *err)
{
    static const char *const words[] = {"red", "green", NULL};

    (void)field;
    return aif_jsonschema_choice(node, words, ret_value, err);
}

static const struct aif_jsonfield fields[] = {
    {"text", AIF_JSON_TEXT, true, aif_jsonschema_text, offsetof(struct thing, text), 1, 8},
    {"flag", AIF_JSON_BOOL, false, aif_jsonschema_bool, offsetof(struct thing, flag), 0, 0},
    {"count", AIF_JSON_INT, false, aif_jsonschema_u32, offsetof(struct thing, count), 1,
     UINT32_MAX},
    {"balance", AIF_JSON_INT, false, aif_jsonschema_i32, offsetof(struct thing, balance), -5, 5},
    {"words", AIF_JSON_ARRAY, false, aif_jsonschema_texts, offsetof(struct thing, words), 1, 3},
    {"color", AIF_JSON_TEXT, false, read_color, offsetof(struct thing, color), 0, 0},
    {0},
};

static int read_thing(const char *text, struct thing *thing, struct aif_error *err)
{
    struct aif_jsonfile *file = NULL;
    struct aif_jsonnode root;
    int rc;

    assert_int_equal(aif_jsonfile_parse(text, strlen(text), "f", &file, err), 0);
    root = aif_jsonschema_root(file);
    rc = aif_jsonschema_object(&root, fields, thing, err);
    aif_jsonfile_destroy(file);
    return rc;
}

static void free_thing(struct thing *thing)
{
    free(thing->text);
    aif_jsonschema_texts_destroy(thing->words);
}

static void test_reads_every_kind(void **state)
{
    struct thing thing = {.text = strdup("default")};

    (void)state;
    assert_int_equal(read_thing("{\"color\": \"green\", \"words\": [\"a\", \"b\"], \"balance\": "
                                "-5, \"count\": 4294967295,"
                                " \"flag\": true, \"text\": \"t\xc3\xa4xt\"}",
                                &thing, NULL),
                     0);
    assert_string_equal(thing.text, "t\xc3\xa4xt");
    assert_true(thing.flag);
    assert_int_equal(thing.count, UINT32_MAX);
    assert_int_equal(thing.balance, -5);
    assert_string_equal(thing.words[0], "a");
    assert_string_equal(thing.words[1], "b");
    assert_null(thing.words[2]);
    assert_int_equal(thing.color, 1);
    free_thing(&thing);
}

static void test_leaves_out_what_is_not_there(void **state)
{
    struct thing thing = {.count = 7, .balance = 3};

    (void)state;
    assert_int_equal(read_thing("{\"text\": \"x\"}", &thing, NULL), 0);
    assert_int_equal(thing.count, 7);
    assert_int_equal(thing.balance, 3);
    assert_null(thing.words);
    free_thing(&thing);
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text;
        int code;
        const char *message;
    } cases[] = {
        {"{}", AIF_ESCHEMA, "f:1:1: text: required key is missing: \"text\" (AIF-C005); add it"},
        {"{\"txt\": 1}", AIF_ESCHEMA,
         "f:1:3: txt: unknown key: \"txt\" (AIF-C003); did you mean \"text\"?"},
        {"{\"zebra\": 1}", AIF_ESCHEMA, "known keys: text flag count balance words color"},
        {"{\n\"text\": 5}", AIF_ESCHEMA,
         "f:2:2: text: wrong type: 5, must be a text in quotes (AIF-C004); "},
        {"{\"text\": \"x\", \"flag\": 1}", AIF_ESCHEMA,
         "flag: wrong type: 1, must be true or false"},
        {"{\"text\": \"x\", \"count\": true}", AIF_ESCHEMA,
         "count: wrong type: true, must be a whole number"},
        {"{\"text\": \"x\", \"words\": {}}", AIF_ESCHEMA,
         "words: wrong type: {...}, must be an array"},
        {"{\"text\": \"x\", \"words\": [\"a\", null]}", AIF_ESCHEMA,
         "words[1]: wrong type: null, must be a text"},
        {"{\"text\": \"\"}", AIF_EINVAL, "text: out of range: \"\", limit 1 to 8 bytes (AIF-C007)"},
        {"{\"text\": \"123456789\"}", AIF_EINVAL,
         "text: out of range: \"123456789\", limit 1 to 8 bytes"},
        {"{\"text\": \"a\\n\"}", AIF_EINVAL, "limit text without control characters"},
        {"{\"text\": \"\\u0000\"}", AIF_EINVAL, "limit text without control characters"},
        {"{\"text\": \"\\u007f\"}", AIF_EINVAL, "limit text without control characters"},
        {"{\"text\": \"x\", \"count\": 0}", AIF_EINVAL,
         "count: out of range: 0, limit 1 to 4294967295 (AIF-C007)"},
        {"{\"text\": \"x\", \"count\": 4294967296}", AIF_EINVAL, "out of range: 4294967296"},
        {"{\"text\": \"x\", \"count\": 9223372036854775807}", AIF_EINVAL,
         "count: out of range: "},
        {"{\"text\": \"x\", \"balance\": -6}", AIF_EINVAL, "out of range: -6, limit -5 to 5"},
        {"{\"text\": \"x\", \"words\": []}", AIF_EINVAL, "limit at least one entry"},
        {"{\"text\": \"x\", \"words\": [\"\"]}", AIF_EINVAL,
         "words[0]: out of range: \"\", limit 1 to 255 bytes"},
        {"{\"text\": \"x\", \"words\": [\"a\",\"b\",\"c\",\"d\"]}", AIF_EINVAL,
         "too many entries: 4, limit 3"},
        {"{\"text\": \"x\", \"color\": \"blue\"}", AIF_EINVAL,
         "out of range: \"blue\", limit \"red\" or \"green\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct thing thing = {0};
        struct aif_error err = {0};

        assert_int_equal(read_thing(cases[i].text, &thing, &err), -1);
        assert_int_equal(err.code, cases[i].code);
        assert_non_null(strstr(err.text, cases[i].message));
        free_thing(&thing);
        thing = (struct thing){0};
        assert_int_equal(read_thing(cases[i].text, &thing, NULL), -1);
        free_thing(&thing);
    }
}

static void test_shows_long_values_cut(void **state)
{
    char text[400] = "{\"text\": \"";
    struct thing thing = {0};
    struct aif_error err;

    (void)state;
    memset(text + 10, 'x', 300);
    strcpy(text + 310, "\"}");
    assert_int_equal(read_thing(text, &thing, &err), -1);
    assert_non_null(strstr(err.text, "xxx..., limit"));
    assert_true(strlen(err.text) < 200);
}

static void test_place_of_a_cause(void **state)
{
    static const char text[] = "{\n \"a\": [0,\n {\"b.c\": 1}]}";
    struct aif_error cause = {AIF_EINVAL, "no such country"}, err;
    struct aif_jsonfile *file = NULL;
    struct aif_jsonnode root, a, second, leaf;

    (void)state;
    assert_int_equal(aif_jsonfile_parse(text, strlen(text), "dir/f.json", &file, NULL), 0);
    root = aif_jsonschema_root(file);
    a = (struct aif_jsonnode){.up = &root, .file = file, .key = "a"};
    second = (struct aif_jsonnode){.up = &a, .file = file, .index = 1};
    leaf = (struct aif_jsonnode){.up = &second, .file = file, .key = "b.c"};
    assert_int_equal(aif_jsonschema_wrap(&leaf, &cause, &err), -1);
    assert_int_equal(err.code, AIF_EINVAL);
    assert_string_equal(err.text, "dir/f.json:3:4: a[1].b.c: no such country");
    assert_int_equal(aif_jsonschema_wrap(&leaf, &cause, NULL), -1);
    assert_int_equal(
        aif_jsonschema_fail(&root, AIF_C_REFERENCE, "name another", &err, "no %s", "mode"), -1);
    assert_int_equal(err.code, AIF_ENOENT);
    assert_string_equal(err.text, "dir/f.json:1:1: top level: no mode (AIF-C008); name another");
    aif_jsonfile_destroy(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_every_kind),
        cmocka_unit_test(test_leaves_out_what_is_not_there),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_shows_long_values_cut),
        cmocka_unit_test(test_place_of_a_cause),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
