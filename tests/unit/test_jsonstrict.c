/* test_jsonstrict.c - unit tests of jsonstrict.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "jsonstrict.h"

/* From memory of exactly that size, so that a tool sees what is read beyond it. */
static json_object *parse(const char *text, enum json_tokener_error *ret_reason, size_t *ret_offset)
{
    size_t length = strlen(text);
    char *copy = malloc(length ? length : 1);
    json_object *object;

    assert_non_null(copy);
    memcpy(copy, text, length);
    object = aif_jsonstrict_parse(copy, length, 8, ret_reason, ret_offset);
    free(copy);
    return object;
}

static void test_takes_text_of_every_language(void **state)
{
    static const char *const words[] = {"plain", "t\xc3\xa4xt", "\xce\x95\xce\x9b",
                                        "\xf0\x9f\x92\xbb"};
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        enum json_tokener_error reason;
        json_object *object, *value;

        strcat(strcat(strcpy(text, "{\"word\": \""), words[i]), "\"}");
        object = parse(text, &reason, NULL);
        assert_int_equal(reason, json_tokener_success);
        assert_true(json_object_object_get_ex(object, "word", &value));
        assert_string_equal(json_object_get_string(value), words[i]);
        json_object_put(object);
    }
}

static void test_takes_one_value(void **state)
{
    static const char *const texts[] = {"7", "-5", " [1, 2] \n", "\"x\"", "true", "{}"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        enum json_tokener_error reason = json_tokener_error_size;
        json_object *object = parse(texts[i], &reason, NULL);

        assert_int_equal(reason, json_tokener_success);
        assert_non_null(object);
        json_object_put(object);
    }
}

/* Each as it is and with a word that is not ASCII before the mistake. */
static void test_refuses_what_is_not_strict(void **state)
{
    static const char *const rests[] = {
        ",}",

        "\"x\": 01}", "\"x\": 1} y", "\"x\": 1", "\"x\": [[[[[[[[[1]]]]]]]]]}", "\"x\": \xc3\xa4}",
        "\"x\": tru}"};
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++)
        for (int foreign = 0; foreign < 2; foreign++) {
            enum json_tokener_error reason = json_tokener_success;

            strcat(strcpy(text, foreign ? "{\"\xc3\xa4\": 1, " : "{\"a\": 1, "), rests[i]);
            assert_null(parse(text, &reason, NULL));
            assert_int_not_equal(reason, json_tokener_success);
        }
    assert_null(parse("", NULL, NULL));
}

static void test_tells_the_place(void **state)
{
    enum json_tokener_error reason;
    size_t offset = 0;

    (void)state;
    assert_null(parse("{\"\xc3\xa4\": x}", &reason, &offset));
    assert_int_equal(offset, 7);
    assert_null(parse("{\"a\": 1", &reason, &offset));
    assert_int_equal(offset, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_text_of_every_language),
        cmocka_unit_test(test_takes_one_value),
        cmocka_unit_test(test_refuses_what_is_not_strict),
        cmocka_unit_test(test_tells_the_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
