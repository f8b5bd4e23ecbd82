/* aif-reportd-file.c - replacing files that others read; see aif-reportd.h */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aif-reportd.h"

static int write_all(int fd, const char *data, size_t length)
{
    while (length) {
        ssize_t written = write(fd, data, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        data += written;
        length -= (size_t)written;
    }
    return 0;
}

/* 0 or errno. Who reads it must not depend on the umask of the service. */
static int fill_fd(int fd, mode_t mode, const struct aif_text *text)
{
    return write_all(fd, text->data, text->length) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0 ? errno : 0;
}

/* 0 or errno. */
static int fill(const char *path, mode_t mode, const struct aif_text *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    int code;

    if (fd < 0)
        return errno;
    code = fill_fd(fd, mode, text);
    if (close(fd) < 0 && !code)
        code = errno;
    return code;
}

/*
 * The new name is on the disk only with its directory: what the ledger notes as told must not be lost with the power. 0 or errno.
 * A spool may be open for writing only, and some file systems cannot do it: that is no reason to tell nothing.
 */
static int sync_directory(const char *path)
{
    char copy[PATH_MAX];
    int fd, code;

    snprintf(copy, sizeof(copy), "%s", path);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? 0 : errno;
    code = fsync(fd) < 0 && errno != EINVAL ? errno : 0;
    close(fd);
    return code;
}

int aif_reportd_write_file(const char *path, mode_t mode, const struct aif_text *text, struct aif_error *err)
{
    char aside[PATH_MAX];
    int code;

    if (snprintf(aside, sizeof(aside), "%s.new", path) >= (int)sizeof(aside))
        return aif_error_set(err, AIF_ELIMIT, "%.300s: path too long", path);
    code = fill(aside, mode, text);
    if (!code && rename(aside, path) < 0)
        code = errno;
    if (code)
        unlink(aside);
    else
        code = sync_directory(path);
    if (!code)
        return 0;
    return aif_error_set(err, AIF_EIO, "%.300s: %s", path, strerror(code));
}

/* A file of no name gets this one. It is there already where an earlier run died before the ledger noted it. 0 or errno. */
static int name_it(int fd, const char *path)
{
    char link[32];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
        return 0;
    if (errno != EEXIST || unlink(path) < 0)
        return errno;
    return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0 ? errno : 0;
}

int aif_reportd_write_message(const char *path, mode_t mode, const struct aif_text *text, struct aif_error *err)
{
    char copy[PATH_MAX];
    int fd, code;

    snprintf(copy, sizeof(copy), "%s", path);
    fd = open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
        return aif_reportd_write_file(path, mode, text, err);
    if (fd < 0)
        return aif_error_set(err, AIF_EIO, "%.300s: %s", path, strerror(errno));
    code = fill_fd(fd, mode, text);
    if (!code)
        code = name_it(fd, path);
    close(fd);
    if (!code)
        code = sync_directory(path);
    return code ? aif_error_set(err, AIF_EIO, "%.300s: %s", path, strerror(code)) : 0;
}
