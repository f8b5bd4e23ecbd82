/* test_lanestat.c - unit tests of lanestat.h and lanetext.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lanestat.h"
#include "lanetext.h"

#define NOW 100000
#define FROM 50000

static struct aif_mode modes[] = {
    {.name = (char *)"fast-lane", .lane = {.present = true, .target = 60}},
    {.name = (char *)"regular"},
};
static struct aif_policy policy = {.modes = modes, .mode_count = 2};
static struct aif_alloc fast = {.mode = &modes[0]}, regular = {.mode = &modes[1]};

static struct aif_livejob waits(uint32_t id, const struct aif_alloc *alloc, time_t since)
{
    return (struct aif_livejob){
        .id = id, .tasks = 1, .alloc = alloc, .submit = since, .eligible = since};
}

static struct aif_livejob ran(uint32_t id, const struct aif_alloc *alloc, time_t since,
                              time_t start)
{
    struct aif_livejob job = waits(id, alloc, since);

    job.state = AIF_LIVEJOB_RUNNING;
    job.start = start;
    return job;
}

static void fill(const struct aif_livejob *jobs, size_t count, struct aif_lanestat stats[3])
{
    struct aif_waits *known = aif_waits_create();

    aif_lanestat_add_waits(known, jobs, count, FROM, NOW);
    aif_lanestat_fill(&policy, jobs, count, known, NOW, stats);
    aif_waits_destroy(known);
}

static void test_who_waits_where(void **state)
{
    struct aif_livejob jobs[] = {
        waits(1, &fast, NOW - 10), waits(2, &fast, NOW - 20), waits(3, &fast, NOW - 300),
        waits(4, &fast, NOW - 5),  waits(5, &fast, NOW + 5),  waits(6, &regular, NOW - 70),
        waits(7, NULL, NOW - 80),
    };
    struct aif_lanestat stats[3];

    (void)state;
    jobs[0].tasks = 3;
    jobs[1].capped = true;
    jobs[2].free = true;
    jobs[3].held = true;
    fill(jobs, 7, stats);
    assert_ptr_equal(stats[0].mode, &modes[0]);
    assert_int_equal(stats[0].queued, 3);
    assert_int_equal(stats[0].outside, 2);
    assert_int_equal(stats[0].longest, 300);
    assert_int_equal(stats[1].queued, 0);
    assert_int_equal(stats[1].outside, 1);
    assert_null(stats[2].mode);
    assert_int_equal(stats[2].outside, 1);
    assert_int_equal(stats[2].longest, 80);
}

static void test_what_was_promised(void **state)
{
    struct aif_livejob jobs[] = {
        ran(1, &fast, NOW - 500, NOW - 480), /* kept */
        ran(2, &fast, NOW - 500, NOW - 300), /* broken */
        ran(3, &fast, FROM - 90, FROM - 1),  /* before the window */
        waits(4, &fast, NOW - 61),           /* broken already */
        waits(5, &fast, NOW - 60),           /* not yet */
        ran(6, &regular, NOW - 900, NOW),    /* promised nothing */
        waits(7, &fast, NOW - 400),          /* held: our promise is not about that */
        ran(8, &fast, NOW - 500, NOW - 100), /* on its free QOS */
        waits(9, &fast, NOW - 500),          /* gave up, too late */
        ran(10, &fast, NOW - 10, NOW - 5),   /* ended meanwhile */
    };
    struct aif_lanestat stats[3];

    (void)state;
    jobs[6].held = true;
    jobs[7].free = true;
    jobs[8].state = AIF_LIVEJOB_ENDED, jobs[8].end = NOW - 200;
    jobs[9].state = AIF_LIVEJOB_ENDED, jobs[9].end = NOW - 1;
    fill(jobs, 10, stats);
    assert_int_equal(stats[0].running, 4);
    assert_int_equal(stats[0].waits.started, 3);
    assert_int_equal(stats[0].waits.kept, 2);
    assert_int_equal(stats[0].waits.broken, 3);
    assert_int_equal(stats[0].waits.kept_bp, 4000);
    assert_int_equal(stats[0].waits.percentile[AIF_WAITS_P50], 20);
    assert_int_equal(stats[1].waits.started, 1);
    assert_int_equal(stats[1].waits.kept_bp, -1);
    assert_int_equal(stats[1].longest, -1);
}

static void says(char *text, const char *words)
{
    assert_string_equal(text, words);
    free(text);
}

static void test_texts(void **state)
{
    (void)state;
    says(aif_lanetext_secs(0), "0:00:00");
    says(aif_lanetext_secs(3 * 3600 + 4 * 60 + 5), "3:04:05");
    says(aif_lanetext_secs(86400 * 7 + 59), "7-00:00:59");
    assert_null(aif_lanetext_secs(-1));
    says(aif_lanetext_percent(0), "0%");
    says(aif_lanetext_percent(10000), "100%");
    says(aif_lanetext_percent(9999), "99.99%");
    says(aif_lanetext_percent(1050), "10.5%");
    says(aif_lanetext_percent(5), "0.05%");
    assert_null(aif_lanetext_percent(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_waits_where),
        cmocka_unit_test(test_what_was_promised),
        cmocka_unit_test(test_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
