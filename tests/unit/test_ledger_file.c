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
#include <sys/wait.h>
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

/* Another program: at each byte it counts the events, and is the last to close the file as far as it can see. */
static _Noreturn void count_events(const char *path, int asked, int told)
{
    unsigned char count;
    sqlite3_stmt *row;
    sqlite3 *db;

    while (read(asked, &count, 1) == 1) {
        if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_prepare_v2(db, "SELECT count(*) FROM events", -1, &row, NULL) != SQLITE_OK ||
            sqlite3_step(row) != SQLITE_ROW)
            _exit(1);
        count = (unsigned char)sqlite3_column_int(row, 0);
        sqlite3_finalize(row);
        sqlite3_close(db);
        if (write(told, &count, 1) != 1)
            _exit(1);
    }
    _exit(0);
}

static int counted(int ask, int told)
{
    unsigned char count = 0;

    assert_int_equal(write(ask, &count, 1), 1);
    assert_int_equal(read(told, &count, 1), 1);
    return count;
}

/* A ledger may be opened again by the process that has it, which verifying does: nobody takes the log from it then. */
static void test_others_leave_the_log_to_who_writes(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1), second = fixture_record(2);
    enum aif_ledger_outcome outcome;
    struct aif_chain chain;
    struct aif_error err = {0};
    int asked[2], told[2];
    pid_t pid;

    aif_ledger_close(fixture->ledger); /* the other program must not inherit what SQLite knows of its locks */
    fixture->ledger = NULL;
    assert_int_equal(pipe(asked), 0);
    assert_int_equal(pipe(told), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        close(asked[1]);
        count_events(fixture->path, asked[0], told[1]);
    }
    assert_int_equal(aif_ledger_open(fixture->path, AIF_LEDGER_WRITE, &fixture->ledger, &err), 0);
    assert_int_equal(aif_ledger_record(fixture->ledger, &record, 1700004000, &outcome, &err), 0);
    assert_int_equal(aif_ledger_verify(fixture->ledger, &chain, &err), 0);
    assert_int_equal(counted(asked[1], told[0]), 1);
    assert_int_equal(aif_ledger_record(fixture->ledger, &second, 1700004000, &outcome, &err), 0);
    assert_int_equal(counted(asked[1], told[0]), 2);
    close(asked[1]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(asked[0]);
    close(told[0]);
    close(told[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_file_must_be_private),
        TEST(test_foreign_files_are_refused),
        TEST(test_another_database_is_refused),
        TEST(test_lock_is_exclusive),
        TEST(test_others_leave_the_log_to_who_writes),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
