/* test_lane_book.c - unit tests of lane_book.h: points of jobs, runs, other configurations */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lane.h"
#include "lane_book.h"
#include "lane_file.h"
#include "pace.h"

#define NOW ((time_t)1795219200)
#define NONE 2147483648u
#define BASE 100000
#define GPUS 8
#define MINUTE 60

enum { FAST = 1, OTHER, PAUSED }; /* as in the file, counted from 1 */

static char dir[] = "/tmp/aif-lane-book-XXXXXX";

static void put_file(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* more: members after "modes" of policy.json, each with a comma before it. */
static struct aif_snapshot *snapshot_of(const char *more)
{
    struct aif_snapshot *snapshot = NULL;
    struct aif_error err = {0};
    char text[2048];

    snprintf(text, sizeof(text),
             "{\"version\": 1, \"cluster\": \"c\", \"report\": {\"ledger\": \"/nonexistent/l\", \"interval\": 300,"
             " \"overlap\": 86400}, \"modes\": {\"other\": {\"open\": true},"
             " \"fast\": {\"open\": true, \"lane\": {\"base\": %d, \"level\": true}}}%s}", BASE, more);
    put_file("policy.json", text);
    put_file("allocations.json",
             "{\"version\": 1, \"allocations\": ["
             "{\"id\": \"F\", \"account\": \"f\", \"mode\": \"fast\", \"amount\": 10, \"unit\": \"gpu-hour\", \"start\":"
             " \"2026-01-01\", \"end\": \"2027-12-31\"},"
             "{\"id\": \"O\", \"account\": \"o\", \"mode\": \"other\", \"amount\": 10, \"unit\": \"gpu-hour\", \"start\":"
             " \"2026-01-01\", \"end\": \"2027-12-31\"},"
             "{\"id\": \"P\", \"account\": \"p\", \"mode\": \"fast\", \"amount\": 10, \"unit\": \"gpu-hour\", \"start\":"
             " \"2026-01-01\", \"end\": \"2027-12-31\", \"state\": \"paused\"}]}");
    if (aif_snapshot_load(dir, &snapshot, &err))
        fail_msg("%s", err.text);
    return snapshot;
}

#define SHARES \
    ", \"lanes\": {\"window\": \"00:10:00\"}, " \
    "\"shares\": [{\"title\": \"s\", \"modes\": [\"fast\"], \"percent\": 10}]"

static struct aif_lane_book *book_of(const char *more)
{
    struct aif_lane_book *book = aif_lane_book_create();

    assert_non_null(book);
    assert_true(aif_lane_book_adopt(book, snapshot_of(more), GPUS, NOW));
    return book;
}

static struct aif_lane_entry *waiting(struct aif_lane_book *book, uint32_t job_id, uint32_t alloc, int32_t own)
{
    struct aif_lane_entry *entry = aif_lane_table_add(book->table, job_id);

    entry->flags = AIF_LANE_WAITS | AIF_LANE_SEEN | AIF_LANE_KNOWN;
    entry->alloc = alloc;
    entry->own = own;
    entry->site = NONE;
    return entry;
}

/* The points that the job of that id shall have. */
static int64_t points(struct aif_lane_book *book, uint32_t job_id, time_t now)
{
    return (int64_t)aif_lane_book_site(book, aif_lane_table_find(book->table, job_id), NONE, now) - NONE;
}

static void give(struct aif_lane_book *book, uint32_t job_id, time_t now)
{
    struct aif_lane_entry *entry = aif_lane_table_find(book->table, job_id);

    aif_lane_book_give(book, entry, NONE, aif_lane_book_site(book, entry, NONE, now));
}

static void gives(struct aif_lane_book *book, time_t now, uint32_t site)
{
    give(book, 1, now);
    assert_int_equal(aif_lane_table_find(book->table, 1)->site, site);
}

static void save(struct aif_lane_book *book)
{
    book->lifted_changed = false;
    aif_lane_book_saving(book);
    aif_lane_book_saved(book);
}

static void only_lanes_give_points(void **state)
{
    struct aif_lane_book *book = book_of("");

    (void)state;
    waiting(book, 1, FAST, 0);
    waiting(book, 2, OTHER, 0);
    waiting(book, 3, PAUSED, 0);
    waiting(book, 4, FAST, 0)->flags |= AIF_LANE_FREE;
    aif_lane_book_settle(book, NOW);
    assert_int_equal(points(book, 1, NOW), BASE);
    assert_int_equal(points(book, 2, NOW), 0);
    assert_int_equal(points(book, 3, NOW), 0);
    assert_int_equal(points(book, 4, NOW), -1000000000);
    aif_lane_book_destroy(book);
    aif_lane_book_destroy(NULL);
}

static void a_lane_is_level(void **state)
{
    struct aif_lane_book *book = book_of("");

    (void)state;
    book->most_own = 1000;
    waiting(book, 1, FAST, 10);
    waiting(book, 2, FAST, 500);
    waiting(book, 3, FAST, AIF_LANE_OWN_UNKNOWN);
    waiting(book, 4, OTHER, 900);
    waiting(book, 5, FAST, 999)->flags &= ~(uint32_t)AIF_LANE_WAITS;
    aif_lane_book_settle(book, NOW);
    assert_int_equal(points(book, 1, NOW), BASE + 490);
    assert_int_equal(points(book, 2, NOW), BASE);
    assert_int_equal(points(book, 3, NOW), BASE - 500); /* at most as good as the others, whatever it turns out to be */
    assert_int_equal(points(book, 4, NOW), 0);
    aif_lane_table_find(book->table, 3)->own = 700;
    assert_int_equal(points(book, 3, NOW), BASE - 200); /* not ahead before the others are lifted */
    aif_lane_book_settle(book, NOW);
    assert_int_equal(points(book, 1, NOW), BASE + 690);
    assert_int_equal(points(book, 3, NOW), BASE);
    aif_lane_book_destroy(book);
}

static void the_first_of_a_lane_is_not_held_back(void **state)
{
    struct aif_lane_book *book = book_of("");

    (void)state;
    book->most_own = 1000;
    aif_lane_book_settle(book, NOW);
    waiting(book, 1, FAST, AIF_LANE_OWN_UNKNOWN);
    assert_int_equal(points(book, 1, NOW), BASE);
    aif_lane_book_destroy(book);
}

static void new_jobs_stay_behind_until_the_next_look(void **state)
{
    struct aif_lane_book *book = book_of("");
    struct aif_lane_entry *entry;

    (void)state;
    entry = waiting(book, 1, FAST, AIF_LANE_OWN_UNKNOWN);
    assert_int_equal(aif_lane_book_join(book, entry), 0);
    entry->own = *aif_lane_book_best(book, entry) = 10;
    entry = waiting(book, 2, FAST, AIF_LANE_OWN_UNKNOWN);
    assert_int_equal(aif_lane_book_join(book, entry), 1);
    assert_int_equal(aif_lane_book_join(book, waiting(book, 3, FAST, AIF_LANE_OWN_UNKNOWN)), 2);
    aif_lane_book_settle(book, NOW);
    assert_int_equal(aif_lane_book_join(book, waiting(book, 4, FAST, AIF_LANE_OWN_UNKNOWN)), 1);
    aif_lane_book_destroy(book);
}

static void extremes_stay_within_slurms_numbers(void **state)
{
    struct aif_lane_book *book = book_of("");

    (void)state;
    waiting(book, 1, FAST, -INT32_MAX);
    waiting(book, 2, FAST, INT32_MAX);
    waiting(book, 3, 0, 0)->site = UINT32_MAX - 16;
    aif_lane_book_lifted(book, aif_lane_table_find(book->table, 3), 0);
    aif_lane_book_settle(book, NOW);
    assert_int_equal(points(book, 1, NOW), 1000000000);
    assert_int_equal(points(book, 2, NOW), BASE);
    assert_int_equal(aif_lane_book_site(book, aif_lane_table_find(book->table, 3), NONE, NOW), UINT32_MAX - 16);
    aif_lane_book_destroy(book);
}

static void others_keep_theirs_under_the_guard(void **state)
{
    struct aif_lane_book *book = book_of(", \"lanes\": {\"guard\": {\"after\": \"00:01:00\", \"points\": 6000}}");
    struct aif_lane_entry *entry = waiting(book, 1, 0, 0);

    (void)state;
    entry->site = NONE + 777;
    entry->since = NOW;
    gives(book, NOW + MINUTE, NONE + 777);
    assert_false(aif_lane_book_note(book, entry, NOW + MINUTE));
    assert_false(book->lifted_changed);
    gives(book, NOW + 2 * MINUTE, NONE + 777); /* not before it is noted what it has without us */
    assert_true(aif_lane_book_note(book, entry, NOW + 2 * MINUTE));
    assert_true(book->lifted_changed);
    assert_false(aif_lane_book_note(book, entry, NOW + 2 * MINUTE));
    save(book);
    gives(book, NOW + 2 * MINUTE, NONE + 6777);
    assert_false(book->lifted_changed); /* what is saved says it already */
    gives(book, NOW + 3 * MINUTE, NONE + 12777);
    entry->since = 0;
    gives(book, NOW + 3 * MINUTE, NONE + 777);
    assert_int_equal(entry->given, 0);
    aif_lane_book_destroy(book);
}

/* What aif_lane_parts() tells of a job of that allocation: most are given less than a look at that. */
static void check_points(struct aif_lane_book *book, uint32_t alloc, int32_t pace, time_t since)
{
    const struct aif_lane_job job = {.alloc = aif_lane_book_alloc(book, alloc), .since = since, .pace = pace};
    struct aif_lane_parts parts;

    aif_lane_table_find(book->table, 1)->alloc = alloc;
    aif_lane_table_find(book->table, 1)->since = (uint32_t)since;
    aif_lane_book_pace(book, alloc, pace);
    aif_lane_parts(book->snapshot->policy, book->windows, &job, NOW, &parts);
    assert_int_equal(points(book, 1, NOW), parts.total);
    aif_lane_book_settle(book, NOW);
    assert_int_equal(points(book, 1, NOW), parts.total);
}

static void pace_and_guard_count_in_every_mode(void **state)
{
    static const int32_t paces[] = {0, -500, AIF_PACE_LOWEST + 1, AIF_PACE_LOWEST, 0};
    static const time_t sinces[] = {0, NOW, NOW - MINUTE, NOW - MINUTE - 1, NOW - 7 * MINUTE, NOW + MINUTE};
    struct aif_lane_book *book = book_of(", \"lanes\": {\"guard\": {\"after\": \"00:01:00\", \"points\": 6000}}");

    (void)state;
    waiting(book, 1, FAST, 0);
    aif_lane_book_settle(book, NOW);
    for (uint32_t alloc = FAST; alloc <= PAUSED; alloc++)
        for (size_t i = 0; i < sizeof(paces) / sizeof(paces[0]); i++)
            for (size_t j = 0; j < sizeof(sinces) / sizeof(sinces[0]); j++)
                check_points(book, alloc, paces[i], sinces[j]);
    aif_lane_book_destroy(book);
}

static void what_a_job_has_is_saved_before_it_is_lifted(void **state)
{
    struct aif_lane_book *book = book_of(", \"lanes\": {\"guard\": {\"after\": \"00:01:00\", \"points\": 6000}}");
    struct aif_lane_entry *entry = waiting(book, 1, 0, 0);
    char *text;

    (void)state;
    entry->site = 777;
    entry->since = NOW;
    assert_true(aif_lane_book_note(book, entry, NOW + 2 * MINUTE));
    text = aif_lane_file_lifted(book);
    assert_string_equal(text, "aif-lifted 1\n1 777\n");
    free(text);
    book->lifted_changed = false;
    entry->site = 5;
    aif_lane_book_taken(book, entry);
    assert_true(book->lifted_changed);
    entry->alloc = FAST;
    text = aif_lane_file_lifted(book);
    assert_string_equal(text, "aif-lifted 1\n");
    free(text);
    give(book, 1, NOW);
    assert_int_equal(entry->flags & AIF_LANE_NOTED, 0);
    aif_lane_book_destroy(book);
}

static void nobody_is_lifted_while_the_file_does_not_say_so(void **state)
{
    struct aif_lane_book *book = book_of(", \"lanes\": {\"guard\": {\"after\": \"00:01:00\", \"points\": 6000}}");
    struct aif_lane_entry *entry = waiting(book, 1, 0, 0);

    (void)state;
    entry->site = 777;
    entry->since = NOW;
    assert_true(aif_lane_book_note(book, entry, NOW + 2 * MINUTE));
    gives(book, NOW + 2 * MINUTE, 777);
    aif_lane_book_saving(book);
    gives(book, NOW + 2 * MINUTE, 777);
    aif_lane_book_saved(book);
    gives(book, NOW + 2 * MINUTE, 6777);
    aif_lane_book_saving(book); /* for another job: lower is always possible, and so are our own jobs */
    gives(book, NOW + 90, 3777);
    waiting(book, 2, FAST, 0);
    aif_lane_book_settle(book, NOW);
    give(book, 2, NOW);
    assert_int_equal(aif_lane_table_find(book->table, 2)->site, NONE + BASE);
    aif_lane_book_saved(book);
    entry = aif_lane_table_find(book->table, 1);
    entry->site = 5; /* an administrator */
    aif_lane_book_taken(book, entry);
    gives(book, NOW + 2 * MINUTE, 5);
    save(book);
    gives(book, NOW + 2 * MINUTE, 6005);
    aif_lane_book_destroy(book);
}

static void one_that_was_ours_starts_from_nothing(void **state)
{
    struct aif_lane_book *book = book_of("");
    struct aif_lane_entry *entry = waiting(book, 1, FAST, 0);

    (void)state;
    aif_lane_book_settle(book, NOW);
    gives(book, NOW, NONE + BASE);
    entry->alloc = 0;
    entry->flags |= AIF_LANE_LOOSE;
    gives(book, NOW, NONE);
    entry->site = NONE + 5;
    aif_lane_book_taken(book, entry);
    gives(book, NOW, NONE + 5);
    aif_lane_book_destroy(book);
}

/* All GPUs for one of ten minutes are the share of 10 %. */
static struct aif_lane_book *used_up(void)
{
    struct aif_lane_book *book = book_of(SHARES);

    waiting(book, 1, FAST, 0);
    aif_lane_book_run(book, aif_lane_table_add(book->table, 2), FAST, GPUS, NOW);
    assert_false(aif_lane_book_settle(book, NOW + MINUTE - 1));
    assert_int_equal(points(book, 1, NOW), BASE);
    assert_true(aif_lane_book_settle(book, NOW + MINUTE + 1));
    assert_int_equal(points(book, 1, NOW), 0);
    return book;
}

static void a_used_share_closes_and_opens_again(void **state)
{
    struct aif_lane_book *book = used_up();

    (void)state;
    aif_lane_book_stop(book, aif_lane_table_find(book->table, 2), NOW + MINUTE + 1);
    assert_int_equal(book->running, 0);
    assert_false(aif_lane_book_settle(book, NOW + 9 * MINUTE));
    assert_true(aif_lane_book_settle(book, NOW + 11 * MINUTE));
    assert_int_equal(points(book, 1, NOW), BASE);
    aif_lane_book_destroy(book);
}

static void a_run_that_nobody_saw_counts(void **state)
{
    struct aif_lane_book *book = book_of(SHARES);

    (void)state;
    waiting(book, 1, FAST, 0);
    aif_lane_book_ran(book, FAST, GPUS, NOW - 2 * MINUTE, NOW);
    assert_true(book->changed);
    assert_int_equal(book->running, 0);
    assert_true(aif_lane_book_settle(book, NOW));
    assert_int_equal(points(book, 1, NOW), 0);
    aif_lane_book_destroy(book);
}

static void another_policy_keeps_what_was_used(void **state)
{
    struct aif_lane_book *book = used_up();
    struct aif_lane_entry *entry;

    (void)state;
    assert_true(aif_lane_book_adopt(book, snapshot_of(", \"gpu_tres\": \"gres/gpu\"" SHARES), GPUS, NOW + 2 * MINUTE));
    assert_int_equal(book->running, 0);
    entry = aif_lane_table_find(book->table, 1);
    assert_int_equal(entry->alloc, 0);
    assert_int_equal(entry->flags & (AIF_LANE_KNOWN | AIF_LANE_LOOSE), AIF_LANE_LOOSE);
    entry->alloc = FAST;
    /* Its running job goes on: counted from the change on, once. */
    aif_lane_book_run(book, aif_lane_table_find(book->table, 2), FAST, GPUS, NOW);
    aif_lane_book_settle(book, NOW + 2 * MINUTE);
    assert_int_equal(points(book, 1, NOW), 0);
    aif_lane_book_stop(book, aif_lane_table_find(book->table, 2), NOW + 2 * MINUTE);
    aif_lane_book_settle(book, NOW + 13 * MINUTE);
    assert_int_equal(points(book, 1, NOW), BASE);
    aif_lane_book_destroy(book);
}

static void no_shares_no_windows(void **state)
{
    struct aif_lane_book *book = used_up();

    (void)state;
    assert_true(aif_lane_book_adopt(book, snapshot_of(""), GPUS, NOW + 2 * MINUTE));
    assert_null(book->windows);
    waiting(book, 1, FAST, 0);
    aif_lane_book_settle(book, NOW + 2 * MINUTE);
    assert_int_equal(points(book, 1, NOW), BASE);
    aif_lane_book_destroy(book);
}

static void windows_come_back_from_their_text(void **state)
{
    struct aif_lane_book *old = used_up(), *book = book_of(SHARES);
    char *text = aif_sharewindow_save(old->windows);
    struct aif_error err = {0};

    (void)state;
    assert_non_null(text);
    assert_int_equal(aif_lane_book_restore(book, text, strlen(text), &err), 0);
    assert_int_equal(book->from, NOW + MINUTE + 1);
    assert_int_equal(book->looked_at, NOW + MINUTE + 1);
    waiting(book, 1, FAST, 0);
    assert_int_equal(points(book, 1, NOW), 0);
    /* It ran when that was saved, and ended two minutes later. */
    aif_lane_book_ran(book, FAST, GPUS, NOW, NOW + 3 * MINUTE);
    aif_lane_book_settle(book, NOW + 10 * MINUTE);
    assert_int_equal(points(book, 1, NOW), 0);
    assert_int_equal(aif_lane_book_restore(book, text, strlen(text) / 2, &err), -1);
    assert_non_null(strstr(err.text, "aif_lanes.json"));
    free(text);
    aif_lane_book_destroy(old);
    aif_lane_book_destroy(book);
}

static void a_clock_that_was_ahead_does_not_stop_the_counting(void **state)
{
    const time_t ahead = NOW + 365 * 86400;
    struct aif_lane_book *old = book_of(SHARES), *book = book_of(SHARES);
    struct aif_sharewindow_state share;
    struct aif_error err = {0};
    char *text;

    (void)state;
    aif_lane_book_settle(old, ahead);
    text = aif_sharewindow_save(old->windows);
    assert_int_equal(aif_lane_book_restore(book, text, strlen(text), &err), 0);
    aif_lane_book_settle(book, NOW);
    for (int minute = 1; minute < 4; minute++) { /* each start must leave alone what is counted */
        aif_lane_book_run(book, aif_lane_table_add(book->table, (uint32_t)minute), FAST, 1, NOW + minute * MINUTE);
        aif_lane_book_settle(book, NOW + (minute + 1) * MINUTE);
    }
    aif_sharewindow_get(book->windows, 0, &share);
    assert_int_equal(share.used_secs, (3 + 2 + 1) * MINUTE);
    free(text);
    aif_lane_book_destroy(old);
    aif_lane_book_destroy(book);
}

static void in_dir(char *path, size_t size, const char *name)
{
    snprintf(path, size, "%s/%s", dir, name);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    char path[128];

    (void)state;
    in_dir(path, sizeof(path), "policy.json");
    unlink(path);
    in_dir(path, sizeof(path), "allocations.json");
    unlink(path);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_lanes_give_points),
        cmocka_unit_test(a_lane_is_level),
        cmocka_unit_test(the_first_of_a_lane_is_not_held_back),
        cmocka_unit_test(new_jobs_stay_behind_until_the_next_look),
        cmocka_unit_test(extremes_stay_within_slurms_numbers),
        cmocka_unit_test(others_keep_theirs_under_the_guard),
        cmocka_unit_test(pace_and_guard_count_in_every_mode),
        cmocka_unit_test(one_that_was_ours_starts_from_nothing),
        cmocka_unit_test(a_used_share_closes_and_opens_again),
        cmocka_unit_test(a_run_that_nobody_saw_counts),
        cmocka_unit_test(another_policy_keeps_what_was_used),
        cmocka_unit_test(no_shares_no_windows),
        cmocka_unit_test(windows_come_back_from_their_text),
        cmocka_unit_test(a_clock_that_was_ahead_does_not_stop_the_counting),
        cmocka_unit_test(what_a_job_has_is_saved_before_it_is_lifted),
        cmocka_unit_test(nobody_is_lifted_while_the_file_does_not_say_so),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
