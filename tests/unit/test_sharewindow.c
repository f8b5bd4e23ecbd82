/* test_sharewindow.c - unit tests of sharewindow.h; test_property_lane.c has the sums */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policytest.h"
#include "sharewindow.h"

#define T0 ((time_t)1795219200)
#define WINDOW 12700 /* 100 seconds a bucket */

/* Of 10 GPUs, the share of mode m is 10 %: 12,700 GPU-seconds in a window. It opens again below 50
 * % of that. */
#define TOP                                                                                        \
    "\"lanes\": {\"window\": \"03:31:40\", \"resume\": 50}, \"shares\": ["                         \
    "{\"title\": \"sold\", \"categories\": [\"commercial\"], \"percent\": 100},"                   \
    "{\"title\": \"m\", \"modes\": [\"M\"], \"percent\": 10}]"

static struct aif_policy *policy;
static struct aif_alloc ours, theirs, sold;
static struct aif_sharewindow *windows;

static struct aif_sharewindow_state state_of(const struct aif_sharewindow *of, size_t share)
{
    struct aif_sharewindow_state state;

    aif_sharewindow_get(of, share, &state);
    return state;
}

static int set_up_windows(void **state)
{
    (void)state;
    policy = policytest_make(TOP, "");
    ours = (struct aif_alloc){.mode = &policy->modes[0], .category = AIF_CATEGORY_UNKNOWN};
    theirs = (struct aif_alloc){.mode = &policy->modes[1], .category = AIF_CATEGORY_SME};
    sold = (struct aif_alloc){.mode = &policy->modes[1], .category = AIF_CATEGORY_COMMERCIAL};
    windows = aif_sharewindow_create(policy, 10, T0);
    assert_non_null(windows);
    return 0;
}

static int tear_down_windows(void **state)
{
    (void)state;
    aif_sharewindow_destroy(windows);
    aif_policy_destroy(policy);
    return 0;
}

static void test_who_is_in_a_share(void **state)
{
    (void)state;
    assert_true(aif_share_has(&policy->shares[1], &ours));
    assert_false(aif_share_has(&policy->shares[0], &ours));
    assert_false(aif_share_has(&policy->shares[1], &theirs));
    assert_false(aif_share_has(&policy->shares[0], &theirs));
    assert_true(aif_share_has(&policy->shares[0], &sold));
}

static void test_counts_as_jobs_run(void **state)
{
    (void)state;
    aif_sharewindow_start(windows, &ours, 2, T0);
    aif_sharewindow_start(windows, &sold, 3, T0 + 50);
    aif_sharewindow_advance(windows, T0 + 150);
    assert_int_equal(state_of(windows, 1).used_secs, 300);
    assert_int_equal(state_of(windows, 1).running_gpus, 2);
    assert_int_equal(state_of(windows, 0).used_secs, 300);
    assert_int_equal(state_of(windows, 0).used_bp, 300 * 10000 / 127000);
    aif_sharewindow_stop(windows, &ours, 2, T0 + 100);
    assert_int_equal(state_of(windows, 1).used_secs, 200);
    assert_int_equal(state_of(windows, 1).running_gpus, 0);
}

static void test_slides_out(void **state)
{
    (void)state;
    aif_sharewindow_start(windows, &ours, 1, T0);
    aif_sharewindow_stop(windows, &ours, 1, T0 + 100);
    aif_sharewindow_advance(windows, T0 + WINDOW);
    assert_int_equal(state_of(windows, 1).used_secs, 100);
    aif_sharewindow_advance(windows, T0 + WINDOW + 30);
    assert_int_equal(state_of(windows, 1).used_secs, 70);
    aif_sharewindow_advance(windows, T0 + WINDOW + 100);
    assert_int_equal(state_of(windows, 1).used_secs, 0);
}

static void test_clock_begins(void **state)
{
    struct aif_sharewindow *early = aif_sharewindow_create(policy, 10, 0);

    (void)state;
    aif_sharewindow_start(early, &ours, 1, 0);
    aif_sharewindow_advance(early, WINDOW - 50);
    assert_int_equal(state_of(early, 1).used_secs, WINDOW - 50);
    aif_sharewindow_destroy(early);
}

static void test_closes_and_opens(void **state)
{
    (void)state;
    aif_sharewindow_start(windows, &ours, 2, T0);
    assert_false(aif_sharewindow_advance(windows, T0 + 6349));
    assert_null(aif_sharewindow_closed(windows, &ours));
    assert_true(aif_sharewindow_advance(windows, T0 + 6350));
    assert_ptr_equal(aif_sharewindow_closed(windows, &ours), &policy->shares[1]);
    assert_true(state_of(windows, 1).closed);
    assert_null(aif_sharewindow_closed(windows, &theirs));
    assert_null(aif_sharewindow_closed(NULL, &ours));
    aif_sharewindow_stop(windows, &ours, 2, T0 + 6350);
    assert_false(aif_sharewindow_advance(windows, T0 + WINDOW + 3175));
    assert_non_null(aif_sharewindow_closed(windows, &ours));
    assert_true(aif_sharewindow_advance(windows, T0 + WINDOW + 3176));
    assert_null(aif_sharewindow_closed(windows, &ours));
}

static void test_capacity(void **state)
{
    (void)state;
    aif_sharewindow_capacity(windows, 0);
    aif_sharewindow_start(windows, &ours, 1000, T0);
    assert_false(aif_sharewindow_advance(windows, T0 + WINDOW));
    assert_int_equal(state_of(windows, 1).used_bp, 0);
    policy->lanes.capacity = 20000;
    assert_false(aif_sharewindow_advance(windows, T0 + WINDOW));
    assert_int_equal(state_of(windows, 1).used_bp, 500);
    policy->lanes.capacity = 10000;
    assert_true(aif_sharewindow_advance(windows, T0 + WINDOW));
}

static void test_clock_goes_back(void **state)
{
    (void)state;
    aif_sharewindow_start(windows, &ours, 1, T0);
    aif_sharewindow_advance(windows, T0 + 1000);
    aif_sharewindow_advance(windows, T0 + 500);
    assert_int_equal(state_of(windows, 1).used_secs, 1000);
    aif_sharewindow_advance(windows, T0 - 2 * WINDOW);
    assert_int_equal(state_of(windows, 1).used_secs, 0);
    aif_sharewindow_advance(windows, T0 - 2 * WINDOW + 10);
    assert_int_equal(state_of(windows, 1).used_secs, 10);
}

static void test_absurd_numbers(void **state)
{
    (void)state;
    aif_sharewindow_start(windows, &ours, UINT64_MAX, 0);
    aif_sharewindow_start(windows, &ours, UINT64_MAX, -5);
    assert_true(aif_sharewindow_advance(windows, T0));
    assert_int_equal(state_of(windows, 1).used_bp, UINT32_MAX);
    aif_sharewindow_stop(windows, &ours, UINT64_MAX, 0);
    aif_sharewindow_stop(windows, &ours, UINT64_MAX, 0);
    aif_sharewindow_stop(windows, &ours, 1, T0 - 1);
    assert_int_equal(state_of(windows, 1).used_secs, 0);
    assert_int_equal(state_of(windows, 1).running_gpus, 0);
}

static void test_allocation_of_another_policy(void **state)
{
    struct aif_policy *other = policytest_make("", "");
    struct aif_alloc alloc = {.mode = &other->modes[0], .category = AIF_CATEGORY_SCIENCE};
    struct aif_mode unknown = {.name = "unknown"};

    (void)state;
    aif_sharewindow_start(windows, &alloc, 1, T0);
    aif_sharewindow_advance(windows, T0 + WINDOW);
    assert_ptr_equal(aif_sharewindow_closed(windows, &alloc), &policy->shares[1]);
    alloc.mode = &unknown;
    aif_sharewindow_start(windows, &alloc, 1, T0);
    assert_null(aif_sharewindow_closed(windows, &alloc));
    assert_int_equal(state_of(windows, 1).running_gpus, 1);
    aif_policy_destroy(other);
}

/* As after a reload: other shares, another window, the running job started anew. */
static void test_adopt(void **state)
{
    struct aif_policy *next = policytest_make(
        "\"lanes\": {\"window\": \"07:03:20\"}, \"shares\": [{\"title\": \"new\", \"percent\": 1},"
        " {\"title\": \"m\", \"modes\": [\"m\"], \"percent\": 5}]",
        "");
    struct aif_sharewindow *fresh = aif_sharewindow_create(next, 10, T0 + 1100);
    time_t at;

    (void)state;
    aif_sharewindow_start(windows, &ours, 2, T0);
    aif_sharewindow_advance(windows, T0 + 1000);
    at = aif_sharewindow_adopt(fresh, windows);
    assert_int_equal(at, T0 + 1100);
    assert_int_equal(state_of(fresh, 1).used_secs, 2200);
    assert_int_equal(state_of(fresh, 1).running_gpus, 0);
    assert_int_equal(state_of(fresh, 0).used_secs, 0);
    aif_sharewindow_start(fresh, &ours, 2, at);
    aif_sharewindow_stop(fresh, &ours, 2, T0 + 1050);
    aif_sharewindow_advance(fresh, T0 + 5000);
    assert_int_equal(state_of(fresh, 1).used_secs, 2100);
    aif_sharewindow_destroy(fresh);
    aif_policy_destroy(next);
}

static void test_adopt_keeps_what_is_closed(void **state)
{
    struct aif_sharewindow *fresh;

    (void)state;
    aif_sharewindow_start(windows, &ours, 2, T0);
    aif_sharewindow_advance(windows, T0 + 6350);
    fresh = aif_sharewindow_create(policy, 10, T0);
    assert_int_equal(aif_sharewindow_adopt(fresh, windows), T0 + 6350);
    assert_ptr_equal(aif_sharewindow_closed(fresh, &ours), &policy->shares[1]);
    assert_int_equal(state_of(fresh, 1).used_secs, 12700);
    aif_sharewindow_destroy(fresh);
}

static void test_save_and_restore(void **state)
{
    struct aif_sharewindow *fresh = aif_sharewindow_create(policy, 10, T0 + 9000);
    struct aif_error err = {0};
    char *text;
    time_t at = 0;

    (void)state;
    aif_sharewindow_start(windows, &ours, 2, T0);
    aif_sharewindow_advance(windows, T0 + 6350);
    text = aif_sharewindow_save(windows);
    assert_non_null(text);
    assert_int_equal(aif_sharewindow_restore(fresh, text, strlen(text), &at, &err), 0);
    assert_int_equal(at, T0 + 6350);
    assert_ptr_equal(aif_sharewindow_closed(fresh, &ours), &policy->shares[1]);
    aif_sharewindow_start(fresh, &ours, 2, at);
    aif_sharewindow_stop(fresh, &ours, 2, T0 + 8000);
    assert_int_equal(state_of(fresh, 1).used_secs, 16000);
    aif_sharewindow_destroy(fresh);
    free(text);
}

static time_t restored(struct aif_sharewindow *into, const char *text)
{
    struct aif_error err = {0};
    time_t at = 0;

    if (aif_sharewindow_restore(into, text, strlen(text), &at, &err))
        fail_msg("%s", err.text);
    return at;
}

/* What was used in the last, short bucket belongs to before the moment that old is at. */
static void check_short_bucket(struct aif_sharewindow *fresh)
{
    assert_int_equal(state_of(fresh, 0).used_secs, 30);
    aif_sharewindow_advance(fresh, T0 + 200 + 127 + 10);
    assert_int_equal(state_of(fresh, 0).used_secs, 20);
    aif_sharewindow_advance(fresh, T0 + 230 + 127);
    assert_int_equal(state_of(fresh, 0).used_secs, 0);
    aif_sharewindow_destroy(fresh);
}

static void test_another_window(void **state)
{
    struct aif_policy *next = policytest_make(
        "\"lanes\": {\"window\": \"00:02:07\"}, \"shares\": [{\"title\": \"m\", \"percent\": 1}]",
        "");
    struct aif_sharewindow *from_text = aif_sharewindow_create(next, 10, T0);
    struct aif_sharewindow *from_old = aif_sharewindow_create(next, 10, T0);
    char *text;

    (void)state;
    aif_sharewindow_start(windows, &ours, 1, T0 + 200);
    aif_sharewindow_advance(windows, T0 + 230);
    text = aif_sharewindow_save(windows);
    assert_int_equal(restored(from_text, text), T0 + 230);
    assert_int_equal(aif_sharewindow_adopt(from_old, windows), T0 + 230);
    check_short_bucket(from_text);
    check_short_bucket(from_old);
    aif_policy_destroy(next);
    free(text);
}

/* The clock of the host that takes over is behind, and an end was told before its start. */
static void test_restore_on_a_slow_clock(void **state)
{
    struct aif_sharewindow *fresh = aif_sharewindow_create(policy, 10, T0);
    char *text;
    time_t at;

    (void)state;
    aif_sharewindow_start(windows, &ours, 3, T0 + 200);
    aif_sharewindow_stop(windows, &sold, 1, T0 + 250);
    aif_sharewindow_advance(windows, T0 + 330);
    text = aif_sharewindow_save(windows);
    at = restored(fresh, text);
    aif_sharewindow_start(fresh, &ours, 3, at);
    aif_sharewindow_stop(fresh, &sold, 1, at);
    aif_sharewindow_advance(fresh, T0 + 100);
    assert_int_equal(state_of(fresh, 1).used_secs, 390);
    aif_sharewindow_start(fresh, &sold, 1, T0 + 240);
    aif_sharewindow_advance(fresh, T0 + 430);
    assert_int_equal(state_of(fresh, 1).used_secs, 690);
    assert_int_equal(state_of(fresh, 0).used_secs, 10);
    aif_sharewindow_destroy(fresh);
    free(text);
}

#define SHARE(title, buckets)                                                                      \
    "{\"version\": 1, \"at\": 150, \"length\": 100, \"shares\": [{\"title\": \"" title             \
    "\", \"closed\": true, \"buckets\": " buckets "}]}"

static void test_bad_text(void **state)
{
    static const struct policytest_bad cases[] = {
        {"", "aif_lanes.json:1: top level: not JSON"},
        {"[]", "aif_lanes.json:1: top level: wrong type"},
        {"{}", "aif_lanes.json:1: version: required key is missing"},
        {"{\"version\": 2}", "aif_lanes.json:1: version: out of range: 2"},
        {"{\"version\": 1, \"at\": -1}", "aif_lanes.json:1: at: out of range: -1"},
        {"{\"version\": 1, \"at\": 9223372036854775807, \"length\": 1, \"shares\": []}",
         "aif_lanes.json:1: at: out of range"},
        {"{\"version\": 1, \"at\": 1, \"length\": 0, \"shares\": []}",
         "aif_lanes.json:1: length: out of range: 0"},
        {SHARE("m", "[1]"),
         "aif_lanes.json:1: shares[0].buckets: out of range: 1 entries, limit 2"},
        {SHARE("m", "[1, 2, 3]"),
         "aif_lanes.json:1: shares[0].buckets: out of range: 3 entries, limit 2"},
        {SHARE("m", "[1, 1.5]"), "aif_lanes.json:1: shares[0].buckets[1]: out of range: 1.5"},
        {SHARE("m", "[1, null]"), "aif_lanes.json:1: shares[0].buckets[1]: out of range: null"},
        {SHARE("m", "[100000000001, 0]"),
         "aif_lanes.json:1: shares[0].buckets[0]: out of range: 100000000001"},
    };
    struct aif_error err = {0};
    time_t at = 77;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(
            aif_sharewindow_restore(windows, cases[i].text, strlen(cases[i].text), &at, &err), -1);
        drop_column(err.text);
        if (strncmp(err.text, cases[i].expected, strlen(cases[i].expected)))
            fail_msg("%s\n  want %s\n  got  %s", cases[i].text, cases[i].expected, err.text);
    }
    assert_int_equal(at, 77);
    assert_int_equal(aif_sharewindow_restore(windows, "", AIF_SHAREWINDOW_TEXT_MAX + 1, &at, &err),
                     -1);
    assert_non_null(strstr(err.text, "too large"));
    assert_int_equal(state_of(windows, 1).used_secs, 0);
}

static void test_unknown_share_is_ignored(void **state)
{
    static const char text[] = SHARE("gone", "[1, 2]");
    struct aif_error err = {0};
    time_t at;

    (void)state;
    assert_int_equal(aif_sharewindow_restore(windows, text, strlen(text), &at, &err), 0);
    assert_int_equal(at, 150);
    assert_int_equal(state_of(windows, 0).used_secs + state_of(windows, 1).used_secs, 0);
}

static void test_without_shares(void **state)
{
    struct aif_policy *none = policytest_make("", "");
    struct aif_sharewindow *empty = aif_sharewindow_create(none, 10, T0);

    (void)state;
    aif_sharewindow_start(empty, &ours, 1, T0);
    assert_false(aif_sharewindow_advance(empty, T0 + 1));
    assert_null(aif_sharewindow_closed(empty, &ours));
    aif_sharewindow_destroy(empty);
    aif_sharewindow_destroy(NULL);
    aif_policy_destroy(none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_windows, tear_down_windows)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_who_is_in_a_share),
        TEST(test_counts_as_jobs_run),
        TEST(test_slides_out),
        TEST(test_clock_begins),
        TEST(test_closes_and_opens),
        TEST(test_capacity),
        TEST(test_clock_goes_back),
        TEST(test_absurd_numbers),
        TEST(test_allocation_of_another_policy),
        TEST(test_adopt),
        TEST(test_adopt_keeps_what_is_closed),
        TEST(test_save_and_restore),
        TEST(test_another_window),
        TEST(test_restore_on_a_slow_clock),
        TEST(test_bad_text),
        TEST(test_unknown_share_is_ignored),
        TEST(test_without_shares),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
