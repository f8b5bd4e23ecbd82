/* test_datasetids.c - unit tests of datasetids.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "datasetids.h"

static void check_added(const char *first, const char *more, const char *expected)
{
    char ids[AIF_DATASETIDS_SIZE] = "";

    if (*first)
        assert_int_equal(aif_datasetids_add(ids, first), 0);
    assert_int_equal(aif_datasetids_add(ids, more), 0);
    assert_string_equal(ids, expected);
}

static void test_adds(void **state)
{
    (void)state;
    check_added("", "a", "a");
    check_added("", "B.1,a-2,c_3", "b.1,a-2,c_3");
    check_added("", "a,A,a", "a");
    check_added("a", "b", "a,b");
    check_added("a,b", "b,a", "a,b");
    check_added("ab", "a,abc", "ab,a,abc");
}

static void check_refused(const char *more)
{
    char ids[AIF_DATASETIDS_SIZE] = "kept";

    assert_int_equal(aif_datasetids_add(ids, more), -1);
    assert_string_equal(ids, "kept");
}

static void test_refuses(void **state)
{
    char text[80] = "";

    (void)state;
    check_refused("");
    check_refused(",");
    check_refused("a,");
    check_refused(",a");
    check_refused("a,,b");
    check_refused("a b");
    check_refused("a;b");
    check_refused("\303\244");
    check_refused("a,b,c,d,e,f,g,h"); /* with the one that is there, nine */
    memset(text, 'a', 64);
    check_refused(text);
    text[63] = '\0';
    assert_true(aif_datasetids_is_id(text));
}

static void test_caps_the_length(void **state)
{
    char ids[AIF_DATASETIDS_SIZE] = "", id[AIF_DATASETIDS_ID_SIZE];

    (void)state;
    for (int i = 0; i < 4; i++) {
        memset(id, 'a' + i, 63);
        id[63] = '\0';
        assert_int_equal(aif_datasetids_add(ids, id), 0);
    }
    assert_int_equal(strlen(ids), 255);
    assert_int_equal(aif_datasetids_add(ids, "b"), -1);
}

static void test_walks(void **state)
{
    static const char *const expected[] = {"a", "bc", "d"};
    const char *at = "a,bc,d";
    char id[AIF_DATASETIDS_ID_SIZE];

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(aif_datasetids_next(&at, id));
        assert_string_equal(id, expected[i]);
    }
    assert_false(aif_datasetids_next(&at, id));
}

static void test_within(void **state)
{
    (void)state;
    assert_true(aif_datasetids_within("", ""));
    assert_true(aif_datasetids_within("", "a"));
    assert_true(aif_datasetids_within("b,a", "a,c,b"));
    assert_false(aif_datasetids_within("a", ""));
    assert_false(aif_datasetids_within("a", "ab"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adds),  cmocka_unit_test(test_refuses), cmocka_unit_test(test_caps_the_length),
        cmocka_unit_test(test_walks), cmocka_unit_test(test_within),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
