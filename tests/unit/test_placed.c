/* test_placed.c - placed.h: a placement's score in words and in JSON */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "placed.h"

static void expect(const char *score, const char *words, const char *json)
{
    struct json_object *object = aif_placed_json(score);
    char *text = aif_placed_text(score);

    assert_non_null(text);
    assert_string_equal(text, words);
    assert_string_equal(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN), json);
    json_object_put(object);
    free(text);
}

static void test_scores(void **state)
{
    (void)state;
    expect("83 leaf 3/2 group 1/1", "83 % of the best possible then: leaf 3 (least 2), group 1 (least 1)",
           "{\"percent\":83,\"levels\":[{\"level\":\"leaf\",\"islands\":3,\"least\":2},"
           "{\"level\":\"group\",\"islands\":1,\"least\":1}]}");
    expect("100 leaf 1/1", "100 % of the best possible then: leaf 1 (least 1)",
           "{\"percent\":100,\"levels\":[{\"level\":\"leaf\",\"islands\":1,\"least\":1}]}");
}

static void test_what_is_none(void **state)
{
    static const char *const cases[] = {"", "?", "leaf 3/2", "101 leaf 1/1", "83 leaf", "83 leaf 3/2 group", "-1 leaf 1/1"};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(aif_placed_text(cases[i]));
        assert_null(aif_placed_json(cases[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_what_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
