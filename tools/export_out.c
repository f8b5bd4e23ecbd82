/* export_out.c - where "aif export" writes to; see exporting.h */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "exporting.h"

#define MUCH 65536
#define STEP 8192 /* events between two looks at the bar */

static int complain(const char *path)
{
    return aif_tool_fail(-1, "%s: %s", path, strerror(errno));
}

/* A new file beside the one that it will be. */
static FILE *create(const char *part)
{
    int fd;

    unlink(part);
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd < 0 ? NULL : fdopen(fd, "w");
}

int aif_export_open(struct aif_export_out *out, const char *path, bool digest)
{
    *out = (struct aif_export_out){.file = stdout, .path = path};
    if (digest && !(out->digest = aif_digest_create()))
        return aif_tool_fail(-1, "out of memory");
    if (!path)
        return 0;
    out->part = aif_tool_format("%s.part", path);
    out->file = create(out->part);
    return out->file ? 0 : complain(out->part);
}

static int write_text(struct aif_export_out *out, struct aif_error *err)
{
    if (!out->text.length)
        return 0;
    if (out->digest && aif_digest_update(out->digest, out->text.data, out->text.length, err) < 0)
        return -1;
    if (fwrite(out->text.data, 1, out->text.length, out->file) != out->text.length)
        return aif_error_set(err, AIF_EIO, "%s: %s", out->path ? out->path : "standard output", strerror(errno));
    out->text.length = 0;
    return 0;
}

int aif_export_flow(struct aif_export_out *out, struct aif_error *err)
{
    return out->text.length < MUCH ? 0 : write_text(out, err);
}

static int print_key(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct aif_export_out *out = data;

    return aif_chain_format_key(event, &out->text) < 0 ? aif_error_set(err, AIF_ENOMEM, "out of memory") : 0;
}

int aif_export_header(struct aif_export_out *out, struct aif_ledger *ledger, struct aif_error *err)
{
    struct aif_anchor anchor;
    struct aif_chain after;

    if (aif_ledger_anchor(ledger, &anchor, err) < 0)
        return -1;
    after.count = anchor.last;
    memcpy(after.head, anchor.head, sizeof(after.head));
    if (aif_chain_header(&after, &out->text) < 0)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    return aif_ledger_iterate_keys(ledger, print_key, out, err);
}

void aif_export_show(struct aif_export_out *out, uint64_t done)
{
    if (!out->total || (done < out->shown + STEP && done < out->total))
        return;
    out->shown = done;
    fprintf(stderr, "\r%3llu %% of %llu events%s", (unsigned long long)(done * 100 / out->total),
            (unsigned long long)out->total, done < out->total ? "" : "\n");
}

static int sync_directory_of(const char *path)
{
    char *copy = aif_tool_strdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 || fsync(fd) < 0 ? complain(path) : 0;

    if (fd >= 0)
        close(fd);
    free(copy);
    return rc;
}

/* On disk under its own name, or not at all. */
static int publish(FILE *file, const char *part, const char *path)
{
    bool written = fflush(file) == 0 && fsync(fileno(file)) == 0;

    if (fclose(file) < 0 || !written || rename(part, path) < 0)
        return complain(path);
    return sync_directory_of(path);
}

int aif_export_finish(struct aif_export_out *out)
{
    struct aif_error err;
    FILE *file = out->file;

    if (write_text(out, &err) < 0)
        return aif_tool_fail(-1, "%s", err.text);
    if (!out->part)
        return 0;
    out->file = NULL;
    if (publish(file, out->part, out->path) < 0)
        return -1;
    free(out->part);
    out->part = NULL;
    return 0;
}

void aif_export_drop(struct aif_export_out *out)
{
    if (out->part) {
        if (out->file)
            fclose(out->file);
        unlink(out->part);
    }
    free(out->part);
    aif_text_free(&out->text);
    aif_digest_destroy(out->digest);
}

int aif_export_sign(struct aif_export_out *out, const struct aif_signkey *key, struct aif_statement *statement)
{
    char text[AIF_STATEMENT_MAX];
    char *path, *part;
    struct aif_error err;
    FILE *file;
    int rc;

    if (aif_digest_finish(out->digest, statement->sha256, &statement->bytes, &err) < 0 ||
        aif_statement_write(statement, key, text, &err) < 0)
        return aif_tool_fail(-1, "%s", err.text);
    path = aif_tool_format("%s.sig", out->path);
    part = aif_tool_format("%s.part", path);
    file = create(part);
    if (!file)
        rc = complain(part);
    else
        rc = fputs(text, file) < 0 ? complain(part) : publish(file, part, path);
    if (rc < 0)
        unlink(part);
    free(path);
    free(part);
    return rc;
}
