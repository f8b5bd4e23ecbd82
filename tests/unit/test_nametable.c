/* test_nametable.c - unit tests of nametable.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "nametable.h"

static void test_finds_without_case(void **state)
{
    struct aif_nametable *table = aif_nametable_create(2);
    int one, two;

    (void)state;
    assert_non_null(table);
    assert_null(aif_nametable_add(table, "One", &one));
    assert_null(aif_nametable_add(table, "two", &two));
    assert_ptr_equal(aif_nametable_get(table, "oNE"), &one);
    assert_ptr_equal(aif_nametable_get(table, "TWO"), &two);
    assert_null(aif_nametable_get(table, "three"));
    assert_null(aif_nametable_get(table, ""));
    aif_nametable_destroy(table);
}

static void test_keeps_the_first(void **state)
{
    struct aif_nametable *table = aif_nametable_create(2);
    int one, two;

    (void)state;
    assert_null(aif_nametable_add(table, "name", &one));
    assert_ptr_equal(aif_nametable_add(table, "NAME", &two), &one);
    assert_ptr_equal(aif_nametable_get(table, "name"), &one);
    aif_nametable_destroy(table);
    aif_nametable_destroy(NULL);
}

/* Hints change nothing, whether the name is there or not. */
static void test_hints(void **state)
{
    struct aif_nametable *table = aif_nametable_create(2), *empty = aif_nametable_create(0);
    int one;

    (void)state;
    assert_null(aif_nametable_add(table, "one", &one));
    assert_true(aif_nametable_expect(table, "ONE") == aif_nametable_expect(table, "one"));
    aif_nametable_fetch(table, aif_nametable_expect(table, "one"), 512, sizeof(one));
    aif_nametable_fetch(table, aif_nametable_expect(table, "two"), 512, sizeof(one));
    aif_nametable_fetch(empty, aif_nametable_expect(empty, "one"), 512, sizeof(one));
    assert_ptr_equal(aif_nametable_get(table, "one"), &one);
    assert_null(aif_nametable_get(table, "two"));
    aif_nametable_destroy(table);
    aif_nametable_destroy(empty);
}

static void test_empty_table(void **state)
{
    struct aif_nametable *table = aif_nametable_create(0);

    (void)state;
    assert_null(aif_nametable_get(table, "x"));
    aif_nametable_destroy(table);
}

static void test_holds_as_many_as_it_was_made_for(void **state)
{
    enum { COUNT = 20000 };
    static char names[COUNT][16];
    struct aif_nametable *table = aif_nametable_create(COUNT);

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof(names[i]), "p%d", i);
        assert_null(aif_nametable_add(table, names[i], names[i]));
    }
    for (int i = 0; i < COUNT; i++)
        assert_ptr_equal(aif_nametable_get(table, names[i]), names[i]);
    assert_null(aif_nametable_get(table, "p20000"));
    aif_nametable_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_without_case),
        cmocka_unit_test(test_keeps_the_first),
        cmocka_unit_test(test_hints),
        cmocka_unit_test(test_empty_table),
        cmocka_unit_test(test_holds_as_many_as_it_was_made_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
