/* test_usagesum.c - unit tests of usagesum.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "usagesum.h"
#include "report_helper.h"

static void add(struct aif_usagesum *sum, const char *allocation, int64_t end, uint64_t elapsed)
{
    struct aif_record job = fixture_record(1);

    snprintf(job.allocation, sizeof(job.allocation), "%s", allocation);
    job.end = end;
    job.start = end - (int64_t)elapsed;
    job.elapsed = elapsed;
    job.cpus = 2;
    assert_int_equal(aif_usagesum_add(sum, &job, NULL), 0);
}

static void test_sums_by_month_and_allocation(void **state)
{
    const int64_t december = 1764547200; /* 2025-12-01 */
    struct aif_usagesum sum = {0};

    (void)state;
    add(&sum, "B", december + 5, 100); /* ended in December: all of it counts there */
    add(&sum, "A", december + 9, 10);
    add(&sum, "B", december - 1, 7);
    add(&sum, "B", december + 2, 50);
    assert_int_equal(sum.count, 3);
    assert_string_equal(sum.items[0].month, "2025-11");
    assert_string_equal(sum.items[1].allocation, "A");
    assert_string_equal(sum.items[2].month, "2025-12");
    assert_int_equal(sum.items[2].jobs, 2);
    assert_int_equal(sum.items[2].wall_secs, 150);
    assert_int_equal(sum.items[2].cpu_secs, 300);
    assert_int_equal(sum.items[2].gpu_secs, 600);
    assert_int_equal(sum.items[2].first_end, december + 2);
    assert_int_equal(sum.items[2].last_end, december + 5);
    aif_usagesum_free(&sum);
    assert_int_equal(sum.count, 0);
}

static void test_what_never_ran_counts_nothing(void **state)
{
    struct aif_record job = fixture_record(1);
    struct aif_usagesum sum = {0};

    (void)state;
    job.start = 0;
    assert_int_equal(aif_usagesum_add(&sum, &job, NULL), 0);
    job = fixture_record(1);
    job.end = 0;
    assert_int_equal(aif_usagesum_add(&sum, &job, NULL), 0);
    assert_int_equal(sum.count, 0);
    aif_usagesum_free(&sum);
}

static void test_many_keys_stay_sorted(void **state)
{
    struct aif_usagesum sum = {0};
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "a%03u", i * 577 % 1000);
        add(&sum, name, 1764547200, 1);
    }
    assert_int_equal(sum.count, 1000);
    for (size_t i = 1; i < sum.count; i++)
        assert_true(strcmp(sum.items[i - 1].allocation, sum.items[i].allocation) < 0);
    aif_usagesum_free(&sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_by_month_and_allocation),
        cmocka_unit_test(test_what_never_ran_counts_nothing),
        cmocka_unit_test(test_many_keys_stay_sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
