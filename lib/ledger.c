/* ledger.c - opening and appending; see ledger.h */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_db.h"
#include "ledger_schema.h"
#include "recordpack.h"

#define BUSY_MS 10000

static int check_file(const char *path, int fd, struct aif_error *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    if (S_ISLNK(st.st_mode))
        return aif_error_set(err, AIF_EIO, "%s: is a symbolic link", path);
    if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
        return aif_error_set(err, AIF_EINVAL, "%s: not a regular file with one name", path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return aif_error_set(err, AIF_EINVAL, "%s: belongs to user %u; must be this user's (%u) or root's",
                             path, (unsigned)st.st_uid, (unsigned)geteuid());
    if (st.st_mode & 077)
        return aif_error_set(err, AIF_EINVAL, "%s: mode is %04o; must be 0600", path,
                             (unsigned)st.st_mode & 07777);
    return 0;
}

/* Where there is none yet. Nobody in this process can have locks on it. */
static int create_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    close(fd);
    return 0;
}

/*
 * Make sure that what SQLite will open is a private regular file. O_PATH, because to close a file that was really opened would take the
 * locks of all connections of this process to it away, and then others would remove the log (-wal) that we still write to.
 */
static int prepare_file(const char *path, enum aif_ledger_access access, struct aif_error *err)
{
    const bool write = access == AIF_LEDGER_WRITE;
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int rc;

    if (fd < 0 && errno == ENOENT && write && create_file(path) == 0)
        fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return aif_error_set(err, errno == ENOENT ? AIF_ENOENT : AIF_EIO, "%s: %s", path, strerror(errno));
    if (faccessat(AT_FDCWD, path, write ? R_OK | W_OK : R_OK, AT_EACCESS) < 0)
        rc = aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    else
        rc = check_file(path, fd, err);
    close(fd);
    return rc;
}

/* The directory may be reached through links, the file may not: what SQLITE_OPEN_NOFOLLOW takes. */
static int resolve(const char *path, char **ret_path, struct aif_error *err)
{
    char *copy = strdup(path), *copy2 = strdup(path), *dir = NULL;
    char *result = NULL;

    if (copy && copy2)
        dir = realpath(dirname(copy), NULL);
    if (dir) {
        size_t size = strlen(dir) + strlen(basename(copy2)) + 2;

        result = malloc(size);
        if (result)
            snprintf(result, size, "%s/%s", strcmp(dir, "/") ? dir : "", basename(copy2));
    }
    if (!result)
        aif_error_set(err, errno == ENOENT ? AIF_ENOENT : AIF_EIO, "%s: %s", path, strerror(errno));
    free(copy);
    free(copy2);
    free(dir);
    *ret_path = result;
    return result ? 0 : -1;
}

static int open_db(struct aif_ledger *ledger, enum aif_ledger_access access, struct aif_error *err)
{
    const bool write = access == AIF_LEDGER_WRITE;
    const int flags = write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;

    if (sqlite3_open_v2(ledger->path, &ledger->db, flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return aif_ledger_fail(ledger, err);
    sqlite3_busy_timeout(ledger->db, BUSY_MS);
    sqlite3_extended_result_codes(ledger->db, 1);
    if (aif_ledger_exec(ledger, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY", err) < 0)
        return -1;
    /* The page size is that of a new ledger; an older one keeps its own. An event has some 700 bytes. */
    if (write && aif_ledger_exec(ledger, "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                         "PRAGMA recursive_triggers = ON; PRAGMA wal_autocheckpoint = 1000", err) < 0)
        return -1;
    return aif_ledger_schema_check(ledger, write, err);
}

int aif_ledger_open(const char *path, enum aif_ledger_access access, struct aif_ledger **ret_ledger,
                    struct aif_error *err)
{
    struct aif_ledger *ledger;

    if (prepare_file(path, access, err) < 0)
        return -1;
    ledger = calloc(1, sizeof(*ledger));
    if (!ledger)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    ledger->hasher = aif_hasher_create();
    if (!ledger->hasher) {
        aif_ledger_close(ledger);
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    }
    if (resolve(path, &ledger->path, err) < 0 || open_db(ledger, access, err) < 0) {
        aif_ledger_close(ledger);
        return -1;
    }
    *ret_ledger = ledger;
    return 0;
}

void aif_ledger_close(struct aif_ledger *ledger)
{
    if (!ledger)
        return;
    for (int i = 0; i < Q_COUNT; i++)
        sqlite3_finalize(ledger->statements[i]);
    sqlite3_close(ledger->db);
    aif_hasher_destroy(ledger->hasher);
    aif_text_free(&ledger->body);
    aif_text_free(&ledger->shown);
    free(ledger->path);
    free(ledger);
}

int aif_ledger_lock(const char *path, int *ret_fd, struct aif_error *err)
{
    char name[PATH_MAX];
    struct stat st;
    int fd;

    if (snprintf(name, sizeof(name), "%s.lock", path) >= (int)sizeof(name))
        return aif_error_set(err, AIF_ELIMIT, "%s: path too long", path);
    fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", name, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int code = errno;

        close(fd);
        return aif_error_set(err, AIF_EIO, "%s: %s", name,
                             code == EWOULDBLOCK ? "another reporter works on this ledger" : strerror(code));
    }
    /* Root may take it, too, before the reporter's own user does. */
    if (geteuid() == 0 && stat(path, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) < 0) {
        close(fd);
        return aif_error_set(err, AIF_EIO, "%s: %s", name, strerror(errno));
    }
    *ret_fd = fd;
    return 0;
}

int aif_ledger_begin(struct aif_ledger *ledger, struct aif_error *err)
{
    if (aif_ledger_exec(ledger, "BEGIN IMMEDIATE", err) < 0)
        return -1;
    if (aif_ledger_head(ledger, &ledger->chain, err) == 0)
        return 0;
    aif_ledger_rollback(ledger);
    return -1;
}

int aif_ledger_commit(struct aif_ledger *ledger, struct aif_error *err)
{
    if (aif_ledger_exec(ledger, "COMMIT", err) == 0)
        return 0;
    aif_ledger_rollback(ledger);
    return -1;
}

void aif_ledger_rollback(struct aif_ledger *ledger)
{
    if (!sqlite3_get_autocommit(ledger->db))
        sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
}

/* In a transaction; of an event that is valid (aif_chain_valid). */
static int append(struct aif_ledger *ledger, struct aif_event *event, struct aif_error *err)
{
    struct aif_chain next = ledger->chain;

    if (aif_chain_seal_valid(&next, ledger->hasher, event, err) < 0)
        return -1;
    if (aif_ledger_run(ledger,
                       aif_ledger_query(ledger, Q_APPEND, err, "ittiittt", (int64_t)event->seq,
                                        event->kind, event->cluster, (int64_t)event->db_index,
                                        event->at, event->body, event->prev, event->hash),
                       err) < 0)
        return -1;
    ledger->chain = next;
    return 0;
}

static int event_fill(struct aif_event *event, const char *kind, const char *cluster,
                      struct aif_error *err)
{
    if (strlen(kind) >= sizeof(event->kind) || strlen(cluster) >= sizeof(event->cluster))
        return aif_error_set(err, AIF_ELIMIT, "event kind \"%s\" or cluster \"%s\" is too long", kind,
                             cluster);
    memcpy(event->kind, kind, strlen(kind) + 1);
    memcpy(event->cluster, cluster, strlen(cluster) + 1);
    return 0;
}

int aif_ledger_append(struct aif_ledger *ledger, const char *kind, const char *cluster,
                      uint64_t db_index, int64_t at, const char *body, struct aif_error *err)
{
    struct aif_event event = {.db_index = db_index, .at = at, .body = body};
    bool own;

    if (event_fill(&event, kind, cluster, err) < 0 || aif_chain_valid(&event, err) < 0 ||
        aif_ledger_enter(ledger, &own, err) < 0)
        return -1;
    return aif_ledger_leave(ledger, own, append(ledger, &event, err), err);
}

/* The record that the ledger has for this row, and its event. */
static int read_latest(struct aif_ledger *ledger, const struct aif_record *key, struct aif_record *ret_record,
                       int64_t *ret_seq, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_LATEST_BODY, err, "ti", key->cluster, (int64_t)key->db_index);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc == 0)
        aif_error_set(err, AIF_ECHAIN, "%s: the index of latest events does not agree", ledger->path);
    if (rc == 1)
        *ret_seq = sqlite3_column_int64(row, 1);
    rc = rc == 1 ? aif_recordpack_parse_any(aif_ledger_text(row, 0), ret_record, err) : -1;
    sqlite3_reset(row);
    return rc;
}

/* The event of a record, but for its place in the chain; its body lives in the ledger until the next one. */
static int prepare(struct aif_ledger *ledger, const struct aif_record *record, const char *kind, int64_t at,
                   struct aif_event *ret_event, struct aif_error *err)
{
    *ret_event = (struct aif_event){.db_index = record->db_index, .at = at};
    ledger->body.length = 0;
    if (event_fill(ret_event, kind, record->cluster, err) < 0 || aif_record_write(record, &ledger->body, err) < 0)
        return -1;
    ret_event->body = ledger->body.data;
    return aif_chain_valid(ret_event, err);
}

static int set_latest(struct aif_ledger *ledger, enum ledger_query query, const struct aif_record *record,
                      struct aif_error *err)
{
    return aif_ledger_run(ledger,
                          aif_ledger_query(ledger, query, err, "tiiit", record->cluster,
                                           (int64_t)record->db_index, (int64_t)ledger->chain.count + 1,
                                           record->end, record->allocation),
                          err);
}

/* Most rows are new. The index itself says so, which saves looking there first: 1 if it was, 0 if not, -1. */
static int append_new(struct aif_ledger *ledger, const struct aif_record *record, int64_t at, struct aif_error *err)
{
    struct aif_event event;

    if (prepare(ledger, record, "job", at, &event, err) < 0 || set_latest(ledger, Q_LATEST_ADD, record, err) < 0)
        return -1;
    if (!sqlite3_changes(ledger->db))
        return 0;
    return append(ledger, &event, err) < 0 ? -1 : 1;
}

/* seq: the event that the new one replaces. */
static int append_correction(struct aif_ledger *ledger, const struct aif_record *record, int64_t seq, int64_t at,
                             struct aif_error *err)
{
    struct aif_event event;

    if (prepare(ledger, record, "correction", at, &event, err) < 0 ||
        set_latest(ledger, Q_LATEST_CHANGE, record, err) < 0 ||
        aif_ledger_run(ledger, aif_ledger_query(ledger, Q_SUPERSEDE, err, "i", seq), err) < 0)
        return -1;
    return append(ledger, &event, err);
}

static int record_locked(struct aif_ledger *ledger, const struct aif_record *given, int64_t at,
                         enum aif_ledger_outcome *ret_outcome, struct aif_error *err)
{
    struct aif_record record, before;
    int64_t seq;
    int rc = append_new(ledger, given, at, err);

    *ret_outcome = AIF_LEDGER_NEW;
    if (rc)
        return rc < 0 ? -1 : 0;
    if (read_latest(ledger, given, &before, &seq, err) < 0)
        return -1;
    record = *given;
    aif_record_inherit(&record, &before);
    *ret_outcome = aif_record_differs(&before, &record) ? AIF_LEDGER_CORRECTED : AIF_LEDGER_SAME;
    return *ret_outcome == AIF_LEDGER_SAME ? 0 : append_correction(ledger, &record, seq, at, err);
}

int aif_ledger_record(struct aif_ledger *ledger, const struct aif_record *record, int64_t at,
                      enum aif_ledger_outcome *ret_outcome, struct aif_error *err)
{
    enum aif_ledger_outcome outcome = AIF_LEDGER_SAME;
    bool own;

    if (aif_record_check(record, err) < 0 || aif_ledger_enter(ledger, &own, err) < 0)
        return -1;
    if (aif_ledger_leave(ledger, own, record_locked(ledger, record, at, &outcome, err), err) < 0)
        return -1;
    *ret_outcome = outcome;
    return 0;
}
