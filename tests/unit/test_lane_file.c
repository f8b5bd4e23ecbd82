/* test_lane_file.c - unit tests of lane_file.h: state files, whole or not there, and the list of lifted jobs */
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

#include "lane_book.h"
#include "lane_file.h"
#include "state_file.h"

static char dir[] = "/tmp/aif-lane-file-XXXXXX";

static void in_dir(char *path, size_t size, const char *name)
{
    snprintf(path, size, "%s/%s", dir, name);
}

static void files_are_whole_or_as_they_were(void **state)
{
    struct aif_error err = {0};
    char path[128], other[128], *text;

    (void)state;
    in_dir(path, sizeof(path), "state");
    in_dir(other, sizeof(other), "state.new");
    assert_int_equal(aif_state_file_read(path, 100, &text, &err), 0);
    assert_null(text);
    assert_int_equal(aif_state_file_write(path, 0644, NULL, &err), 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(aif_state_file_write(path, 0644, "one", &err), 0);
    assert_int_equal(aif_state_file_write(path, 0644, "two2", &err), 0);
    assert_int_equal(access(other, F_OK), -1);
    assert_int_equal(aif_state_file_read(path, 4, &text, &err), 0);
    assert_string_equal(text, "two2");
    free(text);
    assert_int_equal(aif_state_file_read(path, 3, &text, &err), -1);
    assert_null(text);
    assert_int_equal(unlink(path), 0);
}

static void what_is_no_file_is_not_read(void **state)
{
    struct aif_error err = {0};
    char path[128], link[128], real[128], *text;

    (void)state;
    in_dir(path, sizeof(path), "pipe");
    in_dir(link, sizeof(link), "link");
    in_dir(real, sizeof(real), "real");
    assert_int_equal(aif_state_file_write(real, 0644, "x", &err), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(symlink("real", link), 0);
    assert_int_equal(aif_state_file_read(path, 100, &text, &err), -1);
    assert_int_equal(aif_state_file_read(link, 100000, &text, &err), -1);
    assert_int_equal(aif_state_file_read(dir, 100000, &text, &err), -1);
    assert_int_equal(aif_state_file_write("/nonexistent/aif", 0644, "x", &err), -1);
    assert_non_null(strstr(err.text, "/nonexistent/aif"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(unlink(real), 0);
}

static void lifted_jobs_come_back(void **state)
{
    struct aif_lane_book *book = aif_lane_book_create();
    struct aif_error err = {0};
    char *text;

    (void)state;
    for (uint32_t i = 5; i > 0; i--) {
        aif_lane_table_add(book->table, i * 1000)->given = i == 3 ? 0 : (int32_t)i;
        aif_lane_table_find(book->table, i * 1000)->site = UINT32_MAX - 100 + i;
    }
    text = aif_lane_file_lifted(book);
    assert_non_null(text);
    assert_int_equal(aif_lane_file_put_back(book, text, &err), 0);
    assert_int_equal(book->lifted_count, 4);
    assert_int_equal(book->lifted[0].job_id, 1000);
    assert_int_equal(book->lifted[3].job_id, 5000);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(book->lifted[i].base, UINT32_MAX - 100);
    free(text);
    aif_lane_book_destroy(book);
}

static void other_texts_bring_no_lifted_jobs(void **state)
{
    static const char *const texts[] = {"", "aif-lifted 1", "aif-lifted 2\n", "aif-lifted 1\n1", "aif-lifted 1\n1 2",
                                        "aif-lifted 1\n1 4294967296\n", "aif-lifted 1\n-1 2\n", "aif-lifted 1\n1 2\n\n",
                                        "aif-lifted 1\n1  2\n", "aif-lifted 1\n99999999999999999999999 2\n", "{\"a\": 1}"};
    struct aif_lane_book *book = aif_lane_book_create();

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct aif_error err = {0};

        assert_int_equal(aif_lane_file_put_back(book, texts[i], &err), -1);
        assert_non_null(strstr(err.text, "aif_lifted"));
        assert_int_equal(book->lifted_count, 0);
    }
    assert_int_equal(aif_lane_file_put_back(book, "aif-lifted 1\n", NULL), 0);
    aif_lane_book_destroy(book);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_whole_or_as_they_were),
        cmocka_unit_test(what_is_no_file_is_not_read),
        cmocka_unit_test(lifted_jobs_come_back),
        cmocka_unit_test(other_texts_bring_no_lifted_jobs),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
