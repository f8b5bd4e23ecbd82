/* test_ledger_file.c - unit tests of ledger.h: which files are taken for a ledger, and by whom */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report_helper.h"

static void test_file_must_be_private(void **state)
{
    struct fixture *fixture = *state;
    struct aif_ledger *other = NULL;
    struct aif_error err;
    char name[128];
    struct stat st;

    assert_int_equal(stat(fixture->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    snprintf(name, sizeof(name), "%s.link", fixture->path);
    assert_int_equal(symlink(fixture->path, name), 0);
    assert_int_equal(aif_ledger_open(name, AIF_LEDGER_READ, &other, &err), -1);
    assert_non_null(strstr(err.text, "symbolic link"));
    assert_int_equal(chmod(fixture->path, 0644), 0);
    assert_int_equal(aif_ledger_open(fixture->path, AIF_LEDGER_READ, &other, &err), -1);
    assert_non_null(strstr(err.text, "must be 0600"));
    assert_int_equal(chmod(fixture->path, 0600), 0);
    snprintf(name, sizeof(name), "%s.second", fixture->path);
    assert_int_equal(link(fixture->path, name), 0);
    assert_int_equal(aif_ledger_open(fixture->path, AIF_LEDGER_READ, &other, &err), -1);
    assert_null(other);
}

static void test_foreign_files_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct aif_ledger *other = NULL;
    struct aif_error err;

    assert_int_equal(aif_ledger_open("/nowhere/ledger.db", AIF_LEDGER_READ, &other, &err), -1);
    assert_int_equal(err.code, AIF_ENOENT);
    assert_int_equal(aif_ledger_open(fixture->dir, AIF_LEDGER_READ, &other, &err), -1);
    assert_null(other);
}

static void test_another_database_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct aif_ledger *other = NULL;
    struct aif_error err;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA application_id = 1", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_int_equal(aif_ledger_open(fixture->path, AIF_LEDGER_WRITE, &other, &err), -1);
    assert_non_null(strstr(err.text, "not a ledger"));
    assert_null(other);
}

static void test_lock_is_exclusive(void **state)
{
    struct fixture *fixture = *state;
    struct aif_error err;
    int first, second;

    assert_int_equal(aif_ledger_lock(fixture->path, &first, NULL), 0);
    assert_int_equal(aif_ledger_lock(fixture->path, &second, &err), -1);
    assert_non_null(strstr(err.text, "another reporter"));
    close(first);
    assert_int_equal(aif_ledger_lock(fixture->path, &second, NULL), 0);
    close(second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_file_must_be_private),
        TEST(test_foreign_files_are_refused),
        TEST(test_another_database_is_refused),
        TEST(test_lock_is_exclusive),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
