/* test_waits.c - unit tests of waits.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "waits.h"

static const struct aif_mode fast = {.name = (char *)"fast-lane"},
                             slow = {.name = (char *)"regular"};

static void started(struct aif_waits *waits, uint32_t id, int64_t secs)
{
    const struct aif_wait wait = {
        .mode = &fast, .job_id = id, .at = 1000 + id, .secs = secs, .tasks = 1};

    aif_waits_add(waits, &wait);
}

static struct aif_waits_sums sum(struct aif_waits *waits, uint32_t target)
{
    struct aif_waits_sums sums;

    aif_waits_sum(waits, &fast, target, &sums);
    return sums;
}

static void test_nothing(void **state)
{
    struct aif_waits *waits = aif_waits_create();
    struct aif_waits_sums sums = sum(waits, 60);

    (void)state;
    assert_int_equal(sums.started, 0);
    assert_int_equal(sums.percentile[AIF_WAITS_P50], -1);
    assert_int_equal(sums.percentile[AIF_WAITS_P99], -1);
    assert_int_equal(sums.kept_bp, -1);
    aif_waits_destroy(waits);
    aif_waits_destroy(NULL);
}

static void test_percentiles_are_nearest_ranks(void **state)
{
    struct aif_waits *waits = aif_waits_create();
    struct aif_waits_sums sums;

    (void)state;
    started(waits, 1, 7);
    sums = sum(waits, 0);
    assert_int_equal(sums.percentile[AIF_WAITS_P50], 7);
    assert_int_equal(sums.percentile[AIF_WAITS_P99], 7);
    assert_int_equal(sums.kept_bp, -1);
    for (uint32_t id = 1000; id > 1; id--)
        started(waits, id, id <= 100 ? id : 1000); /* 7, 2..100, 900 times 1000 */
    sums = sum(waits, 0);
    assert_int_equal(sums.started, 1000);
    assert_int_equal(sums.percentile[AIF_WAITS_P50], 1000);
    aif_waits_destroy(waits);
    waits = aif_waits_create();
    for (uint32_t id = 1; id <= 200; id++)
        started(waits, id, id);
    sums = sum(waits, 190);
    assert_int_equal(sums.percentile[AIF_WAITS_P50], 100);
    assert_int_equal(sums.percentile[AIF_WAITS_P90], 180);
    assert_int_equal(sums.percentile[AIF_WAITS_P95], 190);
    assert_int_equal(sums.percentile[AIF_WAITS_P99], 198);
    assert_int_equal(sums.kept_bp, 9500);
    aif_waits_destroy(waits);
}

static void test_each_start_counts_once(void **state)
{
    struct aif_waits *waits = aif_waits_create();
    struct aif_wait other = {.mode = &slow, .job_id = 9, .at = 5, .secs = 99, .tasks = 1};

    (void)state;
    started(waits, 1, 10);
    started(waits, 1, 10); /* the ledger and slurmctld both know it */
    started(waits, 2, 20);
    aif_waits_add(waits, &other);
    assert_int_equal(sum(waits, 0).started, 2);
    started(waits, 2, 20);
    other.mode = &fast, other.job_id = 2, other.at = 4000; /* requeued */
    aif_waits_add(waits, &other);
    assert_int_equal(sum(waits, 0).started, 3);
    aif_waits_destroy(waits);
}

static void test_resizing_is_no_start(void **state)
{
    struct aif_waits *waits = aif_waits_create();

    (void)state;
    started(waits, 1, 500);
    aif_waits_resized(waits, 3, 1003);
    started(waits, 3, 0);
    started(waits, 4, 0);
    assert_int_equal(sum(waits, 0).started, 2);
    aif_waits_destroy(waits);
}

/* Who waits longer than promised has been let down already, and so has who gave up. */
static void test_promise(void **state)
{
    struct aif_waits *waits = aif_waits_create();
    struct aif_wait wait = {
        .mode = &fast, .job_id = 10, .secs = 61, .kind = AIF_WAIT_WAITING, .tasks = 3};
    struct aif_waits_sums sums;

    (void)state;
    started(waits, 1, 60);
    aif_waits_add(waits, &wait);
    wait = (struct aif_wait){
        .mode = &fast, .job_id = 11, .secs = 5, .kind = AIF_WAIT_WAITING, .tasks = 1};
    aif_waits_add(waits, &wait); /* not decided yet */
    wait = (struct aif_wait){
        .mode = &fast, .job_id = 12, .at = 4, .secs = 61, .kind = AIF_WAIT_LEFT, .tasks = 1};
    aif_waits_add(waits, &wait);
    wait.job_id = 13, wait.secs = 60; /* gave up before we could fail */
    aif_waits_add(waits, &wait);
    sums = sum(waits, 60);
    assert_int_equal(sums.started, 1);
    assert_int_equal(sums.kept, 1);
    assert_int_equal(sums.broken, 4);
    assert_int_equal(sums.kept_bp, 2000);
    sums = sum(waits, 0);
    assert_int_equal(sums.kept + sums.broken, 0);
    assert_int_equal(sums.kept_bp, -1);
    aif_waits_destroy(waits);
}

static void test_all_is_only_said_where_all_were(void **state)
{
    struct aif_waits *waits = aif_waits_create();

    (void)state;
    for (uint32_t id = 1; id < 20000; id++)
        started(waits, id, 1);
    assert_int_equal(sum(waits, 60).kept_bp, 10000);
    started(waits, 20000, 61);
    assert_int_equal(sum(waits, 60).kept_bp, 9999);
    aif_waits_destroy(waits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_percentiles_are_nearest_ranks),
        cmocka_unit_test(test_each_start_counts_once),
        cmocka_unit_test(test_resizing_is_no_start),
        cmocka_unit_test(test_promise),
        cmocka_unit_test(test_all_is_only_said_where_all_were),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
