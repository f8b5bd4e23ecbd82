/* test_ahead.c - unit tests of ahead.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ahead.h"

#define NOW 100000
#define GUARD 50000

static struct aif_mode fast = {.name = (char *)"fast-lane", .lane = {.present = true}};
static struct aif_mode play = {.name = (char *)"playground", .lane = {.present = true}};
static struct aif_mode regular = {.name = (char *)"regular"};
static struct aif_alloc in_fast = {.mode = &fast}, in_play = {.mode = &play},
                        in_regular = {.mode = &regular};

/* Waits in partition gpu since 100 seconds ago, with 1000 points of age. */
static struct aif_livejob a_job(uint32_t id, const struct aif_alloc *alloc, int64_t site)
{
    return (struct aif_livejob){
        .id = id,
        .tasks = 1,
        .alloc = alloc,
        .state = AIF_LIVEJOB_WAITING,
        .ready = true,
        .partitions = "gpu",
        .submit = NOW - 100,
        .eligible = NOW - 100,
        .site = site,
        .priority = (uint32_t)(1000 + site),
        .has_factors = true,
        .factors = {1000, 0, 0, 0},
    };
}

static enum aif_ahead_kind why(const struct aif_livejob *other, const struct aif_livejob *job)
{
    return aif_ahead_why(other, job, NOW, GUARD);
}

static void test_lanes(void **state)
{
    struct aif_livejob job = a_job(5, &in_fast, 500), other = a_job(4, &in_fast, 500);

    (void)state;
    assert_int_equal(why(&other, &job), AIF_AHEAD_LANE);
    other.submit = other.eligible = NOW - 200;
    assert_int_equal(why(&other, &job), AIF_AHEAD_LANE);
    other = a_job(4, &in_play, 700);
    assert_int_equal(why(&other, &job), AIF_AHEAD_OTHER_LANE);
    job = a_job(5, &in_regular, 0);
    assert_int_equal(why(&other, &job), AIF_AHEAD_OTHER_LANE);
    other.capped = true; /* then it is not its lane that lifts it */
    assert_int_equal(why(&other, &job), AIF_AHEAD_ADMIN);
}

/* A lane that does not level: the younger is ahead by what its factors are. */
static void test_younger_of_one_lane(void **state)
{
    struct aif_livejob job = a_job(5, &in_fast, 500), other = a_job(6, &in_fast, 500);

    (void)state;
    other.submit = other.eligible = NOW - 10;
    other.factors[AIF_FACTOR_FAIR_SHARE] = 300;
    other.priority += 300;
    assert_int_equal(why(&other, &job), AIF_AHEAD_FAIR_SHARE);
    other = a_job(6, &in_fast, 600);
    other.submit = other.eligible = NOW - 10;
    assert_int_equal(why(&other, &job), AIF_AHEAD_OTHER);
    job.pace = -100;
    assert_int_equal(why(&other, &job), AIF_AHEAD_SET_BACK);
}

/* Until the plugin has looked at the queue, even where the first may start only a second after the second. */
static void test_a_new_job_of_the_lane_is_one_point_behind(void **state)
{
    struct aif_livejob job = a_job(5, &in_fast, 99), other = a_job(4, &in_fast, 100);

    (void)state;
    job.submit = other.submit = job.eligible = NOW - 10;
    other.eligible = NOW - 9;
    assert_int_equal(why(&other, &job), AIF_AHEAD_EARLIER);
    other.submit = other.eligible = NOW - 9;
    assert_int_equal(why(&other, &job), AIF_AHEAD_OTHER);
}

static void test_outside_of_lanes(void **state)
{
    struct aif_livejob job = a_job(5, &in_regular, 0), other = a_job(4, &in_regular, 0);

    (void)state;
    other.submit = NOW - 101;
    assert_int_equal(why(&other, &job), AIF_AHEAD_EARLIER);
    other = a_job(4, NULL, 70);
    assert_int_equal(why(&other, &job), AIF_AHEAD_ADMIN);
    other.submit = other.eligible = NOW - GUARD;
    assert_int_equal(why(&other, &job), AIF_AHEAD_GUARD);
    assert_int_equal(aif_ahead_why(&other, &job, NOW, 0), AIF_AHEAD_ADMIN); /* no guard */
    other = a_job(4, NULL, 0);
    job.site = -50, job.priority -= 50, job.pace = -50;
    assert_int_equal(why(&other, &job), AIF_AHEAD_SET_BACK);
    job.pace = 0, job.free = true;
    assert_int_equal(why(&other, &job), AIF_AHEAD_SET_BACK);
    job.alloc = NULL, job.free = false;
    assert_int_equal(why(&other, &job), AIF_AHEAD_ADMIN);
    other.direct = true;
    assert_int_equal(why(&other, &job), AIF_AHEAD_ADMIN);
}

static void more(enum aif_factor factor, enum aif_ahead_kind kind)
{
    struct aif_livejob job = a_job(5, &in_regular, 0), other = a_job(4, NULL, 0);

    other.factors[factor] += 50;
    other.priority += 50;
    assert_int_equal(why(&other, &job), kind);
    other.site = 20, other.priority += 20; /* which is not the greater part of it */
    assert_int_equal(why(&other, &job), kind);
    other.has_factors = false;
    assert_int_equal(why(&other, &job), AIF_AHEAD_OTHER);
}

static void test_factors(void **state)
{
    (void)state;
    more(AIF_FACTOR_AGE, AIF_AHEAD_AGE);
    more(AIF_FACTOR_FAIR_SHARE, AIF_AHEAD_FAIR_SHARE);
    more(AIF_FACTOR_SIZE, AIF_AHEAD_SIZE);
    more(AIF_FACTOR_OTHER, AIF_AHEAD_OTHER);
}

static void test_counts(void **state)
{
    struct aif_livejob jobs[] = {
        a_job(1, &in_fast, 500), a_job(2, &in_play, 900), a_job(3, &in_fast, 500),
        a_job(4, NULL, 0),       a_job(5, &in_play, 900), a_job(6, &in_fast, 500),
        a_job(7, &in_fast, 500), a_job(8, &in_fast, 500),
    };
    struct aif_ahead ahead;

    (void)state;
    jobs[0].tasks = 4;
    jobs[4].partitions = "cpu"; /* in nobody's way here */
    jobs[5].ready = false;      /* waits for something else */
    jobs[6].partitions = "cpu"; /* of the lane all the same */
    jobs[6].submit -= 1;
    aif_ahead_count(jobs, 8, &jobs[2], NOW, GUARD, &ahead);
    assert_int_equal(ahead.total, 5);
    assert_int_equal(ahead.counts[AIF_AHEAD_LANE], 4);
    assert_int_equal(ahead.counts[AIF_AHEAD_OTHER_LANE], 1);
    assert_int_equal(ahead.lane_count, 1);
    assert_ptr_equal(ahead.lanes[0].mode, &play);
    assert_int_equal(ahead.lanes[0].jobs, 1);
    assert_int_equal(ahead.top, 1900);
    assert_int_equal(ahead.place, 6); /* behind the array and number 7 */
    assert_int_equal(ahead.of, 7);    /* and before number 8 */
    aif_ahead_count(jobs, 8, &jobs[3], NOW, GUARD, &ahead);
    assert_int_equal(ahead.place, 0);
    assert_int_equal(ahead.of, 0);
    assert_int_equal(ahead.counts[AIF_AHEAD_OTHER_LANE], 7);
    assert_int_equal(ahead.lane_count, 2);
    aif_ahead_count(jobs, 8, &jobs[5], NOW, GUARD,
                    &ahead); /* not ready itself, but has a place all the same */
    assert_int_equal(ahead.of, 8);
}

static void test_many_lanes(void **state)
{
    struct aif_mode modes[AIF_AHEAD_LANES + 2];
    struct aif_alloc allocs[AIF_AHEAD_LANES + 2];
    struct aif_livejob jobs[AIF_AHEAD_LANES + 3];
    struct aif_ahead ahead;

    (void)state;
    for (uint32_t i = 0; i < AIF_AHEAD_LANES + 2; i++) {
        modes[i] = fast;
        allocs[i] = (struct aif_alloc){.mode = &modes[i]};
        jobs[i] = a_job(i + 1, &allocs[i], 500);
    }
    jobs[AIF_AHEAD_LANES + 2] = a_job(99, NULL, 0);
    aif_ahead_count(jobs, AIF_AHEAD_LANES + 3, &jobs[AIF_AHEAD_LANES + 2], NOW, GUARD, &ahead);
    assert_int_equal(ahead.lane_count, AIF_AHEAD_LANES);
    assert_int_equal(ahead.counts[AIF_AHEAD_OTHER_LANE], AIF_AHEAD_LANES + 2);
}

static void test_every_kind_has_words(void **state)
{
    (void)state;
    for (int kind = 0; kind < AIF_AHEAD_KINDS; kind++) {
        assert_non_null(aif_ahead_words((enum aif_ahead_kind)kind));
        assert_non_null(aif_ahead_name((enum aif_ahead_kind)kind));
        for (int other = 0; other < kind; other++)
            assert_string_not_equal(aif_ahead_name((enum aif_ahead_kind)kind),
                                    aif_ahead_name((enum aif_ahead_kind)other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_younger_of_one_lane),
        cmocka_unit_test(test_a_new_job_of_the_lane_is_one_point_behind),
        cmocka_unit_test(test_outside_of_lanes),
        cmocka_unit_test(test_factors),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_many_lanes),
        cmocka_unit_test(test_every_kind_has_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
