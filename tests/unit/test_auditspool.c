/* test_auditspool.c - unit tests of auditspool.h */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <signal.h>

#include "auditspool.h"

static const struct aif_auditspool_limits small = {.file = 10, .total = UINT64_C(1) << 20};

struct fixture {
    char top[64];
    char dir[96];
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    snprintf(fixture->top, sizeof(fixture->top), "/tmp/aif-unit-XXXXXX");
    *state = fixture;
    if (!mkdtemp(fixture->top))
        return -1;
    snprintf(fixture->dir, sizeof(fixture->dir), "%s/spool", fixture->top);
    return 0;
}

/* The names of the files, in order; the caller frees. */
static int list(const struct fixture *fixture, struct dirent ***ret_names)
{
    int count = scandir(fixture->dir, ret_names, NULL, alphasort);

    return count < 2 ? 0 : count - 2;
}

static void free_list(struct dirent **names, int count)
{
    for (int i = 0; i < count + 2; i++)
        free(names[i]);
    free(names);
}

static int count(const struct fixture *fixture)
{
    struct dirent **names;
    int files = list(fixture, &names);

    if (files || access(fixture->dir, F_OK) == 0)
        free_list(names, files);
    return files;
}

static void path_of_one(const struct fixture *fixture, char ret_path[512])
{
    struct dirent **names;

    assert_int_equal(list(fixture, &names), 1);
    snprintf(ret_path, 512, "%s/%s", fixture->dir, names[2]->d_name);
    free_list(names, 1);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    struct dirent **names;
    char path[512];
    int files = list(fixture, &names);

    if (files || access(fixture->dir, F_OK) == 0) {
        for (int i = 0; i < files; i++) {
            snprintf(path, sizeof(path), "%s/%s", fixture->dir, names[i + 2]->d_name);
            unlink(path);
        }
        free_list(names, files);
    }
    rmdir(fixture->dir);
    rmdir(fixture->top);
    free(fixture);
    return 0;
}

static void assert_holds(const char *path, const char *text)
{
    char buffer[256] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_int_equal(fread(buffer, 1, sizeof(buffer) - 1, file), strlen(text));
    assert_string_equal(buffer, text);
    fclose(file);
}

static void test_lines(void **state)
{
    const struct fixture *fixture = *state;
    struct aif_auditspool *spool = aif_auditspool_create(fixture->dir, "select", &aif_auditspool_limits);
    struct aif_error err;
    struct stat st;
    char path[512];
    int fd;

    assert_int_equal(count(fixture), 0);
    assert_int_equal(aif_auditspool_sync(spool, &err), 0);
    assert_int_equal(aif_auditspool_append(spool, "one\n", 4, &err), 0);
    assert_int_equal(aif_auditspool_append(spool, "two\n", 4, &err), 0);
    assert_int_equal(aif_auditspool_sync(spool, &err), 0);
    path_of_one(fixture, path);
    assert_non_null(strstr(path, "/select-"));
    assert_string_equal(path + strlen(path) - strlen(AIF_AUDITSPOOL_ENDING), AIF_AUDITSPOOL_ENDING);
    assert_holds(path, "one\ntwo\n");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(fixture->dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    fd = open(path, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
    aif_auditspool_destroy(spool);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    close(fd);
    aif_auditspool_destroy(NULL);
}

static void test_another_file(void **state)
{
    const struct fixture *fixture = *state;
    struct aif_auditspool *spool = aif_auditspool_create(fixture->dir, "a", &small);
    struct aif_auditspool *other = aif_auditspool_create(fixture->dir, "a", &small);
    char path[512];

    assert_int_equal(aif_auditspool_append(spool, "123456789\n", 10, NULL), 0);
    assert_int_equal(count(fixture), 1);
    path_of_one(fixture, path);
    assert_int_equal(aif_auditspool_append(spool, "x\n", 2, NULL), 0);
    assert_int_equal(count(fixture), 2);
    assert_int_equal(aif_auditspool_append(other, "y\n", 2, NULL), 0);
    assert_int_equal(count(fixture), 3);
    assert_holds(path, "123456789\n");
    aif_auditspool_destroy(spool);
    aif_auditspool_destroy(other);
}

/* Somebody tidies up. */
static void test_a_file_that_is_gone(void **state)
{
    const struct fixture *fixture = *state;
    struct aif_auditspool *spool = aif_auditspool_create(fixture->dir, "a", &aif_auditspool_limits);
    char path[512];

    assert_int_equal(aif_auditspool_append(spool, "x\n", 2, NULL), 0);
    path_of_one(fixture, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(aif_auditspool_append(spool, "y\n", 2, NULL), 0);
    path_of_one(fixture, path);
    assert_holds(path, "y\n");
    aif_auditspool_destroy(spool);
}

static void test_full(void **state)
{
    static const struct aif_auditspool_limits tiny = {.file = 1, .total = 6000};
    const struct fixture *fixture = *state;
    struct aif_auditspool *spool = aif_auditspool_create(fixture->dir, "a", &tiny);
    struct aif_error err = {0};
    int rc = 0;

    for (int i = 0; i < 100 && rc == 0; i++)
        rc = aif_auditspool_append(spool, "x\n", 2, &err);
    assert_int_equal(rc, -1);
    assert_int_equal(err.code, AIF_ELIMIT);
    assert_non_null(strstr(err.text, "aif-reportd"));
    assert_true(count(fixture) >= 1 && count(fixture) < 100);
    aif_auditspool_destroy(spool);
}

static void test_directories_of_others(void **state)
{
    const struct fixture *fixture = *state;
    struct aif_auditspool *spool = aif_auditspool_create(fixture->dir, "a", &aif_auditspool_limits);
    struct aif_error err = {0};

    assert_int_equal(mkdir(fixture->dir, 0700), 0);
    assert_int_equal(chmod(fixture->dir, 0770), 0);
    assert_int_equal(aif_auditspool_append(spool, "x\n", 2, &err), -1);
    assert_int_equal(err.code, AIF_EINVAL);
    assert_int_equal(rmdir(fixture->dir), 0);
    assert_int_equal(symlink(fixture->top, fixture->dir), 0);
    assert_int_equal(aif_auditspool_append(spool, "x\n", 2, &err), -1);
    assert_int_equal(err.code, AIF_EIO);
    assert_int_equal(unlink(fixture->dir), 0);
    assert_int_equal(aif_auditspool_append(spool, "x\n", 2, &err), 0);
    aif_auditspool_destroy(spool);
}

/* The disk is full in the midst of a line: nothing of it stays, and it is written when there is room. */
static void test_half_a_line(void **state)
{
    const struct fixture *fixture = *state;
    struct aif_auditspool *spool = aif_auditspool_create(fixture->dir, "a", &aif_auditspool_limits);
    struct rlimit before, limit;
    struct aif_error err = {0};
    char path[512];
    int rc;

    assert_int_equal(aif_auditspool_append(spool, "one\n", 4, &err), 0);
    path_of_one(fixture, path);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 6, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    rc = aif_auditspool_append(spool, "twotwo\n", 7, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(rc, -1);
    assert_int_equal(err.code, AIF_EIO);
    assert_holds(path, "one\n");
    assert_int_equal(aif_auditspool_append(spool, "twotwo\n", 7, &err), 0);
    assert_holds(path, "one\ntwotwo\n");
    aif_auditspool_destroy(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_directories_of_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_half_a_line, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
