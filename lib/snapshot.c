/* snapshot.c - see snapshot.h */
#include "snapshot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "jsonfile.h"

enum { POLICY, ALLOCATIONS, MAP, MEMBERSHIP, DATASETS, FILES };
#define FIRST_NAMED MEMBERSHIP /* what came later and may be missing is hashed with its name */

/* The parts that snapshots share. */
struct conf {
    atomic_uint references;
    struct aif_policy *policy;
    struct aif_alloctable *allocs;
    struct aif_fabricmap *fabricmap; /* NULL: none */
    struct aif_datasets *datasets;   /* NULL: none */
    struct aif_tagmemo *tags;        /* NULL: without memory for it all goes on */
    time_t until;
};

struct usage {
    atomic_uint references;
    struct aif_balances *balances;
};

/* What callers see is the last of it. */
struct counted {
    struct conf *conf;
    struct usage *usage; /* NULL: no balances */
    atomic_uint references; /* beside what each submission reads of the snapshot */
    struct aif_snapshot snapshot;
};

static struct counted *counted_of(struct aif_snapshot *snapshot)
{
    return (struct counted *)((char *)snapshot - offsetof(struct counted, snapshot));
}

struct aif_snapshot_holder {
    pthread_mutex_t lock; /* of current: get must not take a snapshot that swap is dropping */
    struct aif_snapshot *current;
};

struct content {
    char *path; /* NULL: there is no such file */
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

/* Takes over path, which may be NULL for want of memory. */
static int read_content(struct content *content, char *path, const char *conf_dir,
                        struct aif_error *err)
{
    content->path = path;
    if (!path)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", conf_dir);
    return aif_jsonfile_read(path, &content->text, &content->length, err);
}

static char *join(const char *dir, const char *name)
{
    char *path = NULL;

    if (*name == '/')
        return strdup(name);
    return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

/* A file that is not there leaves no path. */
static int read_optional(struct content *content, const char *name, const char *conf_dir,
                         struct aif_error *err)
{
    struct aif_error cause = {0};

    if (!read_content(content, join(conf_dir, name), conf_dir, &cause))
        return 0;
    if (cause.code != AIF_ENOENT)
        return aif_error_set(err, cause.code, "%s", cause.text);
    free(content->path);
    content->path = NULL;
    return 0;
}

/* All files are read before any is parsed, so that the hash is of what was parsed. */
static int read_contents(const char *conf_dir, struct content *contents, struct aif_error *err)
{
    static const char *const names[] = {"policy.json", "allocations.json"};

    for (int i = POLICY; i <= ALLOCATIONS; i++)
        if (read_content(&contents[i], join(conf_dir, names[i]), conf_dir, err))
            return -1;
    return read_optional(&contents[MEMBERSHIP], AIF_MEMBERSHIP_FILE, conf_dir, err) ||
                   read_optional(&contents[DATASETS], AIF_DATASETS_FILE, conf_dir, err)
               ? -1
               : 0;
}

/* Length (8 bytes, most significant first) and bytes. */
static int digest_bytes(EVP_MD_CTX *context, const char *bytes, size_t count)
{
    unsigned char length[8];

    for (int byte = 0; byte < 8; byte++)
        length[byte] = (unsigned char)((uint64_t)count >> (56 - 8 * byte));
    if (EVP_DigestUpdate(context, length, sizeof(length)) != 1 ||
        EVP_DigestUpdate(context, bytes, count) != 1)
        return -1;
    return 0;
}

static int digest_content(EVP_MD_CTX *context, const struct content *content, bool named)
{
    const char *name = named ? strrchr(content->path, '/') : NULL;

    if (name && digest_bytes(context, name + 1, strlen(name + 1)))
        return -1;
    return digest_bytes(context, content->text, content->length);
}

static int digest_contents(EVP_MD_CTX *context, const struct content *contents,
                           unsigned char *digest)
{
    if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        return -1;
    for (int i = 0; i < FILES; i++)
        if (contents[i].path && digest_content(context, &contents[i], i >= FIRST_NAMED))
            return -1;
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
                             contents[POLICY].path);
    for (int i = 0; i < (AIF_SNAPSHOT_HASH - 1) / 2; i++)
        snprintf(ret_hash + 2 * i, 3, "%02x", digest[i]);
    return 0;
}

/* ---- parts ---- */

static void conf_put(struct conf *conf)
{
    if (!conf || atomic_fetch_sub(&conf->references, 1) != 1)
        return;
    /* The table points into the policy. */
    aif_tagmemo_destroy(conf->tags);
    aif_alloctable_destroy(conf->allocs);
    aif_fabricmap_destroy(conf->fabricmap);
    aif_datasets_destroy(conf->datasets);
    aif_policy_destroy(conf->policy);
    free(conf);
}

static void usage_put(struct usage *usage)
{
    if (!usage || atomic_fetch_sub(&usage->references, 1) != 1)
        return;
    aif_balances_destroy(usage->balances);
    free(usage);
}

static int parse_map(const char *conf_dir, struct content *content, struct conf *conf,
                     struct aif_error *err)
{
    const char *const name = conf->policy->placement.map;

    if (!name)
        return 0;
    if (read_content(content, join(conf_dir, name), conf_dir, err))
        return -1;
    return aif_fabricmap_parse(content->text, content->length, content->path, &conf->fabricmap,
                               err);
}

static int parse_policy(const struct content *contents, struct conf *conf, struct aif_error *err)
{
    const struct content *policy = &contents[POLICY], *member = &contents[MEMBERSHIP];
    struct aif_membership *membership = NULL;
    const time_t now = time(NULL);
    int rc = member->path ? aif_membership_parse(member->text, member->length, member->path,
                                                 &membership, err)
                          : 0;

    if (!rc)
        rc = aif_policy_parse_dated(policy->text, policy->length, policy->path, membership, now,
                                    &conf->policy, err);
    conf->until = aif_membership_next(membership, now);
    aif_membership_destroy(membership);
    return rc;
}

static int parse_datasets(const struct content *content, struct conf *conf, struct aif_error *err)
{
    return content->path ? aif_datasets_parse(content->text, content->length, content->path,
                                              conf->policy, &conf->datasets, err)
                         : 0;
}

/* Reads the map, too, which only the policy can name. */
static int conf_parse(const char *conf_dir, struct content *contents, struct conf **ret_conf,
                      struct aif_error *err)
{
    struct conf *conf = calloc(1, sizeof(*conf));

    if (!conf)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", contents[POLICY].path);
    atomic_init(&conf->references, 1);
    if (parse_policy(contents, conf, err) ||
        aif_alloctable_parse(contents[ALLOCATIONS].text, contents[ALLOCATIONS].length,
                             contents[ALLOCATIONS].path, conf->policy, &conf->allocs, err) ||
        parse_datasets(&contents[DATASETS], conf, err) ||
        parse_map(conf_dir, &contents[MAP], conf, err)) {
        conf_put(conf);
        return -1;
    }
    conf->tags = aif_tagmemo_create(aif_alloctable_count(conf->allocs));
    *ret_conf = conf;
    return 0;
}

/* NULL in *ret_usage where there is no such file. */
static int usage_load(const char *path, struct usage **ret_usage, struct aif_error *err)
{
    struct aif_error reason = {0};
    struct usage *usage = calloc(1, sizeof(*usage));

    if (!usage)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", path);
    atomic_init(&usage->references, 1);
    if (aif_balances_load(path, &usage->balances, &reason)) {
        usage_put(usage);
        return reason.code == AIF_ENOENT ? 0 : aif_error_set(err, reason.code, "%s", reason.text);
    }
    *ret_usage = usage;
    return 0;
}

/* ---- snapshots ---- */

/* Take over the references to the parts. NULL when memory is out. */
static struct counted *assemble(struct conf *conf, struct usage *usage)
{
    struct counted *counted = calloc(1, sizeof(*counted));

    if (!counted) {
        conf_put(conf);
        usage_put(usage);
        return NULL;
    }
    atomic_init(&counted->references, 1);
    counted->conf = conf;
    counted->usage = usage;
    counted->snapshot.policy = conf->policy;
    counted->snapshot.allocs = conf->allocs;
    counted->snapshot.fabricmap = conf->fabricmap;
    counted->snapshot.datasets = conf->datasets;
    counted->snapshot.tags = conf->tags;
    counted->snapshot.until = conf->until;
    counted->snapshot.balances = usage ? usage->balances : NULL;
    return counted;
}

static int load_parts(const char *conf_dir, struct content *contents,
                      struct aif_snapshot **ret_snapshot, struct aif_error *err)
{
    struct aif_error reason = {0};
    char hash[AIF_SNAPSHOT_HASH];
    struct usage *usage = NULL;
    struct conf *conf = NULL;
    struct counted *counted;

    if (conf_parse(conf_dir, contents, &conf, err))
        return -1;
    if (hash_contents(contents, hash, err)) {
        conf_put(conf);
        return -1;
    }
    if (conf->policy->report.balances)
        usage_load(conf->policy->report.balances, &usage, &reason);
    counted = assemble(conf, usage);
    if (!counted)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", contents[POLICY].path);
    counted->snapshot.balances_error = reason;
    memcpy(counted->snapshot.hash, hash, sizeof(hash));
    *ret_snapshot = &counted->snapshot;
    return 0;
}

int aif_snapshot_load(const char *conf_dir, struct aif_snapshot **ret_snapshot,
                      struct aif_error *err)
{
    struct content contents[FILES] = {{0}};
    int rc = read_contents(conf_dir, contents, err);

    if (!rc)
        rc = load_parts(conf_dir, contents, ret_snapshot, err);
    free_contents(contents);
    return rc;
}

int aif_snapshot_refresh(struct aif_snapshot *old, struct aif_snapshot **ret_snapshot,
                         struct aif_error *err)
{
    struct conf *conf = counted_of(old)->conf;
    struct usage *usage = NULL;
    struct counted *counted;

    if (old->policy->report.balances && usage_load(old->policy->report.balances, &usage, err))
        return -1;
    atomic_fetch_add(&conf->references, 1);
    counted = assemble(conf, usage);
    if (!counted)
        return aif_error_set(err, AIF_ENOMEM, "balances: out of memory");
    memcpy(counted->snapshot.hash, old->hash, sizeof(old->hash));
    *ret_snapshot = &counted->snapshot;
    return 0;
}

void aif_snapshot_keep_balances(struct aif_snapshot *fresh, struct aif_snapshot *old)
{
    struct counted *counted = counted_of(fresh);
    struct usage *usage = old ? counted_of(old)->usage : NULL;

    if (!usage || !fresh->balances_error.code)
        return;
    atomic_fetch_add(&usage->references, 1);
    usage_put(counted->usage);
    counted->usage = usage;
    fresh->balances = usage->balances;
}

__attribute__((hot)) void aif_snapshot_put(struct aif_snapshot *snapshot)
{
    struct counted *counted = snapshot ? counted_of(snapshot) : NULL;

    if (!counted || atomic_fetch_sub(&counted->references, 1) != 1)
        return;
    conf_put(counted->conf);
    usage_put(counted->usage);
    free(counted);
}

/* ---- the holder ---- */

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
        atomic_fetch_add(&counted_of(snapshot)->references, 1);
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
