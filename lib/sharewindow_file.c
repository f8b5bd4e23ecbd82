/* sharewindow_file.c - share windows as text, and back; see sharewindow.h */
#include "sharewindow_private.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonschema.h"
#include "rules.h"

#define NAME "aif_lanes.json"     /* for messages */
#define AT_MAX (INT64_C(1) << 40) /* seconds since the epoch: far from any overflow */
#define LENGTH_MAX (366 * 86400)
#define SHARES_MAX 256

/* ---- saving ---- */

static json_object *share_json(const struct aif_sharewindow *windows, size_t index)
{
    const struct aif_sharewindow_share *share = &windows->shares[index];
    json_object *object = json_object_new_object(), *buckets = json_object_new_array();

    for (int64_t number = aif_sharewindow_oldest(windows); number <= windows->at / windows->length;
         number++)
        json_object_array_add(
            buckets,
            json_object_new_int64((int64_t)share->buckets[number % AIF_SHAREWINDOW_BUCKETS]));
    json_object_object_add(object, "title",
                           json_object_new_string(windows->policy->shares[index].title));
    json_object_object_add(object, "closed", json_object_new_boolean(share->closed));
    json_object_object_add(object, "buckets", buckets);
    return object;
}

char *aif_sharewindow_save(const struct aif_sharewindow *windows)
{
    json_object *object = json_object_new_object(), *shares = json_object_new_array();
    const char *text;
    char *copy;

    for (size_t i = 0; i < windows->policy->share_count; i++)
        json_object_array_add(shares, share_json(windows, i));
    json_object_object_add(object, "version", json_object_new_int(1));
    json_object_object_add(object, "at", json_object_new_int64(windows->at));
    json_object_object_add(object, "length", json_object_new_int64(windows->length));
    json_object_object_add(object, "shares", shares);
    text = json_object_to_json_string_ext(object,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    copy = text ? strdup(text) : NULL;
    json_object_put(object);
    return copy;
}

/* ---- restoring ---- */

struct saved_share {
    char *title;
    bool closed;
    int64_t buckets[AIF_SHAREWINDOW_BUCKETS]; /* [0]: the oldest */
};

struct saved {
    int64_t at;
    uint32_t length;
    struct saved_share *shares;
    size_t count;
};

static int64_t oldest_of(const struct saved *saved)
{
    const int64_t oldest = saved->at / saved->length - (AIF_SHAREWINDOW_BUCKETS - 1);

    return oldest > 0 ? oldest : 0;
}

static size_t buckets_of(const struct saved *saved)
{
    return (size_t)(saved->at / saved->length - oldest_of(saved) + 1);
}

static int read_at(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                   void *ret_value, struct aif_error *err)
{
    if (aif_jsonschema_checked(node, field, NULL, err))
        return -1;
    *(int64_t *)ret_value = json_object_get_int64(node->value);
    return 0;
}

static int read_buckets(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    const struct saved *saved = node->file->context;
    const int64_t most = (int64_t)AIF_GPUS_MAX * saved->length;
    const size_t count = json_object_array_length(node->value);
    int64_t *buckets = ret_value;

    (void)field;
    if (count != buckets_of(saved))
        return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err,
                                   "out of range: %zu entries, limit %zu", count,
                                   buckets_of(saved));
    for (size_t i = 0; i < count; i++) {
        const struct aif_jsonnode entry = {.up = node,
                                           .file = node->file,
                                           .index = i,
                                           .value = json_object_array_get_idx(node->value, i)};
        const int64_t secs = json_object_get_int64(entry.value);

        if (!json_object_is_type(entry.value, json_type_int) || secs < -most || secs > most)
            return aif_jsonschema_range(&entry, "what so many GPUs can use", err);
        buckets[i] = secs;
    }
    return 0;
}

static int read_share(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"title", AIF_JSON_TEXT, true, aif_jsonschema_text, offsetof(struct saved_share, title), 1,
         127},
        {"closed", AIF_JSON_BOOL, true, aif_jsonschema_bool, offsetof(struct saved_share, closed),
         0, 0},
        {"buckets", AIF_JSON_ARRAY, true, read_buckets, offsetof(struct saved_share, buckets), 0,
         0},
        {0},
    };

    return aif_jsonschema_object(node, fields, ret_entry, err);
}

static int read_shares(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct saved_share), SHARES_MAX,
                                            read_share};
    struct saved *saved = ret_value;

    (void)field;
    saved->shares = aif_jsonschema_room(node, &entries, err);
    if (!saved->shares)
        return -1;
    return aif_jsonschema_entries(node, &entries, saved->shares, &saved->count, err);
}

static int read_saved(const char *text, size_t length, struct saved *ret_saved,
                      struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"version", AIF_JSON_INT, true, aif_jsonschema_checked, 0, 1, 1},
        {"at", AIF_JSON_INT, true, read_at, offsetof(struct saved, at), 0, AT_MAX},
        {"length", AIF_JSON_INT, true, aif_jsonschema_u32, offsetof(struct saved, length), 1,
         LENGTH_MAX},
        {"shares", AIF_JSON_ARRAY, true, read_shares, 0, 0, 0},
        {0},
    };
    struct aif_jsonfile *file = NULL;
    struct aif_jsonnode root;
    int rc;

    if (length > AIF_SHAREWINDOW_TEXT_MAX)
        return aif_error_set(err, AIF_ELIMIT,
                             NAME ": too large: %zu bytes, limit %u (" AIF_C_READ "); remove it",
                             length, AIF_SHAREWINDOW_TEXT_MAX);
    if (aif_jsonfile_parse(text, length, NAME, &file, err))
        return -1;
    file->context = ret_saved;
    root = aif_jsonschema_root(file);
    rc = aif_jsonschema_object(&root, fields, ret_saved, err);
    aif_jsonfile_destroy(file);
    return rc;
}

static void put_back(struct aif_sharewindow *windows, const struct saved *saved,
                     const struct saved_share *known)
{
    const int64_t oldest = oldest_of(saved), length = saved->length;

    for (size_t i = 0; i < windows->policy->share_count; i++) {
        struct aif_sharewindow_share *share = &windows->shares[i];

        if (strcmp(windows->policy->shares[i].title, known->title))
            continue;
        share->closed = known->closed;
        for (int64_t j = 0; j < (int64_t)buckets_of(saved); j++)
            aif_sharewindow_pour(windows, share, (uint64_t)known->buckets[j], (oldest + j) * length,
                                 oldest + j < saved->at / length ? (oldest + j + 1) * length
                                                                 : saved->at);
        return;
    }
}

static void free_saved(struct saved *saved)
{
    for (size_t i = 0; i < saved->count; i++)
        free(saved->shares[i].title);
    free(saved->shares);
}

int aif_sharewindow_restore(struct aif_sharewindow *windows, const char *text, size_t length,
                            time_t *ret_at, struct aif_error *err)
{
    struct saved saved = {0};
    const int rc = read_saved(text, length, &saved, err);

    if (!rc) {
        aif_sharewindow_roll(windows, saved.at);
        for (size_t i = 0; i < saved.count; i++)
            put_back(windows, &saved, &saved.shares[i]);
        aif_sharewindow_index(windows);
        *ret_at = (time_t)saved.at;
    }
    free_saved(&saved);
    return rc;
}
