/* ledger_archive.c - "aif ledger archive": old events to a file of their own; see ledger_tool.h */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "exporting.h"
#include "ledger_archive.h"
#include "ledger_tool.h"
#include "reportstate.h"
#include "timetext.h"

#define SLACK (1024 * 1024) /* bytes that are left free */

struct archiving {
    const struct aif_ledger_archive_wish *wish;
    int64_t before;
    struct aif_signkey *key;
    struct aif_ledger *ledger;
    struct aif_ledger_prefix prefix;
    bool written; /* the file has its name */
};

static int failed(const struct aif_error *err)
{
    return aif_tool_fail(-1, "%s", err->text);
}

static void day_text(int64_t t, char ret_text[16])
{
    time_t when = (time_t)t;
    struct tm tm;

    if (!localtime_r(&when, &tm) || !strftime(ret_text, 16, "%Y-%m-%d", &tm))
        snprintf(ret_text, 16, "?");
}

int aif_ledger_tell_archived(struct aif_ledger *ledger, int64_t since, struct aif_error *err)
{
    struct aif_anchor anchor;

    if (aif_ledger_anchor(ledger, &anchor, err) < 0)
        return -1;
    if (anchor.seq && since < anchor.before)
        fprintf(stderr, "aif: events to %llu are in the archive %s, not here\n", (unsigned long long)anchor.last, anchor.file);
    return 0;
}

/* ---- what would be wrong ---- */

static int check_day(struct archiving *archiving)
{
    const int64_t limit = aif_record_month_start((int64_t)time(NULL), -1);
    const char *text = archiving->wish->before;
    char day[16];
    time_t before;

    if (strlen(text) != 10 || aif_timetext_date(text, AIF_DAY_START, &before) < 0)
        return aif_tool_fail(-1, "--before %s: must be a day like 2026-06-01", text);
    archiving->before = (int64_t)before;
    if (archiving->before <= limit)
        return 0;
    day_text(limit, day);
    return aif_tool_fail(-1, "--before %s: what was used in this and the previous month may still change; limit %s: give that day or "
                             "an earlier one", text, day);
}

static int check_file(const char *path)
{
    char *signature = aif_tool_format("%s.sig", path);
    const char *there = access(path, F_OK) == 0 ? path : access(signature, F_OK) == 0 ? signature : NULL;
    int rc = there ? aif_tool_fail(-1, "%s: is there already; give the archive a new name", there) : 0;

    free(signature);
    return rc;
}

/* Its events are what the sink gets, and is asked for again after a failure. */
static int check_sink(struct archiving *archiving, const char *name)
{
    struct aif_sinkstate state;
    struct aif_error err = {0};
    uint64_t lacks;

    if (aif_reportstate_sink_get(archiving->ledger, name, &state, &err) < 0 ||
        aif_ledger_lacks(archiving->ledger, state.cursor, archiving->prefix.last, &lacks, &err) < 0)
        return failed(&err);
    if (!lacks)
        return 0;
    return aif_tool_fail(-1, "sink %s lacks %llu rows from before %s; let aif-reportd send them first, see \"aif report status\"",
                         name, (unsigned long long)lacks, archiving->wish->before);
}

static int check_sinks(struct archiving *archiving)
{
    const struct aif_report_conf *conf = archiving->wish->conf;

    for (size_t i = 0; i < conf->sink_count; i++)
        if (check_sink(archiving, conf->sinks[i].name) < 0)
            return -1;
    return 0;
}

struct room {
    dev_t device;
    uint64_t bytes; /* free */
};

static int room_beside(const char *path, struct room *ret_room)
{
    char *copy = aif_tool_strdup(path);
    const char *directory = dirname(copy);
    struct statvfs fs;
    struct stat st;
    int rc = stat(directory, &st) < 0 || statvfs(directory, &fs) < 0
                 ? aif_tool_fail(-1, "%s: %s", directory, strerror(errno)) : 0;

    free(copy);
    if (rc == 0)
        *ret_room = (struct room){.device = st.st_dev, .bytes = (uint64_t)fs.f_bavail * fs.f_frsize};
    return rc;
}

static int too_small(const char *path, uint64_t free_bytes, uint64_t needed)
{
    return aif_tool_fail(-1, "%s: too little space beside it: %llu MiB free, %llu MiB needed", path,
                         (unsigned long long)(free_bytes >> 20), (unsigned long long)(needed >> 20) + 1);
}

/* The archive, and SQLite's log of the change, which may become as large as the ledger. */
static int check_space(const struct archiving *archiving)
{
    const char *path = archiving->wish->path, *ledger = archiving->wish->files.ledger;
    const uint64_t file = archiving->prefix.bytes + SLACK;
    struct room room, beside;
    struct stat st;

    if (room_beside(path, &room) < 0 || room_beside(ledger, &beside) < 0)
        return -1;
    if (stat(ledger, &st) < 0)
        return aif_tool_fail(-1, "%s: %s", ledger, strerror(errno));
    if (room.bytes < file)
        return too_small(path, room.bytes, file);
    if (room.device == beside.device)
        beside.bytes -= file;
    if (beside.bytes < (uint64_t)st.st_size + SLACK)
        return too_small(ledger, beside.bytes, (uint64_t)st.st_size + SLACK);
    return 0;
}

/* ---- the file ---- */

static int print_event(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct aif_export_out *out = data;

    if (aif_chain_format(event, &out->text) < 0)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    return aif_export_flow(out, err);
}

static int print_file(struct archiving *archiving, struct aif_export_out *out)
{
    const struct aif_ledger_prefix *prefix = &archiving->prefix;
    struct aif_chain head = {.count = prefix->last};
    struct aif_error err = {0};

    memcpy(head.head, prefix->head, sizeof(head.head));
    if (aif_export_header(out, archiving->ledger, &err) < 0 ||
        aif_ledger_iterate_between(archiving->ledger, prefix->first, prefix->last, print_event, out, &err) < 0)
        return failed(&err);
    if (aif_chain_trailer(&head, &out->text) < 0)
        return aif_tool_fail(-1, "out of memory");
    return aif_export_finish(out);
}

static int write_file(struct archiving *archiving, struct aif_statement *statement)
{
    struct aif_export_out out;
    int rc = aif_export_open(&out, archiving->wish->path, true);

    statement->events = archiving->prefix.last;
    memcpy(statement->head, archiving->prefix.head, sizeof(statement->head));
    if (rc == 0 && (rc = print_file(archiving, &out)) == 0) {
        archiving->written = true;
        rc = aif_export_sign(&out, archiving->key, statement);
    }
    aif_export_drop(&out);
    return rc;
}

/* Before the ledger says that it is there. */
static void remove_file(const struct archiving *archiving)
{
    char *signature = aif_tool_format("%s.sig", archiving->wish->path);

    unlink(archiving->wish->path);
    unlink(signature);
    free(signature);
}

/* ---- the ledger ---- */

static int cut(struct archiving *archiving, const struct aif_statement *statement)
{
    struct aif_anchor anchor = {.before = archiving->before};
    char *copy = aif_tool_strdup(archiving->wish->path);
    struct aif_error err = {0};

    snprintf(anchor.file, sizeof(anchor.file), "%s", basename(copy));
    memcpy(anchor.sha256, statement->sha256, sizeof(anchor.sha256));
    free(copy);
    if (aif_ledger_cut(archiving->ledger, &archiving->prefix, &anchor, archiving->key, statement->at, &err) == 0)
        return 0;
    return failed(&err);
}

/* From here on the file stays, whatever happens: nobody knows how much of a commit that failed is on disk. */
static int commit(struct archiving *archiving)
{
    struct aif_error err = {0};

    if (aif_ledger_commit(archiving->ledger, &err) == 0)
        return 0;
    return aif_tool_fail(-1, "%s; before you remove %s, see with \"aif verify --ledger %s\" that the ledger does not need it",
                         err.text, archiving->wish->path, archiving->wish->files.ledger);
}

static int move(struct archiving *archiving)
{
    struct aif_statement statement = {.at = time(NULL)};

    if (write_file(archiving, &statement) < 0 || cut(archiving, &statement) < 0) {
        if (archiving->written)
            remove_file(archiving);
        return -1;
    }
    return commit(archiving);
}

/* Space that stays taken is no failure: what was to be done is done. SQLite's temporary file has the ledger's rows in it. */
static void shrink(const struct archiving *archiving)
{
    char *copy = aif_tool_strdup(archiving->wish->files.ledger);
    struct aif_error err = {0};

    if (setenv("SQLITE_TMPDIR", dirname(copy), 1) < 0 || aif_ledger_shrink(archiving->ledger, &err) < 0)
        fprintf(stderr, "aif: all is done, but the ledger's file did not become smaller: %s\n", err.text);
    free(copy);
}

/* ---- the whole ---- */

static void tell(const struct archiving *archiving, const char *verb)
{
    const struct aif_ledger_prefix *prefix = &archiving->prefix;

    printf("%s events %llu to %llu (%llu about job rows), about %llu MiB, to %s; %llu events stay\n", verb,
           (unsigned long long)prefix->first, (unsigned long long)prefix->last, (unsigned long long)prefix->rows,
           (unsigned long long)(prefix->bytes >> 20) + 1, archiving->wish->path,
           (unsigned long long)prefix->stay);
}

/* 1: there is something to move. */
static int look(struct archiving *archiving)
{
    struct aif_error err = {0};

    if (aif_ledger_prefix(archiving->ledger, archiving->before, &archiving->prefix, &err) < 0)
        return failed(&err);
    if (archiving->prefix.last < archiving->prefix.first) {
        printf("no event of the ledger was written before %s\n", archiving->wish->before);
        return 0;
    }
    return check_sinks(archiving) < 0 || check_space(archiving) < 0 ? -1 : 1;
}

/* Others may append until the transaction begins, and not from then on. */
static int archive(struct archiving *archiving)
{
    struct aif_chain chain;
    struct aif_error err = {0};
    int rc;

    if (aif_ledger_verify(archiving->ledger, &chain, &err) < 0)
        return failed(&err);
    if (archiving->wish->dry_run) {
        rc = look(archiving);
        if (rc == 1)
            tell(archiving, "would move");
        return rc < 0 ? -1 : 0;
    }
    if (aif_ledger_begin(archiving->ledger, &err) < 0)
        return failed(&err);
    rc = look(archiving);
    if (rc == 1 && (rc = move(archiving)) == 0) {
        shrink(archiving);
        tell(archiving, "moved");
    }
    aif_ledger_rollback(archiving->ledger);
    return rc;
}

/* A ledger that is not there is not made. */
static int open_ledger(struct archiving *archiving, int *ret_lock)
{
    const char *path = archiving->wish->files.ledger;
    struct aif_error err = {0};

    if (aif_ledger_open(path, AIF_LEDGER_READ, &archiving->ledger, &err) < 0)
        return failed(&err);
    if (archiving->wish->dry_run)
        return 0;
    aif_ledger_close(archiving->ledger);
    archiving->ledger = NULL;
    if (aif_ledger_lock(path, ret_lock, &err) < 0)
        return aif_tool_fail(-1, "%s; stop aif-reportd first", err.text);
    return aif_ledger_open(path, AIF_LEDGER_WRITE, &archiving->ledger, &err) < 0 ? failed(&err) : 0;
}

int aif_ledger_archive(const struct aif_ledger_archive_wish *wish)
{
    struct archiving archiving = {.wish = wish};
    struct aif_error err = {0};
    int lock = -1, rc = -1;

    if (check_day(&archiving) < 0 || check_file(wish->path) < 0)
        return AIF_EXIT_FAILED;
    if (aif_signkey_load(wish->files.key, &archiving.key, &err) < 0)
        aif_tool_fail(-1, "%s%s", err.text, err.code == AIF_ENOENT ? "; an archive is signed: \"aif ledger key --new\" makes a key" : "");
    else if (open_ledger(&archiving, &lock) == 0)
        rc = archive(&archiving);
    aif_ledger_close(archiving.ledger);
    aif_signkey_destroy(archiving.key);
    if (lock >= 0)
        close(lock);
    return rc < 0 ? AIF_EXIT_FAILED : AIF_EXIT_OK;
}
