/* auditspool.c - see auditspool.h */
#include "auditspool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_SIZE 128
#define NEW ".new" /* ending of a file that has no lock yet */

const struct aif_auditspool_limits aif_auditspool_limits = {.file = UINT64_C(1) << 20, .total = UINT64_C(256) << 20};

struct aif_auditspool {
    char *dir;
    char *writer;
    struct aif_auditspool_limits limits;
    int fd; /* -1: no file yet */
    uint64_t length;
};

struct aif_auditspool *aif_auditspool_create(const char *dir, const char *writer,
                                             const struct aif_auditspool_limits *limits)
{
    struct aif_auditspool *spool = calloc(1, sizeof(*spool));

    if (!spool)
        return NULL;
    spool->dir = strdup(dir);
    spool->writer = strdup(writer);
    spool->limits = *limits;
    spool->fd = -1;
    if (spool->dir && spool->writer)
        return spool;
    aif_auditspool_destroy(spool);
    return NULL;
}

static void close_file(struct aif_auditspool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
}

void aif_auditspool_destroy(struct aif_auditspool *spool)
{
    if (!spool)
        return;
    close_file(spool);
    free(spool->dir);
    free(spool->writer);
    free(spool);
}

static int fail(const struct aif_auditspool *spool, struct aif_error *err)
{
    return aif_error_set(err, AIF_EIO, "%s: cannot be written: %s", spool->dir, strerror(errno));
}

/* ---- a new file ---- */

static int open_dir(const struct aif_auditspool *spool, struct aif_error *err)
{
    struct stat st;
    int fd;

    if (mkdir(spool->dir, 0700) < 0 && errno != EEXIST)
        return fail(spool, err);
    fd = open(spool->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail(spool, err);
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022))
        return fd;
    close(fd);
    return aif_error_set(err, AIF_EINVAL, "%s: must belong to user %u and be writable for nobody else", spool->dir,
                         (unsigned)geteuid());
}

/* What lies there waits for the reader. */
static int check_room(const struct aif_auditspool *spool, struct aif_error *err)
{
    DIR *dir = opendir(spool->dir);
    struct dirent *entry;
    uint64_t total = 0;
    struct stat st;

    if (!dir)
        return fail(spool, err);
    while ((entry = readdir(dir)))
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            total += (uint64_t)st.st_blksize + (uint64_t)st.st_size;
    closedir(dir);
    if (total < spool->limits.total)
        return 0;
    return aif_error_set(err, AIF_ELIMIT, "%s: %llu bytes wait for aif-reportd, limit %llu; see that it runs", spool->dir,
                         (unsigned long long)total, (unsigned long long)spool->limits.total);
}

/* It gets the name that readers look for only once it has its lock: without, they would take it for one that was left. */
static int create_file(struct aif_auditspool *spool, int dir, struct aif_error *err)
{
    char name[NAME_SIZE], fresh[NAME_SIZE + sizeof(NEW)];
    uint64_t number;
    int fd;

    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
        return fail(spool, err);
    snprintf(name, sizeof(name), "%.64s-%016llx" AIF_AUDITSPOOL_ENDING, spool->writer, (unsigned long long)number);
    snprintf(fresh, sizeof(fresh), "%s" NEW, name);
    fd = openat(dir, fresh, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(spool, err);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && renameat(dir, fresh, dir, name) == 0 && fsync(dir) == 0) {
        spool->fd = fd;
        spool->length = 0;
        return 0;
    }
    fail(spool, err);
    close(fd);
    unlinkat(dir, fresh, 0);
    return -1;
}

static int open_file(struct aif_auditspool *spool, struct aif_error *err)
{
    int dir = open_dir(spool, err), rc;

    if (dir < 0)
        return -1;
    rc = check_room(spool, err);
    if (rc == 0)
        rc = create_file(spool, dir, err);
    close(dir);
    return rc;
}

/* ---- lines ---- */

static int write_all(int fd, const char *line, size_t length)
{
    while (length) {
        ssize_t done = write(fd, line, length);

        if (done < 0 && errno != EINTR)
            return -1;
        line += done > 0 ? done : 0;
        length -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

/* Half a line is taken back. Where even that fails, the file is left to the reader, which knows half a line when it sees one. */
static int take_back(struct aif_auditspool *spool, struct aif_error *err)
{
    fail(spool, err);
    if (ftruncate(spool->fd, (off_t)spool->length) < 0)
        close_file(spool);
    return -1;
}

/* A file that somebody has removed is read by nobody. */
static bool is_there(const struct aif_auditspool *spool)
{
    struct stat st;

    return fstat(spool->fd, &st) == 0 && st.st_nlink;
}

int aif_auditspool_append(struct aif_auditspool *spool, const char *line, size_t length, struct aif_error *err)
{
    if (spool->fd >= 0 && (spool->length >= spool->limits.file || !is_there(spool))) {
        if (aif_auditspool_sync(spool, err) < 0)
            return -1;
        close_file(spool);
    }
    if (spool->fd < 0 && open_file(spool, err) < 0)
        return -1;
    if (write_all(spool->fd, line, length) < 0)
        return take_back(spool, err);
    spool->length += length;
    return 0;
}

int aif_auditspool_sync(struct aif_auditspool *spool, struct aif_error *err)
{
    if (spool->fd >= 0 && fdatasync(spool->fd) < 0)
        return fail(spool, err);
    return 0;
}
