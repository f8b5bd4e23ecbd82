/* test_doctor_pair.c - unit tests of doctor_links.h: what was seen on real Slurm 24.11 and 26.05 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "doctor_links.h"

static struct aif_gpulinks *make(uint32_t count, const uint16_t *links, const uint16_t *sockets)
{
    struct aif_gpulinks *made = NULL;

    assert_int_equal(aif_gpulinks_create(count, links, sockets, &made, NULL), 0);
    return made;
}

/* Bridges between 0-1, 2-3, 4-5, 6-7 and two sockets: Slurm gave 0 and 2, and 4 and 6 to the second
 * job. */
static void test_pairs(void **state)
{
    static const uint16_t two[] = {0, 0, 0, 0, 1, 1, 1, 1}, four[] = {0, 0, 1, 1, 2, 2, 3, 3};
    struct aif_doctor_pair pair = {0};
    struct aif_gpulinks *links;
    uint16_t matrix[64] = {0};

    (void)state;
    for (int i = 0; i < 8; i++)
        matrix[i * 8 + (i ^ 1)] = 4;
    links = make(8, matrix, two);
    assert_true(aif_doctor_find_pair(links, &pair));
    assert_int_equal(pair.slurm, 0x05);
    assert_int_equal(pair.best, 0x03);
    assert_int_equal(pair.slurm_links, 0);
    assert_int_equal(pair.best_links, 4);
    aif_gpulinks_destroy(links);
    /* One pair per socket: there is nothing to choose. */
    links = make(8, matrix, four);
    assert_false(aif_doctor_find_pair(links, &pair));
    aif_gpulinks_destroy(links);
}

/* Unlinked first socket, unequal second one. */
static void test_second_socket(void **state)
{
    static const uint16_t sockets[] = {0, 1, 1, 1};
    static const uint16_t matrix[] = {0, 0, 0, 0, 0, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0};
    struct aif_gpulinks *links = make(4, matrix, sockets);
    struct aif_doctor_pair pair = {0};

    (void)state;
    assert_true(aif_doctor_find_pair(links, &pair));
    assert_int_equal(pair.slurm, 0x0a);
    assert_int_equal(pair.best, 0x06);
    aif_gpulinks_destroy(links);
}

static void test_equal_links(void **state)
{
    uint16_t matrix[64];
    struct aif_doctor_pair pair;
    struct aif_gpulinks *links;

    (void)state;
    for (int i = 0; i < 64; i++)
        matrix[i] = 18;
    links = make(8, matrix, NULL);
    assert_false(aif_doctor_find_pair(links, &pair));
    aif_gpulinks_destroy(links);
    links = make(1, matrix, NULL);
    assert_false(aif_doctor_find_pair(links, &pair));
    aif_gpulinks_destroy(links);
}

static void test_release(void **state)
{
    (void)state;
    assert_int_equal(aif_doctor_release("22.05.8"), 2205);
    assert_int_equal(aif_doctor_release("24.11.5"), 2411);
    assert_int_equal(aif_doctor_release("26.05.0-0rc1"), 2605);
    assert_int_equal(aif_doctor_release("24"), 0);
    assert_int_equal(aif_doctor_release("x"), 0);
    assert_int_equal(aif_doctor_release(""), 0);
    assert_int_equal(aif_doctor_release("24.13.1"), 0);
    assert_int_equal(aif_doctor_release(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_second_socket),
        cmocka_unit_test(test_equal_links),
        cmocka_unit_test(test_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
