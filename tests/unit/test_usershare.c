/* test_usershare.c - unit tests of usershare.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "usershare.h"

static void test_sums_by_allocation_and_user(void **state)
{
    struct aif_usershare share = {0};
    size_t first;

    (void)state;
    assert_int_equal(aif_usershare_add(&share, "B", "zoe", 5, NULL), 0);
    assert_int_equal(aif_usershare_add(&share, "A", "bob", 1, NULL), 0);
    assert_int_equal(aif_usershare_add(&share, "B", "amy", UINT64_MAX, NULL), 0);
    assert_int_equal(aif_usershare_add(&share, "B", "zoe", 7, NULL), 0);
    assert_int_equal(aif_usershare_add(&share, "B", "amy", 7, NULL), 0);
    assert_int_equal(share.count, 3);
    first = aif_usershare_first(&share, "B");
    assert_int_equal(first, 1);
    assert_string_equal(share.items[1].user, "amy");
    assert_true(share.items[1].secs == UINT64_MAX);
    assert_int_equal(share.items[2].secs, 12);
    assert_int_equal(aif_usershare_first(&share, "C"), 3);
    assert_int_equal(aif_usershare_first(&share, "AA"), 1);
    aif_usershare_free(&share);
    assert_int_equal(aif_usershare_first(&share, "B"), 0);
}

static void test_many_stay_sorted(void **state)
{
    struct aif_usershare share = {0};
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "u%03u", i * 577 % 1000);
        assert_int_equal(aif_usershare_add(&share, "A", name, 1, NULL), 0);
    }
    assert_int_equal(share.count, 1000);
    for (size_t i = 1; i < share.count; i++)
        assert_true(strcmp(share.items[i - 1].user, share.items[i].user) < 0);
    aif_usershare_free(&share);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_by_allocation_and_user),
        cmocka_unit_test(test_many_stay_sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
