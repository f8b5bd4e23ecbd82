/* test_bigmem.c - unit tests of bigmem.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bigmem.h"

static void check_memory(size_t size, size_t alignment)
{
    static const char zeroes[4096];
    char *memory = aif_bigmem_create(size);

    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % alignment, 0);
    for (size_t at = 0; at < size; at += sizeof(zeroes))
        assert_memory_equal(memory + at, zeroes, size - at < sizeof(zeroes) ? size - at : sizeof(zeroes));
    memset(memory, 1, size);
    free(memory);
}

/* The second time what is taken may be what was just freed. */
static void test_zeroed_and_aligned(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        check_memory(0, 1);
        check_memory(100, sizeof(void *));
        check_memory(AIF_BIGMEM_MIN - 1, sizeof(void *));
        check_memory(AIF_BIGMEM_MIN, AIF_BIGMEM_PAGE);
        check_memory(AIF_BIGMEM_PAGE + 1, AIF_BIGMEM_PAGE);
    }
    assert_null(aif_bigmem_create(SIZE_MAX - 1));
}

/* Pieces are zeroed, do not overlap and fit into as many chunks as it takes. */
static void check_pool(size_t expected, size_t pieces, size_t size)
{
    struct aif_bigmem_pool *pool = aif_bigmem_pool_create(expected);
    unsigned char **taken = calloc(pieces, sizeof(*taken));

    assert_non_null(pool);
    assert_non_null(taken);
    for (size_t i = 0; i < pieces; i++) {
        taken[i] = aif_bigmem_take(pool, size);
        assert_non_null(taken[i]);
        assert_int_equal((uintptr_t)taken[i] % AIF_BIGMEM_LINE, 0);
        assert_true(taken[i][0] == 0 && taken[i][size - 1] == 0);
        memset(taken[i], (int)(i % 255) + 1, size);
    }
    for (size_t i = 0; i < pieces; i++)
        assert_true(taken[i][0] == i % 255 + 1 && taken[i][size - 1] == i % 255 + 1);
    free(taken);
    aif_bigmem_pool_destroy(pool);
}

static void test_pool(void **state)
{
    (void)state;
    check_pool(0, 1, 1);
    check_pool(0, 300, 448);
    check_pool(100000, 300, 448);
    check_pool((size_t)1 << 40, 6000, 448); /* more than one huge page */
    check_pool(0, 3, AIF_BIGMEM_PAGE + 7);
}

static void test_too_much(void **state)
{
    struct aif_bigmem_pool *pool = aif_bigmem_pool_create(0);

    (void)state;
    assert_non_null(pool);
    assert_null(aif_bigmem_take(pool, SIZE_MAX));
    assert_non_null(aif_bigmem_take(pool, 1));
    aif_bigmem_pool_destroy(pool);
    aif_bigmem_pool_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_and_aligned),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
