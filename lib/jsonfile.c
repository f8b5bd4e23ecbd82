/* jsonfile.c - see jsonfile.h */
#include "jsonfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "jsonstrict.h"
#include "rules.h"

#define CHECK "correct it, then run \"aif config check\""

static int fail_read(const char *path, int error, struct aif_error *err)
{
    return aif_error_set(err, error == ENOENT ? AIF_ENOENT : AIF_EIO,
                         "%s: cannot be read: %s (%s); put the file there, readable by this user",
                         path, strerrordesc_np(error), AIF_C_READ);
}

/* Read to the end, which fstat() may have told wrongly when somebody writes to the file. */
static ssize_t read_all(int fd, char *buffer, size_t room)
{
    size_t used = 0;

    while (used < room) {
        ssize_t got = read(fd, buffer + used, room - used);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (!got)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static int check_file(int fd, const char *path, size_t *ret_size, struct aif_error *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return fail_read(path, errno, err);
    if (!S_ISREG(st.st_mode))
        return aif_error_set(err, AIF_EIO, "%s: no regular file (%s); put a file there", path,
                             AIF_C_READ);
    if (st.st_size > (off_t)AIF_JSONFILE_MAX)
        return aif_error_set(
            err, AIF_ELIMIT,
            "%s: too large: %lld bytes, limit %u (%s); remove what is no longer needed", path,
            (long long)st.st_size, AIF_JSONFILE_MAX, AIF_C_READ);
    *ret_size = (size_t)st.st_size;
    return 0;
}

static int read_fd(int fd, const char *path, char **ret_text, size_t *ret_length,
                   struct aif_error *err)
{
    size_t size = 0;
    ssize_t got;
    char *text;

    if (check_file(fd, path, &size, err))
        return -1;
    text = malloc(size + 1);
    if (!text)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", path);
    got = read_all(fd, text, size);
    if (got < 0) {
        int error = errno;

        free(text);
        return fail_read(path, error, err);
    }
    text[got] = '\0';
    *ret_text = text;
    *ret_length = (size_t)got;
    return 0;
}

int aif_jsonfile_read(const char *path, char **ret_text, size_t *ret_length, struct aif_error *err)
{
    /* O_NONBLOCK: opening a FIFO must not hang. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int rc;

    if (fd < 0)
        return fail_read(path, errno, err);
    rc = read_fd(fd, path, ret_text, ret_length, err);
    close(fd);
    return rc;
}

static int fail_at(const struct aif_jsonfile *file, size_t offset, int code, const char *rule,
                   const char *what, struct aif_error *err)
{
    char path[160];

    aif_jsontext_path(file->text, file->length, offset, path, sizeof(path));
    return aif_error_set(err, code, "%s:%zu:%zu: %s: %s (%s); " CHECK, file->name,
                         aif_jsontext_line(file->text, offset),
                         aif_jsontext_column(file->text, offset), path[0] ? path : "top level", what,
                         rule);
}

/* json-c's own reason, in words that a sysadmin can use; "near" shows the place. */
static int fail_syntax(const struct aif_jsonfile *file, enum json_tokener_error reason,
                       size_t offset, struct aif_error *err)
{
    char what[160];
    int near;

    if (offset >= file->length)
        return fail_at(file, file->length, AIF_ESYNTAX, AIF_C_SYNTAX,
                       "not JSON: the file ends before the value does", err);
    near = (int)strcspn(file->text + offset, "\n");
    snprintf(what, sizeof(what), "not JSON: %s near: %.*s", json_tokener_error_desc(reason),
             near > 40 ? 40 : near, file->text + offset);
    return fail_at(file, offset, AIF_ESYNTAX, AIF_C_SYNTAX, what, err);
}

static int parse_root(struct aif_jsonfile *file, struct aif_error *err)
{
    enum json_tokener_error reason;
    size_t end;

    file->root =
        aif_jsonstrict_parse(file->text, file->length, AIF_JSONTEXT_DEPTH, &reason, &end);
    if (reason == json_tokener_continue)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", file->name);
    if (reason != json_tokener_success)
        return fail_syntax(file, reason, end, err);
    if (!json_object_is_type(file->root, json_type_object))
        return fail_at(file, 0, AIF_ESCHEMA, AIF_C_TYPE, "wrong type: must be an object, { ... }",
                       err);
    return 0;
}

static int check_keys(const struct aif_jsonfile *file, struct aif_error *err)
{
    size_t offset = 0;
    const char *what = NULL;
    int found = aif_jsontext_repeated(file->text, file->length, &offset, &what);

    if (found < 0)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", file->name);
    if (found)
        return fail_at(file, offset, AIF_ESCHEMA,
                       found == AIF_JSONTEXT_TWICE ? AIF_C_DUPLICATE : AIF_C_UNKNOWN, what, err);
    return 0;
}

static int parse_text(struct aif_jsonfile *file, struct aif_error *err)
{
    size_t offset = 0;
    const char *what = NULL;

    if (aif_jsontext_clean(file->text, file->length, &offset, &what))
        return fail_at(file, offset, AIF_ESYNTAX, AIF_C_SYNTAX, what, err);
    if (parse_root(file, err))
        return -1;
    return check_keys(file, err);
}

int aif_jsonfile_parse(const char *text, size_t length, const char *name,
                       struct aif_jsonfile **ret_file, struct aif_error *err)
{
    struct aif_jsonfile *file;

    if (length > AIF_JSONFILE_MAX)
        return aif_error_set(err, AIF_ELIMIT, "%s: too large: %zu bytes, limit %u (%s); shorten it",
                             name, length, AIF_JSONFILE_MAX, AIF_C_READ);
    file = calloc(1, sizeof(*file));
    if (file) {
        file->name = strdup(name);
        file->text = malloc(length + 1);
    }
    if (!file || !file->name || !file->text) {
        aif_jsonfile_destroy(file);
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", name);
    }
    memcpy(file->text, text, length);
    file->text[length] = '\0';
    file->length = length;
    if (parse_text(file, err)) {
        aif_jsonfile_destroy(file);
        return -1;
    }
    *ret_file = file;
    return 0;
}

void aif_jsonfile_destroy(struct aif_jsonfile *file)
{
    if (!file)
        return;
    json_object_put(file->root);
    free(file->text);
    free(file->name);
    free(file);
}
