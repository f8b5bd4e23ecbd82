/* ledger_key.c - the key that signs the ledger; see ledger_tool.h */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "ledger.h"
#include "ledger_tool.h"

static int failed(const struct aif_error *err)
{
    return aif_tool_fail(AIF_EXIT_FAILED, "%s", err->text);
}

/* On stdout what auditors get: PEM, as openssl(1) reads it. */
static void print_public(const struct aif_signkey *key)
{
    printf("-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", aif_signkey_public(key));
}

/* Root makes the key for the user whose directory it is in, which is the reporter's. */
static int give_away(const char *path)
{
    char *copy = aif_tool_strdup(path);
    struct stat st;
    int rc = 0;

    if (geteuid() == 0 && (stat(dirname(copy), &st) < 0 || lchown(path, st.st_uid, st.st_gid) < 0))
        rc = aif_tool_fail(-1, "%s: %s", path, strerror(errno));
    free(copy);
    return rc;
}

/* A rename is only as durable as the directory. */
static int sync_directory_of(const char *path)
{
    char *copy = aif_tool_strdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0)
        close(fd);
    free(copy);
    return rc < 0 ? aif_tool_fail(-1, "%s: cannot sync its directory: %s", path, strerror(errno)) : 0;
}

int aif_ledger_key_show(const struct aif_ledger_files *files)
{
    struct aif_signkey *key;
    struct aif_error err = {0};

    if (aif_signkey_load(files->key, &key, &err) < 0)
        return failed(&err);
    print_public(key);
    aif_signkey_destroy(key);
    return AIF_EXIT_OK;
}

int aif_ledger_key_new(const struct aif_ledger_files *files)
{
    struct aif_signkey *key = NULL;
    struct aif_error err = {0};
    int rc = AIF_EXIT_OK;

    if (aif_signkey_generate(&key, &err) < 0 || aif_signkey_save(key, files->key, &err) < 0)
        rc = failed(&err);
    else if (give_away(files->key) < 0 || sync_directory_of(files->key) < 0)
        rc = AIF_EXIT_FAILED;
    else
        print_public(key);
    aif_signkey_destroy(key);
    return rc;
}

/* ---- rotation: the new key waits in "<key>.new" until the ledger has it ---- */

/* The key that waits from an earlier try, else a new one. */
static int next_key(const char *path, struct aif_signkey **ret_key)
{
    struct aif_error err = {0};

    if (aif_signkey_load(path, ret_key, &err) == 0)
        return 0;
    if (err.code == AIF_ENOENT && aif_signkey_generate(ret_key, &err) == 0) {
        if (aif_signkey_save(*ret_key, path, &err) == 0 && give_away(path) == 0)
            return 0;
        aif_signkey_destroy(*ret_key);
        *ret_key = NULL;
    }
    failed(&err);
    return -1;
}

static int introduce(const struct aif_ledger_files *files, const struct aif_signkey *key,
                     const struct aif_signkey *fresh)
{
    struct aif_ledger_signing signing;
    struct aif_ledger *ledger = NULL;
    struct aif_error err = {0};
    int rc = 0;

    if (aif_ledger_open(files->ledger, AIF_LEDGER_WRITE, &ledger, &err) < 0 ||
        aif_ledger_signing(ledger, &signing, &err) < 0)
        rc = -1;
    else if (strcmp(signing.key, aif_signkey_id(fresh))) /* else an earlier try came that far */
        rc = aif_ledger_rotate(ledger, key, fresh, time(NULL), &err);
    aif_ledger_close(ledger);
    if (rc < 0)
        failed(&err);
    return rc;
}

static int rotate(const struct aif_ledger_files *files, const char *waiting)
{
    struct aif_signkey *key = NULL, *fresh = NULL;
    struct aif_error err = {0};
    int rc = AIF_EXIT_FAILED;

    if (aif_signkey_load(files->key, &key, &err) < 0)
        return failed(&err);
    if (next_key(waiting, &fresh) == 0 && introduce(files, key, fresh) == 0) {
        if (rename(waiting, files->key) < 0)
            rc = aif_tool_fail(AIF_EXIT_FAILED, "%s: %s", files->key, strerror(errno));
        else if (sync_directory_of(files->key) == 0)
            rc = AIF_EXIT_OK;
    }
    if (rc == AIF_EXIT_OK)
        print_public(fresh);
    aif_signkey_destroy(key);
    aif_signkey_destroy(fresh);
    return rc;
}

int aif_ledger_key_rotate(const struct aif_ledger_files *files)
{
    char *waiting = aif_tool_format("%s.new", files->key);
    int rc = rotate(files, waiting);

    free(waiting);
    return rc;
}
