/* test_runs.c - unit tests of runs.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runs.h"

#define NOW 2000000000
#define HOUR 3600

static struct aif_mode mode = {.name = (char *)"fast-lane", .lane = {.present = true}};
static struct aif_alloc alloc = {.id = (char *)"A-1", .mode = &mode};
static struct aif_share shares[] = {{.title = (char *)"fast", .percent = 50}};
static struct aif_policy policy = {.modes = &mode,
                                   .mode_count = 1,
                                   .shares = shares,
                                   .share_count = 1,
                                   .lanes = {.window = 100 * HOUR, .resume = 95}};

static void ran(struct aif_runs *runs, uint32_t id, uint64_t gpus, int64_t start, int64_t end)
{
    const struct aif_run run = {
        .job_id = id, .alloc = &alloc, .gpus = gpus, .start = start, .end = end};

    aif_runs_add(runs, &run);
}

static struct aif_sharewindow_state replayed(struct aif_runs *runs, time_t from)
{
    struct aif_sharewindow *windows = aif_sharewindow_create(&policy, 8, NOW);
    struct aif_sharewindow_state state;

    aif_runs_replay(runs, windows, from, NOW);
    aif_sharewindow_get(windows, 0, &state);
    aif_sharewindow_destroy(windows);
    aif_runs_destroy(runs);
    return state;
}

static void test_nothing(void **state)
{
    struct aif_sharewindow_state share = replayed(aif_runs_create(), NOW - HOUR);

    (void)state;
    assert_int_equal(share.used_secs, 0);
    assert_false(share.closed);
    aif_runs_destroy(NULL);
}

static void test_ended_and_running(void **state)
{
    struct aif_runs *runs = aif_runs_create();
    struct aif_sharewindow_state share;

    (void)state;
    ran(runs, 1, 2, NOW - 3 * HOUR, NOW - 2 * HOUR);
    ran(runs, 2, 3, NOW - HOUR, 0);
    share = replayed(runs, NOW - 50 * HOUR);
    assert_int_equal(share.used_secs, 5 * HOUR);
    assert_int_equal(share.running_gpus, 3);
}

static void test_what_was_before_does_not_count(void **state)
{
    struct aif_runs *runs = aif_runs_create();
    struct aif_sharewindow_state share;

    (void)state;
    ran(runs, 1, 2, NOW - 9 * HOUR, NOW - 8 * HOUR);
    ran(runs, 2, 2, NOW - 9 * HOUR, NOW - HOUR); /* an hour of it does */
    ran(runs, 3, 2, NOW - 9 * HOUR, 0);
    share = replayed(runs, NOW - 2 * HOUR);
    assert_int_equal(share.used_secs, 2 * HOUR + 4 * HOUR);
    assert_int_equal(share.running_gpus, 2);
}

static void test_a_run_known_twice_counts_once(void **state)
{
    struct aif_runs *runs = aif_runs_create();

    (void)state;
    ran(runs, 1, 4, NOW - 3 * HOUR, NOW - 2 * HOUR);
    ran(runs, 1, 4, NOW - 3 * HOUR, NOW - 2 * HOUR);
    ran(runs, 1, 4, NOW - HOUR, NOW); /* requeued */
    assert_int_equal(replayed(runs, NOW - 50 * HOUR).used_secs, 8 * HOUR);
}

/* The ledger has a row up to where the job gave nodes back; slurmctld shows it with those it has
 * now. */
static void test_a_resized_job(void **state)
{
    struct aif_runs *runs = aif_runs_create();
    struct aif_sharewindow_state share;

    (void)state;
    ran(runs, 1, 2, NOW - 3 * HOUR, 0);
    ran(runs, 1, 4, NOW - 3 * HOUR, NOW - 2 * HOUR);
    share = replayed(runs, NOW - 50 * HOUR);
    assert_int_equal(share.used_secs, 4 * HOUR + 2 * 2 * HOUR);
    assert_int_equal(share.running_gpus, 2);
}

static void test_many(void **state)
{
    struct aif_runs *runs = aif_runs_create();

    (void)state;
    for (uint32_t id = 2000; id; id--)
        ran(runs, id, 1, NOW - HOUR, NOW - HOUR + 60);
    assert_int_equal(replayed(runs, NOW - 50 * HOUR).used_secs, 2000 * 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_ended_and_running),
        cmocka_unit_test(test_what_was_before_does_not_count),
        cmocka_unit_test(test_a_run_known_twice_counts_once),
        cmocka_unit_test(test_a_resized_job),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
