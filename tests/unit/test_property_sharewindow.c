/*
 * test_property_sharewindow.c - share windows count exactly, whatever happens in whatever order
 *
 * Random jobs whose starts and ends are told late, with looks in between. After each look what a
 * share used is what a naive count of the jobs known so far gives, exactly; within one bucket of
 * what really ran in the window; and shares close and open when they should. A twin that was saved
 * and restored, and adopted by a next policy, on the way is the same. The same events in any order
 * give the same in the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "property_seed.h"
#include "property_site.h"
#include "sharewindow.h"

#define RUNS 100000
#define RUNS_CHECKED 1000
#define JOBS 10
#define EVENTS (2 * JOBS)
#define START INT64_C(1795219200)
#define NEVER INT64_MAX

/* Of all sequences: that they reach what they are to test. */
static struct {
    unsigned closed, opened, late, restored;
} seen;

#define broken(what, one, two)                                                                     \
    fail_msg("%s: %lld, %lld; " REPEATS, what, (long long)(one), (long long)(two),                 \
             (unsigned long long)seed)

/* ---- jobs, and when one hears of them ---- */

struct job {
    size_t alloc;
    uint64_t gpus;
    int64_t start, end;             /* end: NEVER of one that still runs */
    int64_t start_known, end_known; /* when the events come; NEVER: none does */
};

static struct job jobs[JOBS];
static int64_t span; /* of all jobs */

static int64_t delay(void)
{
    return chance(3) ? 0 : chance_in(1, chance(4) ? 60 : span);
}

static void make_jobs(void)
{
    span = chance_in(10, chance(2) ? 2 * (int64_t)policy.lanes.window : 4000);
    for (struct job *job = jobs; job < jobs + JOBS; job++) {
        *job = (struct job){.alloc = chance(ALLOCS),
                            .gpus = chance(chance(4) ? 16 : 5000),
                            .end = NEVER,
                            .end_known = NEVER};
        job->start = START + chance_in(0, span);
        job->start_known = job->start + delay();
        if (!chance(5))
            continue;
        job->end = job->start + chance_in(0, span);
        job->end_known = job->end + delay();
        if (job->end_known < job->start_known)
            job->end_known = job->start_known;
    }
}

/* ---- the naive count ---- */

static bool counts(const struct aif_share *share, const struct aif_alloc *alloc)
{
    bool named = !share->modes;

    for (char **name = share->modes; name && *name; name++)
        named = named || !strcmp(*name, alloc->mode->name);
    if (!share->categories || !named)
        return named;
    return alloc->category >= 0 && share->categories & 1u << alloc->category;
}

/* GPU-seconds in [from, to) of a share's jobs, as far as known at that moment. */
static int64_t ran(const struct aif_share *share, int64_t known_at, int64_t from, int64_t to)
{
    int64_t sum = 0;

    for (const struct job *job = jobs; job < jobs + JOBS; job++) {
        const int64_t end = job->end_known <= known_at ? job->end : NEVER;
        const int64_t first = job->start > from ? job->start : from, last = end < to ? end : to;

        if (job->start_known <= known_at && last > first && counts(share, &allocs[job->alloc]))
            sum += (int64_t)job->gpus * (last - first);
    }
    return sum;
}

/* Seconds: 127 of them are a window. */
static int64_t bucket_length(void)
{
    const int64_t buckets = AIF_SHAREWINDOW_BUCKETS - 1;

    return policy.lanes.window / buckets + (policy.lanes.window % buckets != 0);
}

static int64_t expected_use(const struct aif_share *share, int64_t now)
{
    const int64_t length = bucket_length(), from = now - policy.lanes.window;
    const int64_t oldest = from - from % length, next = oldest + length;

    return ran(share, now, next, now) + ran(share, now, oldest, next) * (next - from) / length;
}

static void check_use(const struct aif_sharewindow *windows, size_t index, int64_t now)
{
    const struct aif_share *share = &shares[index];
    const int64_t from = now - policy.lanes.window, length = bucket_length();
    const int64_t slack = ran(share, now, from - from % length, from - from % length + length);
    const int64_t exact = ran(share, now, from, now);
    struct aif_sharewindow_state state;
    int64_t used;

    aif_sharewindow_get(windows, index, &state);
    used = (int64_t)state.used_secs;
    if (used != expected_use(share, now))
        broken("another use than the naive count", used, expected_use(share, now));
    if (used > exact + slack || used < exact - slack)
        broken("too far from what ran in the window", used, exact);
}

/* ---- closing ---- */

static bool expected_closed[SHARES];

static void expect_closed(int64_t now)
{
    const int64_t machine =
        (int64_t)(policy.lanes.capacity ? policy.lanes.capacity : capacity) * policy.lanes.window;

    for (size_t i = 0; i < policy.share_count; i++) {
        const int64_t limit = machine * shares[i].percent / 100;
        const int64_t edge = expected_closed[i] ? limit * policy.lanes.resume / 100 : limit;
        const bool closed = limit && expected_use(&shares[i], now) >= edge;

        seen.closed += closed && !expected_closed[i];
        seen.opened += !closed && expected_closed[i];
        expected_closed[i] = closed;
    }
}

static void check_closed(const struct aif_sharewindow *windows)
{
    for (const struct aif_alloc *alloc = allocs; alloc < allocs + ALLOCS; alloc++) {
        const struct aif_share *expected = NULL, *closed = aif_sharewindow_closed(windows, alloc);

        for (size_t i = policy.share_count; i > 0; i--)
            if (expected_closed[i - 1] && counts(&shares[i - 1], alloc))
                expected = &shares[i - 1];
        if (closed != expected)
            broken("another share is closed", closed ? closed - shares : -1,
                   expected ? expected - shares : -1);
    }
}

static void look(struct aif_sharewindow *windows, int64_t now)
{
    aif_sharewindow_advance(windows, (time_t)now);
    for (size_t i = 0; i < policy.share_count; i++)
        check_use(windows, i, now);
    check_closed(windows);
}

/* ---- events ---- */

/* Number of an event: 2 x job for its start, one more for its end. */
static int64_t heard_at(size_t event)
{
    return event % 2 ? jobs[event / 2].end_known : jobs[event / 2].start_known;
}

static void tell(struct aif_sharewindow *windows, size_t event)
{
    const struct job *job = &jobs[event / 2];

    if (event % 2)
        aif_sharewindow_stop(windows, &allocs[job->alloc], job->gpus, (time_t)job->end);
    else
        aif_sharewindow_start(windows, &allocs[job->alloc], job->gpus, (time_t)job->start);
}

static void sort_events(size_t events[EVENTS])
{
    for (size_t i = 0; i < EVENTS; i++) {
        size_t at = i;

        for (; at && heard_at(events[at - 1]) > heard_at(i); at--)
            events[at] = events[at - 1];
        events[at] = i;
    }
}

/* Jobs that were known to run go on, as of that moment. */
static void go_on(struct aif_sharewindow *windows, int64_t known_at, time_t from)
{
    for (const struct job *job = jobs; job < jobs + JOBS; job++)
        if (job->start_known <= known_at && job->end_known > known_at)
            aif_sharewindow_start(windows, &allocs[job->alloc], job->gpus, from);
}

/* As when slurmctld starts anew some time after it wrote its state. */
static struct aif_sharewindow *restarted(struct aif_sharewindow *windows, int64_t known_at,
                                         int64_t now)
{
    struct aif_sharewindow *fresh = aif_sharewindow_create(&policy, capacity, (time_t)now);
    char *text = aif_sharewindow_save(windows);
    struct aif_error err = {0};
    time_t at;

    assert_non_null(text);
    if (aif_sharewindow_restore(fresh, text, strlen(text), &at, &err))
        fail_msg("%s; " REPEATS, err.text, (unsigned long long)seed);
    go_on(fresh, known_at, at);
    aif_sharewindow_destroy(windows);
    free(text);
    seen.restored++;
    return fresh;
}

/* As when the policy is read again. */
static struct aif_sharewindow *adopted(struct aif_sharewindow *windows, int64_t known_at,
                                       int64_t now)
{
    struct aif_sharewindow *fresh = aif_sharewindow_create(&policy, capacity, (time_t)now);

    go_on(fresh, known_at, aif_sharewindow_adopt(fresh, windows));
    aif_sharewindow_destroy(windows);
    return fresh;
}

static struct aif_sharewindow *disturbed(struct aif_sharewindow *windows, int64_t known_at,
                                         int64_t next)
{
    const uint64_t what = chance(60);

    if (what < 2)
        return restarted(windows, known_at, known_at + (what ? chance_in(0, next - known_at) : 0));
    if (what < 3)
        return adopted(windows, known_at, known_at + chance_in(0, next - known_at));
    return windows;
}

static void run_in_time(struct aif_sharewindow *windows[2], int64_t until)
{
    size_t events[EVENTS];
    int64_t next, looked = 0;

    sort_events(events);
    for (size_t i = 0; i < EVENTS && heard_at(events[i]) != NEVER; i++) {
        tell(windows[0], events[i]);
        tell(windows[1], events[i]);
        seen.late += heard_at(events[i]) !=
                     (events[i] % 2 ? jobs[events[i] / 2].end : jobs[events[i] / 2].start);
        next = i + 1 < EVENTS && heard_at(events[i + 1]) != NEVER ? heard_at(events[i + 1]) : until;
        if (next == heard_at(events[i]) || chance(2))
            continue;
        looked = chance_in(heard_at(events[i]), next - 1);
        expect_closed(looked);
        look(windows[0], looked);
        look(windows[1], looked);
        windows[1] = disturbed(windows[1], looked, next);
    }
}

static void check_any_order(int64_t until)
{
    struct aif_sharewindow *windows =
        aif_sharewindow_create(&policy, capacity, (time_t)chance_in(START, until));
    size_t order[EVENTS];

    shuffle(order, EVENTS);
    for (size_t i = 0; i < EVENTS; i++)
        if (heard_at(order[i]) != NEVER)
            tell(windows, order[i]);
    aif_sharewindow_advance(windows, (time_t)until);
    for (size_t i = 0; i < policy.share_count; i++)
        check_use(windows, i, until);
    aif_sharewindow_destroy(windows);
}

static void check_windows(void)
{
    const int64_t begin = START - (int64_t)chance(100);
    struct aif_sharewindow *windows[2];
    int64_t until = 0;

    make_site();
    make_jobs();
    memset(expected_closed, 0, sizeof(expected_closed));
    for (int i = 0; i < 2; i++)
        windows[i] = aif_sharewindow_create(&policy, capacity, (time_t)begin);
    for (size_t i = 0; i < EVENTS; i++)
        if (heard_at(i) != NEVER && heard_at(i) > until)
            until = heard_at(i);
    until += chance_in(1, 2 * (int64_t)policy.lanes.window);
    run_in_time(windows, until);
    expect_closed(until);
    look(windows[0], until);
    look(windows[1], until);
    check_any_order(until);
    aif_sharewindow_destroy(windows[0]);
    aif_sharewindow_destroy(windows[1]);
}

static void test_windows(void **state)
{
    (void)state;
    if (!for_each_seed(RUNS, RUNS_CHECKED, check_windows))
        return;
    print_message("closed %u, opened %u, late %u, restored %u\n", seen.closed, seen.opened,
                  seen.late, seen.restored);
    assert_true(seen.closed > RUNS / 2 && seen.opened > RUNS / 10 && seen.late > RUNS &&
                seen.restored > RUNS / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
