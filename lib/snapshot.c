/* snapshot.c - see snapshot.h */
#include "snapshot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "jsonfile.h"

#define FILES 2 /* policy, allocations */

/* What callers see comes first, so that a pointer to one is a pointer to the other. */
struct counted {
    struct aif_snapshot snapshot;
    atomic_uint references;
};

struct aif_snapshot_holder {
    pthread_mutex_t lock; /* of current: get must not take a snapshot that swap is dropping */
    struct aif_snapshot *current;
};

struct content {
    char *path;
    char *text;
    size_t length;
};

static void free_contents(struct content *contents)
{
    for (int i = 0; i < FILES; i++) {
        free(contents[i].path);
        free(contents[i].text);
    }
}

/* Both files are read before either is parsed, so that the hash is of what was parsed. */
static int read_contents(const char *conf_dir, struct content *contents, struct aif_error *err)
{
    static const char *const names[FILES] = {"policy.json", "allocations.json"};

    for (int i = 0; i < FILES; i++) {
        if (asprintf(&contents[i].path, "%s/%s", conf_dir, names[i]) < 0) {
            contents[i].path = NULL;
            return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", conf_dir);
        }
        if (aif_jsonfile_read(contents[i].path, &contents[i].text, &contents[i].length, err))
            return -1;
    }
    return 0;
}

/* SHA-256 over length (8 bytes, most significant first) and bytes of each file. */
static int digest_contents(EVP_MD_CTX *context, const struct content *contents,
                           unsigned char *digest)
{
    if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        return -1;
    for (int i = 0; i < FILES; i++) {
        unsigned char length[8];

        for (int byte = 0; byte < 8; byte++)
            length[byte] = (unsigned char)((uint64_t)contents[i].length >> (56 - 8 * byte));
        if (EVP_DigestUpdate(context, length, sizeof(length)) != 1 ||
            EVP_DigestUpdate(context, contents[i].text, contents[i].length) != 1)
            return -1;
    }
    return EVP_DigestFinal_ex(context, digest, NULL) == 1 ? 0 : -1;
}

static int hash_contents(const struct content *contents, char ret_hash[AIF_SNAPSHOT_HASH],
                         struct aif_error *err)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char digest[EVP_MAX_MD_SIZE];
    int rc = context ? digest_contents(context, contents, digest) : -1;

    EVP_MD_CTX_free(context);
    if (rc)
        return aif_error_set(err, AIF_ENOMEM, "%s: SHA-256 is not available from OpenSSL",
                             contents[0].path);
    for (int i = 0; i < (AIF_SNAPSHOT_HASH - 1) / 2; i++)
        snprintf(ret_hash + 2 * i, 3, "%02x", digest[i]);
    return 0;
}

static int fill_snapshot(struct aif_snapshot *snapshot, const struct content *contents,
                         struct aif_error *err)
{
    if (hash_contents(contents, snapshot->hash, err))
        return -1;
    if (aif_policy_parse(contents[0].text, contents[0].length, contents[0].path, &snapshot->policy,
                         err))
        return -1;
    return aif_alloctable_parse(contents[1].text, contents[1].length, contents[1].path,
                                snapshot->policy, &snapshot->allocs, err);
}

int aif_snapshot_load(const char *conf_dir, struct aif_snapshot **ret_snapshot,
                      struct aif_error *err)
{
    struct content contents[FILES] = {{0}};
    struct counted *counted = calloc(1, sizeof(*counted));
    int rc;

    if (!counted)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", conf_dir);
    atomic_init(&counted->references, 1);
    rc = read_contents(conf_dir, contents, err);
    if (!rc)
        rc = fill_snapshot(&counted->snapshot, contents, err);
    free_contents(contents);
    if (rc)
        aif_snapshot_put(&counted->snapshot);
    else
        *ret_snapshot = &counted->snapshot;
    return rc;
}

void aif_snapshot_put(struct aif_snapshot *snapshot)
{
    struct counted *counted = (struct counted *)snapshot;

    if (!counted || atomic_fetch_sub(&counted->references, 1) != 1)
        return;
    /* The table points into the policy. */
    aif_alloctable_destroy(snapshot->allocs);
    aif_policy_destroy(snapshot->policy);
    free(counted);
}

struct aif_snapshot_holder *aif_snapshot_holder_create(void)
{
    struct aif_snapshot_holder *holder = calloc(1, sizeof(*holder));

    if (holder && pthread_mutex_init(&holder->lock, NULL)) {
        free(holder);
        return NULL;
    }
    return holder;
}

void aif_snapshot_holder_destroy(struct aif_snapshot_holder *holder)
{
    if (!holder)
        return;
    aif_snapshot_put(holder->current);
    pthread_mutex_destroy(&holder->lock);
    free(holder);
}

struct aif_snapshot *aif_snapshot_get(struct aif_snapshot_holder *holder)
{
    struct aif_snapshot *snapshot;

    pthread_mutex_lock(&holder->lock);
    snapshot = holder->current;
    if (snapshot)
        atomic_fetch_add(&((struct counted *)snapshot)->references, 1);
    pthread_mutex_unlock(&holder->lock);
    return snapshot;
}

void aif_snapshot_swap(struct aif_snapshot_holder *holder, struct aif_snapshot *snapshot)
{
    struct aif_snapshot *old;

    pthread_mutex_lock(&holder->lock);
    old = holder->current;
    holder->current = snapshot;
    pthread_mutex_unlock(&holder->lock);
    aif_snapshot_put(old);
}
