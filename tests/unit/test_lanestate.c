/* test_lanestate.c - unit tests of lanestate.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lanestate.h"

#define NOW 2000000000

static struct aif_mode mode = {.name = (char *)"fast-lane", .lane = {.present = true}};
static struct aif_alloc alloc = {.id = (char *)"A-1", .mode = &mode};
static struct aif_share shares[] = {{.title = (char *)"fast", .percent = 50}};
static struct aif_policy policy = {.modes = &mode,
                                   .mode_count = 1,
                                   .shares = shares,
                                   .share_count = 1,
                                   .lanes = {.window = 360000, .resume = 95}};

struct place {
    char dir[64];
    char file[96];
};

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    snprintf(place->dir, sizeof(place->dir), "/tmp/aif-unit-XXXXXX");
    if (!mkdtemp(place->dir)) {
        free(place);
        return -1;
    }
    snprintf(place->file, sizeof(place->file), "%s/aif_lanes.json", place->dir);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;

    unlink(place->file);
    rmdir(place->file);
    rmdir(place->dir);
    free(place);
    return 0;
}

static void put(const struct place *place, const char *text)
{
    FILE *file = fopen(place->file, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* GPU-seconds that were found; -1 if the file was not taken, and then nothing is touched. */
static int64_t found(const struct place *place, time_t *at)
{
    struct aif_sharewindow *windows = aif_sharewindow_create(&policy, 8, NOW);
    struct aif_sharewindow_state state;
    int rc;

    *at = 7;
    rc = aif_lanestate_read(place->dir, windows, at);
    aif_sharewindow_advance(windows, NOW);
    aif_sharewindow_get(windows, 0, &state);
    aif_sharewindow_destroy(windows);
    if (rc == 0)
        return (int64_t)state.used_secs;
    assert_int_equal(*at, 7);
    assert_int_equal(state.used_secs, 0);
    return -1;
}

static void test_what_the_controller_saved(void **state)
{
    struct aif_sharewindow *windows = aif_sharewindow_create(&policy, 8, NOW - 100);
    time_t at;
    char *text;

    aif_sharewindow_start(windows, &alloc, 2, NOW - 100);
    aif_sharewindow_advance(windows, NOW - 40);
    text = aif_sharewindow_save(windows);
    put(*state, text);
    assert_int_equal(found(*state, &at), 120);
    assert_int_equal(at, NOW - 40);
    free(text);
    aif_sharewindow_destroy(windows);
}

static void test_what_is_none(void **state)
{
    const struct place *place = *state;
    time_t at = 7;

    assert_int_equal(found(place, &at), -1); /* not there */
    put(place, "");
    assert_int_equal(found(place, &at), -1);
    put(place, "{\"version\":1}");
    assert_int_equal(found(place, &at), -1);
    unlink(place->file);
    assert_int_equal(mkfifo(place->file, 0600), 0); /* nobody waits for a writer */
    assert_int_equal(found(place, &at), -1);
    unlink(place->file);
    assert_int_equal(mkdir(place->file, 0700), 0);
    assert_int_equal(found(place, &at), -1);
    rmdir(place->file);
    assert_int_equal(symlink("/dev/null", place->file), 0);
    assert_int_equal(found(place, &at), -1);
    assert_int_equal(aif_lanestate_read(NULL, NULL, &at), -1);
}

static void test_too_large(void **state)
{
    const struct place *place = *state;
    time_t at;

    put(place, "{}");
    assert_int_equal(truncate(place->file, AIF_SHAREWINDOW_TEXT_MAX + 1), 0);
    assert_int_equal(found(place, &at), -1);
}

static void test_jobs_that_were_lifted(void **state)
{
    struct place *place = *state;
    int64_t points = 7;

    assert_int_equal(aif_lanestate_given(place->dir, 12, &points), 0);
    snprintf(place->file, sizeof(place->file), "%s/aif_lifted", place->dir);
    put(place, "aif-lifted 1\n12 2147484425\n4000000000 2147483638\n");
    assert_int_equal(aif_lanestate_given(place->dir, 12, &points), 1);
    assert_int_equal(points, 777);
    assert_int_equal(aif_lanestate_given(place->dir, 4000000000u, &points), 1);
    assert_int_equal(points, -10);
    assert_int_equal(aif_lanestate_given(place->dir, 1, &points), 0);
    unlink(place->file);
    assert_int_equal(mkdir(place->file, 0700), 0);
    assert_int_equal(aif_lanestate_given(place->dir, 12, &points), -1);
    assert_int_equal(aif_lanestate_given(NULL, 12, &points), -1);
    assert_int_equal(points, -10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_the_controller_saved),
        TEST(test_what_is_none),
        TEST(test_too_large),
        TEST(test_jobs_that_were_lifted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
