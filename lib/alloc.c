/* alloc.c - see alloc.h */
#include "alloc.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "allocblock.h"
#include "allocentry.h"
#include "bigmem.h"
#include "nametable.h"
#include "rules.h"

#define BLOCK_BYTES 512 /* of an allocation with a few members */

struct aif_alloctable {
    struct aif_alloc *list;
    size_t count;
    struct aif_nametable *by_id;
    struct aif_nametable *by_qos;
    struct aif_nametable *by_account;
    struct aif_bigmem_pool *blocks; /* of the allocations, see allocblock.h */
};

/* What the readers need beside the file; the entries' part comes first. */
struct context {
    struct aif_allocentry_context entry;
    struct aif_alloctable *table;
};

static int fail_twice(const struct aif_jsonnode *node, const char *key, const char *value,
                      const struct aif_alloc *other, struct aif_error *err)
{
    struct aif_jsonnode child = {.up = node, .file = node->file, .key = key};

    return aif_jsonschema_fail(&child, AIF_C_DUPLICATE, "keep one of them", err,
                               "%s given twice: \"%.64s\", also of \"%.64s\"", key, value,
                               other->id);
}

/* An allocation's QOS and its free QOS share one space of names. */
static int add_names(const struct aif_jsonnode *node, struct aif_alloc *alloc,
                     struct aif_error *err)
{
    struct context *context = node->file->context;
    const struct aif_alloc *other = aif_nametable_add(context->table->by_id, alloc->id, alloc);

    if (other)
        return fail_twice(node, "id", alloc->id, other, err);
    other = aif_nametable_add(context->table->by_qos, alloc->qos, alloc);
    if (other)
        return fail_twice(node, "qos", alloc->qos, other, err);
    if (alloc->free_qos)
        other = aif_nametable_add(context->table->by_qos, alloc->free_qos, alloc);
    return other ? fail_twice(node, "free_qos", alloc->free_qos, other, err) : 0;
}

static int read_alloc(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    return aif_allocentry_read(node, ret_entry, err) ? -1 : add_names(node, ret_entry, err);
}

static int compare_for_account(const void *a, const void *b)
{
    const struct aif_alloc *x = *(struct aif_alloc *const *)a, *y = *(struct aif_alloc *const *)b;
    int order = strcmp(x->account, y->account);

    if (order)
        return order;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x < y ? -1 : x > y; /* order of the file */
}

/* An association carries the limits of one allocation only. */
static int fail_shared_account(const struct aif_jsonnode *node, const struct aif_alloctable *table,
                               const struct aif_alloc *alloc, const struct aif_alloc *other,
                               struct aif_error *err)
{
    struct aif_jsonnode entry = {.up = node, .file = node->file};
    const struct aif_jsonnode child = {.up = &entry, .file = node->file, .key = "account"};

    entry.index = (size_t)((alloc > other ? alloc : other) - table->list);
    return aif_jsonschema_fail(
        &child, AIF_C_DUPLICATE, "give each its own, or use the carrier \"qos\"", err,
        "account given twice: \"%.64s\", of \"%.64s\" and \"%.64s\", limit one "
        "allocation per account with the carrier \"association\"",
        alloc->account, other->id, alloc->id);
}

/* Chain the allocations of each account and remember the first of each chain. */
static int link_accounts(const struct aif_jsonnode *node, struct aif_alloctable *table,
                         struct aif_error *err)
{
    const struct aif_allocentry_context *context = node->file->context;
    const bool shared = context->policy->carrier == AIF_CARRIER_QOS;
    struct aif_alloc **sorted = calloc(table->count + 1, sizeof(*sorted));
    int rc = 0;

    if (!sorted)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    for (size_t i = 0; i < table->count; i++)
        sorted[i] = &table->list[i];
    qsort(sorted, table->count, sizeof(*sorted), compare_for_account);
    for (size_t i = 0; !rc && i < table->count; i++) {
        if (!aif_nametable_add(table->by_account, sorted[i]->account, sorted[i]))
            continue;
        if (shared)
            sorted[i - 1]->next_of_account = sorted[i];
        else
            rc = fail_shared_account(node, table, sorted[i], sorted[i - 1], err);
    }
    free(sorted);
    return rc;
}

static int read_allocations(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                            void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_alloc),
                                            AIF_ALLOC_MAX, read_alloc};
    struct context *context = node->file->context;
    struct aif_alloctable *table = ret_value;
    size_t count = json_object_array_length(node->value);

    (void)field;
    table->by_id = aif_nametable_create(count);
    table->by_qos = aif_nametable_create(2 * count); /* with the free ones */
    table->by_account = aif_nametable_create(count);
    context->entry.blocks = table->blocks = aif_bigmem_pool_create(count * BLOCK_BYTES);
    if (!table->by_id || !table->by_qos || !table->by_account || !table->blocks)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    table->list = aif_jsonschema_room(node, &entries, err);
    if (!table->list || aif_jsonschema_entries(node, &entries, table->list, &table->count, err))
        return -1;
    return link_accounts(node, table, err);
}

static int read_root(struct aif_jsonfile *file, struct aif_alloctable *table, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"version", AIF_JSON_INT, true, aif_jsonschema_checked, 0, 1, 1},
        {"allocations", AIF_JSON_ARRAY, true, read_allocations, 0, 0, 0},
        {0},
    };
    struct aif_jsonnode root = aif_jsonschema_root(file);

    return aif_jsonschema_object(&root, fields, table, err);
}

int aif_alloctable_parse(const char *text, size_t length, const char *name,
                         const struct aif_policy *policy, struct aif_alloctable **ret_table,
                         struct aif_error *err)
{
    struct context context = {.entry.policy = policy};
    struct aif_jsonfile *file = NULL;
    int rc;

    if (aif_jsonfile_parse(text, length, name, &file, err))
        return -1;
    context.table = calloc(1, sizeof(*context.table));
    file->context = &context;
    rc = context.table ? read_root(file, context.table, err)
                       : aif_error_set(err, AIF_ENOMEM, "%s: out of memory", name);
    aif_jsonfile_destroy(file);
    if (rc)
        aif_alloctable_destroy(context.table);
    else
        *ret_table = context.table;
    return rc;
}

int aif_alloctable_load(const char *path, const struct aif_policy *policy,
                        struct aif_alloctable **ret_table, struct aif_error *err)
{
    char *text = NULL;
    size_t length = 0;
    int rc;

    if (aif_jsonfile_read(path, &text, &length, err))
        return -1;
    rc = aif_alloctable_parse(text, length, path, policy, ret_table, err);
    free(text);
    return rc;
}

void aif_alloctable_destroy(struct aif_alloctable *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++)
        aif_allocentry_free(&table->list[i]);
    aif_bigmem_pool_destroy(table->blocks);
    free(table->list);
    aif_nametable_destroy(table->by_id);
    aif_nametable_destroy(table->by_qos);
    aif_nametable_destroy(table->by_account);
    free(table);
}

size_t aif_alloctable_count(const struct aif_alloctable *table)
{
    return table->count;
}

const struct aif_alloc *aif_alloctable_at(const struct aif_alloctable *table, size_t index)
{
    return &table->list[index];
}

size_t aif_alloctable_index(const struct aif_alloctable *table, const struct aif_alloc *alloc)
{
    return (size_t)(alloc - table->list);
}

const struct aif_alloc *aif_alloctable_by_id(const struct aif_alloctable *table, const char *id)
{
    return aif_nametable_get(table->by_id, id);
}

const struct aif_alloc *aif_alloctable_by_qos(const struct aif_alloctable *table, const char *qos)
{
    return aif_nametable_get(table->by_qos, qos);
}

void aif_alloctable_expect(const struct aif_alloctable *table, const char *qos, const char *account,
                           struct aif_alloctable_hint *ret_hint)
{
    const char *name = qos ? qos : account;

    ret_hint->names = qos ? table->by_qos : table->by_account;
    if (name)
        ret_hint->expected = aif_nametable_expect(ret_hint->names, name);
    else
        ret_hint->names = NULL;
}

const struct aif_alloc *aif_alloctable_fetch(const struct aif_alloctable_hint *hint)
{
    return hint->names ? aif_nametable_fetch(hint->names, hint->expected, AIF_ALLOCBLOCK_FETCHED,
                                             sizeof(struct aif_alloc))
                       : NULL;
}

const struct aif_alloc *aif_alloctable_by_account(const struct aif_alloctable *table,
                                                  const char *account)
{
    return aif_nametable_get(table->by_account, account);
}
