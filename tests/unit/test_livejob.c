/* test_livejob.c - unit tests of livejob.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "livejob.h"

static struct aif_mode fast = {.name = (char *)"fast-lane", .lane = {.present = true}};
static struct aif_mode plain = {.name = (char *)"regular"};

static void test_lane(void **state)
{
    struct aif_alloc alloc = {.mode = &fast};
    struct aif_livejob job = {.alloc = &alloc};

    (void)state;
    assert_ptr_equal(aif_livejob_lane(&job), &fast);
    assert_ptr_equal(aif_livejob_open_lane(&job), &fast);
    job.capped = true;
    assert_ptr_equal(aif_livejob_lane(&job), &fast);
    assert_null(aif_livejob_open_lane(&job));
    job.capped = false, job.free = true;
    assert_null(aif_livejob_lane(&job));
    job.free = false, alloc.state = AIF_STATE_PAUSED;
    assert_null(aif_livejob_lane(&job));
    alloc.state = AIF_STATE_OK, alloc.mode = &plain;
    assert_null(aif_livejob_lane(&job));
    job.alloc = NULL;
    assert_null(aif_livejob_lane(&job));
}

static void test_wait(void **state)
{
    struct aif_livejob job = {.submit = 100, .eligible = 150};

    (void)state;
    assert_int_equal(aif_livejob_since(&job, 160), 150);
    assert_int_equal(aif_livejob_wait(&job, 160), 10);
    assert_int_equal(aif_livejob_since(&job, 140), 0); /* it may start later */
    assert_int_equal(aif_livejob_wait(&job, 140), 0);
    job.eligible = 50; /* array tasks keep an older one */
    assert_int_equal(aif_livejob_since(&job, 160), 100);
    job.start = 130;
    assert_int_equal(aif_livejob_wait(&job, 160), 30);
    job.start = 0, job.end = 120;
    assert_int_equal(aif_livejob_wait(&job, 160), 20);
    job.eligible = 0;
    assert_int_equal(aif_livejob_since(&job, 160), 0);
    assert_int_equal(aif_livejob_wait(&job, 160), 0);
}

static void test_order_is_slurms(void **state)
{
    const struct aif_livejob first = {.id = 7, .priority = 10, .submit = 5};
    struct aif_livejob other = {.id = 1, .priority = 9, .submit = 1};

    (void)state;
    assert_true(aif_livejob_before(&first, &other));
    assert_false(aif_livejob_before(&other, &first));
    other.priority = 10;
    assert_true(aif_livejob_before(&other, &first));
    other.submit = 5;
    assert_true(aif_livejob_before(&other, &first));
    other.id = 8;
    assert_false(aif_livejob_before(&other, &first));
    assert_false(aif_livejob_before(&first, &first));
}

static void places(const char *a, const char *b, bool same)
{
    const struct aif_livejob x = {.partitions = a}, y = {.partitions = b};

    assert_int_equal(aif_livejob_same_place(&x, &y), same);
    assert_int_equal(aif_livejob_same_place(&y, &x), same);
}

static void test_behind(void **state)
{
    struct aif_alloc alloc = {.mode = &fast}, other = {.mode = &plain};
    struct aif_livejob jobs[] = {
        {.id = 1, .alloc = &alloc, .has_factors = true, .factors = {10, 20, 30, 40}},
        {.id = 2,
         .alloc = &alloc,
         .has_factors = true,
         .factors = {10, 20, 30, -60},
         .nice = 100}, /* nice is its own wish */
        {.id = 3, .alloc = &alloc, .has_factors = true, .factors = {50}},
        {.id = 4, .alloc = &other, .has_factors = true, .factors = {5000}},
        {.id = 5, .alloc = &alloc, .has_factors = true, .factors = {6000}, .held = true},
        {.id = 6, .alloc = &alloc, .has_factors = true, .factors = {7000}, .capped = true},
        {.id = 7, .alloc = &alloc, .factors = {8000}},
    };

    (void)state;
    assert_int_equal(aif_livejob_behind(jobs, 7, &jobs[0]), 0);
    assert_int_equal(aif_livejob_behind(jobs, 7, &jobs[1]), 0);
    assert_int_equal(aif_livejob_behind(jobs, 7, &jobs[2]), 50);
    assert_int_equal(aif_livejob_behind(jobs, 7, &jobs[3]), 0);
    assert_int_equal(aif_livejob_behind(jobs, 7, &jobs[6]), 0);
    jobs[1].factors[AIF_FACTOR_AGE] = INT64_C(1) << 40;
    assert_int_equal(aif_livejob_behind(jobs, 7, &jobs[2]), INT32_MAX);
}

static void test_places(void **state)
{
    (void)state;
    places("gpu", "gpu", true);
    places("gpu", "cpu", false);
    places("gpu", "gpu2", false);
    places("a,gpu,b", "c,gpu", true);
    places("a,b", "c,ab", false);
    places("", "gpu", false);
    places(",a", "a,", true);
    places("", "", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lane),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_order_is_slurms),
        cmocka_unit_test(test_behind),
        cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
