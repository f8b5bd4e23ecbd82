/* datasets.c - see datasets.h */
#include "datasets.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonschema.h"
#include "names.h"
#include "nametable.h"
#include "policyplaces.h"
#include "rules.h"

#define ACCOUNTS_MAX 256 /* looked through at each submission */

struct aif_datasets {
    char *staging; /* may be NULL */
    struct aif_dataset *list;
    size_t count;
    struct aif_nametable *by_id;
};

/* What the readers need beside the file. */
struct context {
    const struct aif_policy *policy;
    struct aif_datasets *datasets;
};

/* ---- one data set ---- */

static int read_id(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                   void *ret_value, struct aif_error *err)
{
    char **id = ret_value;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    aif_names_lower(*id);
    return aif_datasetids_is_id(*id)
               ? 0
               : aif_jsonschema_range(node, "1 to 63 letters, digits and . _ -", err);
}

static int read_residency(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    const struct context *context = node->file->context;

    (void)field;
    return context->policy ? aif_policyplaces_tag(node, context->policy, ret_value, err) : 0;
}

/* Narrows the tag, which was read before. */
static int read_permit(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    const char *permit = json_object_get_string(node->value);
    struct aif_dataset *dataset = ret_value;
    struct aif_restag more = {.zone = ""};
    char text[AIF_RESTAG_TEXT_MAX];

    (void)field;
    if (!dataset->residency)
        return 0;
    more.set = dataset->residency->set;
    if (strlen(permit) > AIF_RESTAG_PERMIT_MAX)
        return aif_jsonschema_range(node, "63 characters", err);
    memcpy(text, ";permit=", 8);
    strcpy(text + 8, permit);
    if (strchr(permit, '+') || strchr(permit, ';') || aif_restag_parse_rest(text, &more, NULL) ||
        aif_restag_intersect(dataset->residency, &more) != AIF_RESTAG_FITS)
        return aif_jsonschema_range(node, "one permit of letters, digits and . _ - / :", err);
    return 0;
}

static int read_access(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    static const char *const words[] = {"ro", "rw", NULL};
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, words, &index, err))
        return -1;
    *(bool *)ret_value = index == 1;
    return 0;
}

/* Absolute, and written in the one way that says the same as what the kernel makes of it. Texts have no control characters. */
static bool is_plain_path(const char *path)
{
    size_t length = strlen(path);

    return length <= AIF_DATASETS_PATH_MAX && path[0] == '/' && length > 1 && path[length - 1] != '/' && !strstr(path, "//") &&
           !strstr(path, "/./") && !strstr(path, "/../") &&
           (length < 2 || strcmp(path + length - 2, "/.")) &&
           (length < 3 || strcmp(path + length - 3, "/.."));
}

static int refuse_path(const struct aif_jsonnode *node, const char *path, struct aif_error *err)
{
    return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err,
                               "out of range: \"%.64s\", limit absolute paths of up to 255 bytes without . "
                               "and .. and a / at the end",
                               path);
}

static int read_staging(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    char **staging = ret_value;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    return is_plain_path(*staging) ? 0 : refuse_path(node, *staging, err);
}

static int read_paths(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                      void *ret_value, struct aif_error *err)
{
    char ***paths = ret_value;

    if (aif_jsonschema_texts(node, field, ret_value, err))
        return -1;
    for (char **path = *paths; *path; path++)
        if (!is_plain_path(*path))
            return refuse_path(node, *path, err);
    return 0;
}

#define DATASET(member) offsetof(struct aif_dataset, member)
static const struct aif_jsonfield dataset_fields[] = {
    {"id", AIF_JSON_TEXT, true, read_id, DATASET(id), 1, 255},
    {"title", AIF_JSON_TEXT, false, aif_jsonschema_text, DATASET(title), 1, 255},
    {"residency", AIF_JSON_TEXT, true, read_residency, DATASET(residency), 0, 0},
    {"permit", AIF_JSON_TEXT, false, read_permit, 0, 0, 0},
    {"paths", AIF_JSON_ARRAY, false, read_paths, DATASET(paths), 1, AIF_DATASETS_PATHS_MAX},
    {"access", AIF_JSON_TEXT, false, read_access, DATASET(writable), 0, 0},
    {"accounts", AIF_JSON_ARRAY, true, aif_jsonschema_texts, DATASET(accounts), 1, ACCOUNTS_MAX},
    {0},
};

static int read_dataset(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    const struct context *context = node->file->context;
    struct aif_jsonnode id = {.up = node, .file = node->file, .key = "id"};
    struct aif_dataset *dataset = ret_entry;

    if (aif_jsonschema_object(node, dataset_fields, dataset, err))
        return -1;
    if (!aif_nametable_add(context->datasets->by_id, dataset->id, dataset))
        return 0;
    return aif_jsonschema_fail(&id, AIF_C_DUPLICATE, "keep one of them", err,
                               "id given twice: \"%.64s\"", dataset->id);
}

/* ---- paths of all of them ---- */

struct place {
    const char *path;
    const struct aif_dataset *dataset;
};

/* As strcmp(), but with '/' before all other bytes, so that what is inside of a path comes right after it. */
static int compare_paths(const void *a, const void *b)
{
    const unsigned char *x = (const unsigned char *)((const struct place *)a)->path;
    const unsigned char *y = (const unsigned char *)((const struct place *)b)->path;

    while (*x && *x == *y) {
        x++;
        y++;
    }
    if (*x == *y || !*x || !*y)
        return (*x != 0) - (*y != 0);
    if (*x == '/' || *y == '/')
        return *x == '/' ? -1 : 1;
    return *x < *y ? -1 : 1;
}

static size_t collect(const struct aif_datasets *datasets, struct place *ret_places)
{
    size_t count = 0;

    for (size_t i = 0; i < datasets->count; i++) {
        char **path = datasets->list[i].paths;

        for (; path && *path; path++) {
            if (ret_places)
                ret_places[count] = (struct place){*path, &datasets->list[i]};
            count++;
        }
    }
    return count;
}

static bool lies_in(const char *inner, const char *outer)
{
    size_t length = strlen(outer);

    return !strncmp(outer, inner, length) && (!inner[length] || inner[length] == '/');
}

/* A data set over the staging directory would hide the others; one inside would be of root alone. */
static int check_staging(const struct aif_jsonnode *node, const struct aif_datasets *datasets,
                         const struct place *places, size_t count, struct aif_error *err)
{
    for (size_t i = 0; datasets->staging && i < count; i++)
        if (lies_in(places[i].path, datasets->staging) || lies_in(datasets->staging, places[i].path))
            return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "separate them", err,
                                       "path \"%.64s\" of \"%.64s\" and staging \"%.64s\" lie in each other",
                                       places[i].path, places[i].dataset->id, datasets->staging);
    return 0;
}

/* One path inside of another would be open to jobs of either. */
static int check_paths(const struct aif_jsonnode *node, const struct aif_datasets *datasets,
                       struct aif_error *err)
{
    size_t count = collect(datasets, NULL);
    struct place *places = calloc(count + 1, sizeof(*places));
    int rc = 0;

    if (!places)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    collect(datasets, places);
    qsort(places, count, sizeof(*places), compare_paths);
    for (size_t i = 1; !rc && i < count; i++) {
        const struct place *outer = &places[i - 1], *inner = &places[i];

        if (lies_in(inner->path, outer->path))
            rc = aif_jsonschema_fail(node, AIF_C_DUPLICATE, "separate them", err,
                                     "path \"%.64s\" of \"%.64s\" lies in \"%.64s\" of \"%.64s\"",
                                     inner->path, inner->dataset->id, outer->path,
                                     outer->dataset->id);
    }
    if (!rc)
        rc = check_staging(node, datasets, places, count, err);
    free(places);
    return rc;
}

/* ---- the file ---- */

static int read_datasets(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_dataset),
                                            AIF_DATASETS_MAX, read_dataset};
    struct aif_datasets *datasets = ret_value;

    (void)field;
    datasets->by_id = aif_nametable_create(json_object_array_length(node->value));
    if (!datasets->by_id)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    datasets->list = aif_jsonschema_room(node, &entries, err);
    if (!datasets->list ||
        aif_jsonschema_entries(node, &entries, datasets->list, &datasets->count, err))
        return -1;
    return check_paths(node, datasets, err);
}

static int read_file(struct aif_jsonfile *file, struct context *context, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"version", AIF_JSON_INT, true, aif_jsonschema_checked, 0, 1, 1},
        {"staging", AIF_JSON_TEXT, false, read_staging, offsetof(struct aif_datasets, staging), 1, 4095},
        {"datasets", AIF_JSON_ARRAY, true, read_datasets, 0, 0, 0},
        {0},
    };
    struct aif_jsonnode root;

    file->context = context;
    root = aif_jsonschema_root(file);
    return aif_jsonschema_object(&root, fields, context->datasets, err);
}

int aif_datasets_parse(const char *text, size_t length, const char *name,
                       const struct aif_policy *policy, struct aif_datasets **ret_datasets,
                       struct aif_error *err)
{
    struct context context = {policy, calloc(1, sizeof(struct aif_datasets))};
    struct aif_jsonfile *file = NULL;
    int rc;

    if (!context.datasets)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", name);
    rc = aif_jsonfile_parse(text, length, name, &file, err);
    if (!rc)
        rc = read_file(file, &context, err);
    aif_jsonfile_destroy(file);
    if (rc) {
        aif_datasets_destroy(context.datasets);
        return -1;
    }
    *ret_datasets = context.datasets;
    return 0;
}

void aif_datasets_destroy(struct aif_datasets *datasets)
{
    if (!datasets)
        return;
    for (size_t i = 0; i < datasets->count; i++) {
        free(datasets->list[i].id);
        free(datasets->list[i].title);
        free(datasets->list[i].residency);
        aif_jsonschema_texts_destroy(datasets->list[i].paths);
        aif_jsonschema_texts_destroy(datasets->list[i].accounts);
    }
    free(datasets->staging);
    free(datasets->list);
    aif_nametable_destroy(datasets->by_id);
    free(datasets);
}

size_t aif_datasets_count(const struct aif_datasets *datasets)
{
    return datasets ? datasets->count : 0;
}

const struct aif_dataset *aif_datasets_at(const struct aif_datasets *datasets, size_t index)
{
    return &datasets->list[index];
}

const struct aif_dataset *aif_datasets_find(const struct aif_datasets *datasets, const char *id)
{
    return datasets ? aif_nametable_get(datasets->by_id, id) : NULL;
}

const char *aif_datasets_staging(const struct aif_datasets *datasets)
{
    return datasets ? datasets->staging : NULL;
}

bool aif_dataset_allows(const struct aif_dataset *dataset, const char *account)
{
    for (char **allowed = dataset->accounts; *allowed; allowed++)
        if (!aif_names_compare(*allowed, account))
            return true;
    return false;
}
