/* auditintake.c - see auditintake.h */
#include "auditintake.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auditspool.h"
#include "reportstate.h"

#define STATE "audit/" /* and the file's name: how many bytes of it are in the ledger */
#define KEY_SIZE (sizeof(STATE) + 256)
#define CHUNK (UINT64_C(4) << 20) /* bytes of one file that are read into memory, and of one transaction */

/* One file of the spool. */
struct source {
    const struct aif_auditintake *intake;
    uint64_t *count; /* of events appended */
    const char *name;
    int fd;
    bool ended; /* its writer is gone: nothing more will come */
    uint64_t done; /* bytes that are in the ledger */
};

/* ---- one event ---- */

static int append(struct source *source, const struct aif_auditevent *event, struct aif_error *err)
{
    const struct aif_auditintake *intake = source->intake;
    struct aif_text body = {0};
    int rc = -1;

    if (aif_auditevent_write(event, &body) < 0)
        aif_error_set(err, AIF_ENOMEM, "out of memory");
    else
        rc = aif_ledger_append(intake->ledger, aif_auditevent_ledger(event), intake->cluster, 0, intake->now, body.data, err);
    aif_text_free(&body);
    return rc;
}

static int append_lost(struct source *source, const char *why, struct aif_error *err)
{
    struct aif_auditevent event = {.kind = AIF_AUDIT_LOST, .at = source->intake->now, .lost = 1};

    snprintf(event.reason, sizeof(event.reason), "%s: %s", source->name, why);
    return append(source, &event, err);
}

static int take_line(struct source *source, const char *line, size_t length, struct aif_error *err)
{
    struct aif_auditevent event;
    int rc;

    if (aif_auditevent_parse(line, length, &event, NULL) < 0)
        return append_lost(source, "a line is no event", err);
    rc = source->intake->prepare(source->intake->data, &event, err);
    if (rc == 0)
        rc = append(source, &event, err);
    aif_auditevent_clear(&event);
    return rc;
}

/* ---- the lines of a file ---- */

/* All whole lines of text; *ret_used: their bytes. */
static int take_lines(struct source *source, const char *text, size_t length, size_t *ret_used, uint64_t *ret_count,
                      struct aif_error *err)
{
    const char *end;

    *ret_used = 0;
    while ((end = memchr(text + *ret_used, '\n', length - *ret_used))) {
        if (take_line(source, text + *ret_used, (size_t)(end - text) - *ret_used, err) < 0)
            return -1;
        *ret_used = (size_t)(end - text) + 1;
        (*ret_count)++;
    }
    return 0;
}

/* In a transaction: what was read from source->done on, to the last newline. */
static int take_text(struct source *source, const char *text, size_t length, struct aif_error *err)
{
    char key[KEY_SIZE];
    uint64_t count = 0;
    size_t used;

    if (take_lines(source, text, length, &used, &count, err) < 0)
        return -1;
    if (source->ended && used < length && length < CHUNK) {
        if (append_lost(source, "its last line was cut off", err) < 0)
            return -1;
        used = length;
        count++;
    } else if (!used && length == CHUNK) { /* no line of ours is that long */
        if (append_lost(source, "a line is too long", err) < 0)
            return -1;
        used = length;
        count++;
    }
    snprintf(key, sizeof(key), STATE "%s", source->name);
    if (used && aif_reportstate_set(source->intake->ledger, key, (int64_t)(source->done + used), err) < 0)
        return -1;
    source->done += used;
    *source->count += count;
    return 0;
}

static int read_text(const struct source *source, char *ret_text, size_t *ret_length, struct aif_error *err)
{
    ssize_t got = 1;

    for (*ret_length = 0; got && *ret_length < CHUNK; *ret_length += got > 0 ? (size_t)got : 0) {
        got = pread(source->fd, ret_text + *ret_length, CHUNK - *ret_length, (off_t)(source->done + *ret_length));
        if (got < 0 && errno != EINTR)
            return aif_error_set(err, AIF_EIO, "%s/%s: %s", source->intake->dir, source->name, strerror(errno));
    }
    return 0;
}

/* One chunk; *ret_more: there may be another one. */
static int take_chunk(struct source *source, char *buffer, bool *ret_more, struct aif_error *err)
{
    struct aif_ledger *ledger = source->intake->ledger;
    const uint64_t done = source->done, count = *source->count;
    size_t length;

    if (read_text(source, buffer, &length, err) < 0)
        return -1;
    *ret_more = length == CHUNK;
    if (!length)
        return 0;
    if (aif_ledger_begin(ledger, err) < 0)
        return -1;
    if (take_text(source, buffer, length, err) == 0 && aif_ledger_commit(ledger, err) == 0)
        return 0;
    aif_ledger_rollback(ledger);
    source->done = done;
    *source->count = count;
    return -1;
}

/* ---- files ---- */

/* In this order: a name that is there again has its bytes in the state still. */
static int remove_file(const struct source *source, int dir, struct aif_error *err)
{
    char key[KEY_SIZE];

    if ((unlinkat(dir, source->name, 0) < 0 && errno != ENOENT) || fsync(dir) < 0)
        return aif_error_set(err, AIF_EIO, "%s/%s: cannot be removed: %s", source->intake->dir, source->name, strerror(errno));
    snprintf(key, sizeof(key), STATE "%s", source->name);
    return aif_reportstate_forget(source->intake->ledger, key, err);
}

static int take_open(struct source *source, int dir, struct aif_error *err)
{
    char key[KEY_SIZE], *buffer = malloc(CHUNK);
    int64_t done = 0;
    bool more = true;
    int rc = 0;

    if (!buffer)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    /* Before reading: what a writer wrote until its end is then there. */
    source->ended = flock(source->fd, LOCK_EX | LOCK_NB) == 0;
    snprintf(key, sizeof(key), STATE "%s", source->name);
    rc = aif_reportstate_get(source->intake->ledger, key, &done, err);
    source->done = (uint64_t)done;
    while (rc == 0 && more)
        rc = take_chunk(source, buffer, &more, err);
    free(buffer);
    return rc == 0 && source->ended ? remove_file(source, dir, err) : rc;
}

static int take_file(const struct aif_auditintake *intake, int dir, const char *name, uint64_t *count, struct aif_error *err)
{
    struct source source = {.intake = intake, .count = count, .name = name};
    struct stat st;
    int rc = -1;

    source.fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (source.fd < 0)
        return aif_error_set(err, AIF_EIO, "%s/%s: %s", intake->dir, name, strerror(errno));
    if (fstat(source.fd, &st) < 0 || !S_ISREG(st.st_mode))
        aif_error_set(err, AIF_EIO, "%s/%s: not a regular file; remove it", intake->dir, name);
    else
        rc = take_open(&source, dir, err);
    close(source.fd);
    return rc;
}

static int is_spool_file(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name), ending = strlen(AIF_AUDITSPOOL_ENDING);

    return length > ending && !strcmp(entry->d_name + length - ending, AIF_AUDITSPOOL_ENDING);
}

static void free_names(struct dirent **names, int count)
{
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

int aif_auditintake_run(const struct aif_auditintake *intake, uint64_t *ret_count, struct aif_error *err)
{
    struct dirent **names;
    int dir = open(intake->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int count, rc = 0;

    *ret_count = 0;
    if (dir < 0 && errno == ENOENT)
        return 0;
    count = dir < 0 ? -1 : scandirat(dir, ".", &names, is_spool_file, alphasort);
    if (count < 0) {
        aif_error_set(err, AIF_EIO, "%s: %s", intake->dir, strerror(errno));
        rc = -1;
    }
    for (int i = 0; rc == 0 && i < count; i++)
        rc = take_file(intake, dir, names[i]->d_name, ret_count, err);
    if (count >= 0)
        free_names(names, count);
    if (dir >= 0)
        close(dir);
    return rc;
}
