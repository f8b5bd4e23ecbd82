/*
 * ledger_rows.c - job rows into a new ledger, or into a plain table of SQLite, for tests/bench ledger
 *
 *     ledger_rows ledger|plain FILE ROWS BATCH
 *
 * Both sides get the same records in the same order, BATCH of them per transaction, with the same journal (WAL) and the
 * same synchronous=FULL. The plain table has the members of a record as columns and its key (cluster, db_index), without
 * which reading a row twice would double it. Making up the rows is not timed. Prints one JSON object: seconds of wall
 * clock and of processor time, and the peak of memory.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "ledger.h"

#define ACCOUNTS 40
#define USERS 300
#define COLUMNS 27
#define BATCH_MAX 10000

static _Noreturn void fail(const char *why)
{
    fprintf(stderr, "ledger_rows: %s\n", why);
    exit(1);
}

/* What a side has taken, without the making of rows. */
struct timing {
    double wall;
    double processor;
};

static double now(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void timing_add(struct timing *timing, double sign)
{
    timing->wall += sign * now(CLOCK_MONOTONIC);
    timing->processor += sign * now(CLOCK_PROCESS_CPUTIME_ID);
}

/* The row of that number, different from its neighbours in all that differs on a real cluster. */
static void make_row(uint64_t number, struct aif_record *ret_record)
{
    const unsigned account = (unsigned)(number * 7919 % ACCOUNTS), user = (unsigned)(number * 104729 % USERS);
    const int64_t submit = 1767225600 + (int64_t)number * 20;
    static const char *const states[] = {"COMPLETED", "COMPLETED", "FAILED", "TIMEOUT", "CANCELLED"};
    struct aif_record *record = ret_record;

    memset(record, 0, sizeof(*record));
    snprintf(record->cluster, sizeof(record->cluster), "aif");
    record->db_index = number + 1;
    record->job_id = (uint32_t)(number + 1);
    snprintf(record->account, sizeof(record->account), "ehpc-aif-2026pg01-%03u", account);
    snprintf(record->qos, sizeof(record->qos), "ehpc-aif-2026pg01-%03u", account);
    snprintf(record->allocation, sizeof(record->allocation), "EHPC-AIF-2026PG01-%03u", account);
    snprintf(record->user, sizeof(record->user), "user%04u", user);
    snprintf(record->mode, sizeof(record->mode), "playground");
    snprintf(record->residency, sizeof(record->residency), "EUROHPC");
    snprintf(record->partition, sizeof(record->partition), "gpu");
    snprintf(record->state, sizeof(record->state), "%s", states[number % 5]);
    snprintf(record->score, sizeof(record->score), "83 leaf 3/2 group 1/1");
    record->submit = submit;
    record->eligible = submit;
    record->start = submit + (int64_t)(number % 900);
    record->elapsed = 60 + number % 7200;
    record->end = record->start + (int64_t)record->elapsed;
    record->gpus = record->req_gpus = 1 + number % 16;
    record->nodes = record->req_nodes = 1 + record->gpus / 8;
    record->billing = record->req_billing = record->gpus * 100;
    record->cpus = record->req_cpus = record->gpus * 12;
    record->timelimit = 14400;
}

/* Rows number..number+count-1, untimed. */
static void make_rows(uint64_t number, uint64_t count, struct aif_record *ret_records, struct timing *timing)
{
    timing_add(timing, 1);
    for (uint64_t i = 0; i < count; i++)
        make_row(number + i, &ret_records[i]);
    timing_add(timing, -1);
}

/* ---- the ledger ---- */

static void ledger_batch(struct aif_ledger *ledger, const struct aif_record *records, uint64_t count)
{
    enum aif_ledger_outcome outcome;
    struct aif_error err;

    if (aif_ledger_begin(ledger, &err) < 0)
        fail(err.text);
    for (uint64_t i = 0; i < count; i++)
        if (aif_ledger_record(ledger, &records[i], records[i].end + 60, &outcome, &err) < 0)
            fail(err.text);
    if (aif_ledger_commit(ledger, &err) < 0)
        fail(err.text);
}

static void fill_ledger(const char *path, uint64_t rows, struct aif_record *records, uint64_t batch,
                        struct timing *timing)
{
    struct aif_ledger *ledger;
    struct aif_error err;

    if (aif_ledger_open(path, AIF_LEDGER_WRITE, &ledger, &err) < 0)
        fail(err.text);
    for (uint64_t i = 0; i < rows; i += batch) {
        const uint64_t count = rows - i < batch ? rows - i : batch;

        make_rows(i, count, records, timing);
        ledger_batch(ledger, records, count);
    }
    aif_ledger_close(ledger);
}

/* ---- a plain table ---- */

static const char table[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE rows (cluster TEXT, db_index INTEGER, job_id INTEGER, allocation TEXT, account TEXT, user TEXT,"
    " qos TEXT, mode TEXT, residency TEXT, partition TEXT, state TEXT, submit INTEGER, start INTEGER, end INTEGER,"
    " elapsed INTEGER, gpus INTEGER, nodes INTEGER, billing INTEGER, purpose TEXT, eligible INTEGER, score TEXT,"
    " cpus INTEGER, req_cpus INTEGER, req_gpus INTEGER, req_nodes INTEGER, req_billing INTEGER, timelimit INTEGER,"
    " PRIMARY KEY (cluster, db_index));";

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
}

static void insert(sqlite3_stmt *statement, const struct aif_record *r)
{
    const struct {
        const char *text;
        uint64_t number;
    } values[COLUMNS] = {
        {r->cluster, 0}, {NULL, r->db_index}, {NULL, r->job_id}, {r->allocation, 0}, {r->account, 0}, {r->user, 0},
        {r->qos, 0}, {r->mode, 0}, {r->residency, 0}, {r->partition, 0}, {r->state, 0}, {NULL, (uint64_t)r->submit},
        {NULL, (uint64_t)r->start}, {NULL, (uint64_t)r->end}, {NULL, r->elapsed}, {NULL, r->gpus}, {NULL, r->nodes},
        {NULL, r->billing}, {r->purpose, 0}, {NULL, (uint64_t)r->eligible}, {r->score, 0}, {NULL, r->cpus},
        {NULL, r->req_cpus}, {NULL, r->req_gpus}, {NULL, r->req_nodes}, {NULL, r->req_billing}, {NULL, r->timelimit},
    };

    for (int i = 0; i < COLUMNS; i++)
        if (values[i].text)
            sqlite3_bind_text(statement, i + 1, values[i].text, -1, SQLITE_STATIC);
        else
            sqlite3_bind_int64(statement, i + 1, (int64_t)values[i].number);
    if (sqlite3_step(statement) != SQLITE_DONE)
        fail("cannot insert a row");
    sqlite3_reset(statement);
}

static void plain_batch(sqlite3 *db, sqlite3_stmt *statement, const struct aif_record *records, uint64_t count)
{
    run(db, "BEGIN IMMEDIATE");
    for (uint64_t i = 0; i < count; i++)
        insert(statement, &records[i]);
    run(db, "COMMIT");
}

static void fill_plain(const char *path, uint64_t rows, struct aif_record *records, uint64_t batch,
                       struct timing *timing)
{
    sqlite3_stmt *statement;
    sqlite3 *db;

    if (sqlite3_open(path, &db) != SQLITE_OK)
        fail("cannot open the plain file");
    run(db, table);
    if (sqlite3_prepare_v2(db, "INSERT INTO rows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", -1,
                           &statement, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
    for (uint64_t i = 0; i < rows; i += batch) {
        const uint64_t count = rows - i < batch ? rows - i : batch;

        make_rows(i, count, records, timing);
        plain_batch(db, statement, records, count);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

int main(int argc, char **argv)
{
    struct timing timing = {0};
    struct aif_record *records;
    struct rusage usage;
    uint64_t rows = 0, batch = 0;

    if (argc != 5 || (strcmp(argv[1], "ledger") && strcmp(argv[1], "plain")) ||
        aif_text_to_u64(argv[3], &rows) < 0 || aif_text_to_u64(argv[4], &batch) < 0 || !batch || batch > BATCH_MAX)
        fail("say: ledger_rows ledger|plain FILE ROWS BATCH");
    records = calloc(batch, sizeof(*records));
    if (!records)
        fail("out of memory");
    timing_add(&timing, -1);
    if (!strcmp(argv[1], "ledger"))
        fill_ledger(argv[2], rows, records, batch, &timing);
    else
        fill_plain(argv[2], rows, records, batch, &timing);
    timing_add(&timing, 1);
    free(records);
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"seconds\":%.6f,\"processor_seconds\":%.6f,\"peak_mib\":%.2f}\n", timing.wall, timing.processor,
           (double)usage.ru_maxrss / 1024);
    return 0;
}
