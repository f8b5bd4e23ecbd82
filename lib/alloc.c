/* alloc.c - see alloc.h */
#include "alloc.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonschema.h"
#include "names.h"
#include "nametable.h"
#include "policyplaces.h"
#include "projid.h"
#include "rules.h"
#include "timetext.h"

#define MEMBERS_MAX 10000
#define HOURS_MAX 1000000000 /* amount of one allocation; in seconds still exact in a double */

struct aif_alloctable {
    struct aif_alloc *list;
    size_t count;
    struct aif_nametable *by_id;
    struct aif_nametable *by_qos;
    struct aif_nametable *by_account;
};

/* What the readers need beside the file. */
struct context {
    const struct aif_policy *policy;
    struct aif_alloctable *table;
};

static const char *const state_names[] = {"ok", "paused", "downscaled", "terminated", NULL};
static const char *const unit_names[] = {"gpu-hour", "node-hour", NULL};

const char *aif_alloc_state_name(enum aif_alloc_state state)
{
    return state_names[state];
}

const char *aif_unit_name(enum aif_unit unit)
{
    return unit_names[unit];
}

static const struct aif_policy *context_policy(const struct aif_jsonnode *node)
{
    const struct context *context = node->file->context;

    return context->policy;
}

static int read_id(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                   void *ret_value, struct aif_error *err)
{
    char **text = ret_value;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    return aif_names_slurm(*text) ? 0 : aif_jsonschema_range(node, AIF_JSONSCHEMA_NAME, err);
}

static int read_mode(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    const char *name = json_object_get_string(node->value);
    const struct aif_mode *mode = aif_policy_mode(context_policy(node), name);
    const char *near;
    char next[128] = "define it there or name another";

    (void)field;
    if (mode) {
        *(const struct aif_mode **)ret_value = mode;
        return 0;
    }
    near = aif_policy_mode_suggest(context_policy(node), name);
    if (near)
        snprintf(next, sizeof(next), "did you mean \"%s\"?", near);
    return aif_jsonschema_fail(node, AIF_C_REFERENCE, next, err,
                               "no such mode: \"%.64s\", limit the modes of policy.json", name);
}

static int read_amount(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    double hours = json_object_get_double(node->value);
    double seconds = hours * 3600 + 0.5; /* whole when cut */

    (void)field;
    /* Written so that NaN, which json-c reads, fails too. */
    if (!(seconds >= 1 && hours <= HOURS_MAX))
        return aif_jsonschema_range(node, "more than 0 and up to 1000000000 hours", err);
    *(uint64_t *)ret_value = (uint64_t)seconds;
    return 0;
}

static int read_unit(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, unit_names, &index, err))
        return -1;
    *(enum aif_unit *)ret_value = (enum aif_unit)index;
    return 0;
}

static int read_state(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                      void *ret_value, struct aif_error *err)
{
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, state_names, &index, err))
        return -1;
    *(enum aif_alloc_state *)ret_value = (enum aif_alloc_state)index;
    return 0;
}

static int read_date(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    if (aif_timetext_date(json_object_get_string(node->value), (enum aif_day_edge)field->min,
                          ret_value))
        return aif_jsonschema_range(node,
                                    "a date that exists, \"YYYY-MM-DD\" or \"YYYY-MM-DDTHH:MM:SS\" "
                                    "with Z or +HH:MM, years 2000 to 2199",
                                    err);
    return 0;
}

static int read_member(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    const struct aif_jsonfield field = {.min = 1, .max = 255};
    char **text = ret_entry;

    if (aif_jsonschema_text(node, &field, ret_entry, err))
        return -1;
    return strpbrk(*text, " ,:/=\"'") ? aif_jsonschema_range(node, "a Slurm user name", err) : 0;
}

static int read_members(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_TEXT, sizeof(char *), MEMBERS_MAX,
                                            read_member};
    size_t count = 0;
    char **members;

    (void)field;
    if (!json_object_array_length(node->value))
        return aif_jsonschema_fail(node, AIF_C_RANGE,
                                   "leave the key out to let in whoever may use the account", err,
                                   "out of range: nobody, limit at least one member");
    members = aif_jsonschema_room(node, &entries, err);
    *(char ***)ret_value = members;
    return members ? aif_jsonschema_entries(node, &entries, members, &count, err) : -1;
}

static int read_residency(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    struct aif_alloc *alloc = ret_value;

    (void)field;
    if (aif_policyplaces_set(node, context_policy(node), &alloc->residency, err))
        return -1;
    alloc->has_residency = true;
    return 0;
}

/* RFC 9562 form 8-4-4-4-12; kept in lower case. */
static int read_uuid(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    char **text = ret_value;
    size_t i = 0;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    aif_names_lower(*text);
    while (form[i] && (form[i] == '-' ? (*text)[i] == '-'
                                      : (*text)[i] && strchr("0123456789abcdef", (*text)[i])))
        i++;
    return form[i] || (*text)[i]
               ? aif_jsonschema_range(node, "a UUID, 8-4-4-4-12 hexadecimal digits", err)
               : 0;
}

#define ALLOC(member) offsetof(struct aif_alloc, member)
static const struct aif_jsonfield alloc_fields[] = {
    {"id", AIF_JSON_TEXT, true, read_id, ALLOC(id), 1, AIF_PROJID_MAX - 1},
    {"account", AIF_JSON_TEXT, true, aif_jsonschema_slurm_name, ALLOC(account), 1,
     AIF_NAMES_LENGTH_MAX},
    {"qos", AIF_JSON_TEXT, false, aif_jsonschema_slurm_name, ALLOC(qos), 1, AIF_NAMES_LENGTH_MAX},
    {"mode", AIF_JSON_TEXT, true, read_mode, ALLOC(mode), 0, 0},
    {"amount", AIF_JSON_NUMBER, true, read_amount, ALLOC(amount_secs), 0, 0},
    {"unit", AIF_JSON_TEXT, true, read_unit, ALLOC(unit), 0, 0},
    {"start", AIF_JSON_TEXT, true, read_date, ALLOC(start), AIF_DAY_START, 0},
    {"end", AIF_JSON_TEXT, true, read_date, ALLOC(end), AIF_DAY_END, 0},
    {"state", AIF_JSON_TEXT, false, read_state, ALLOC(state), 0, 0},
    {"members", AIF_JSON_ARRAY, false, read_members, ALLOC(members), 0, 0},
    {"residency", AIF_JSON_TEXT, false, read_residency, 0, 0, 0},
    {"waldur_resource", AIF_JSON_TEXT, false, read_uuid, ALLOC(waldur_resource), 1, 63},
    {0},
};

static int set_default_qos(const struct aif_jsonnode *node, struct aif_alloc *alloc,
                           struct aif_error *err)
{
    if (alloc->qos)
        return 0;
    if (asprintf(&alloc->qos, "%s%s", context_policy(node)->qos_prefix, alloc->id) < 0) {
        alloc->qos = NULL;
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    }
    aif_names_lower(alloc->qos);
    return 0;
}

static int check_alloc(const struct aif_jsonnode *node, const struct aif_alloc *alloc,
                       struct aif_error *err)
{
    struct aif_jsonnode child = {.up = node, .file = node->file, .key = "end"};

    json_object_object_get_ex(node->value, "end", &child.value);
    if (alloc->end < alloc->start)
        return aif_jsonschema_range(&child, "not before \"start\"", err);
    child.key = "qos";
    /* Slurm gives every association this QOS: as a mirror it would claim every job of the cluster.
     */
    if (!strcmp(alloc->qos, "normal"))
        return aif_jsonschema_fail(
            &child, AIF_C_RANGE, "name another", err,
            "out of range: \"normal\", limit a QOS of its own, not Slurm's default");
    return 0;
}

static int fail_twice(const struct aif_jsonnode *node, const char *key, const char *value,
                      const struct aif_alloc *other, struct aif_error *err)
{
    struct aif_jsonnode child = {.up = node, .file = node->file, .key = key};

    return aif_jsonschema_fail(&child, AIF_C_DUPLICATE, "keep one of them", err,
                               "%s given twice: \"%.64s\", also of \"%.64s\"", key, value,
                               other->id);
}

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
    return 0;
}

static int read_alloc(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    struct aif_alloc *alloc = ret_entry;

    if (aif_jsonschema_object(node, alloc_fields, alloc, err) ||
        set_default_qos(node, alloc, err) || check_alloc(node, alloc, err))
        return -1;
    return add_names(node, alloc, err);
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

/* Chain the allocations of each account and remember the first of each chain. */
static int link_accounts(const struct aif_jsonnode *node, struct aif_alloctable *table,
                         struct aif_error *err)
{
    struct aif_alloc **sorted = calloc(table->count + 1, sizeof(*sorted));

    if (!sorted)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    for (size_t i = 0; i < table->count; i++)
        sorted[i] = &table->list[i];
    qsort(sorted, table->count, sizeof(*sorted), compare_for_account);
    for (size_t i = 0; i < table->count; i++)
        if (aif_nametable_add(table->by_account, sorted[i]->account, sorted[i]))
            sorted[i - 1]->next_of_account = sorted[i];
    free(sorted);
    return 0;
}

static int read_allocations(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                            void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_alloc),
                                            AIF_ALLOC_MAX, read_alloc};
    struct aif_alloctable *table = ret_value;
    size_t count = json_object_array_length(node->value);

    (void)field;
    table->by_id = aif_nametable_create(count);
    table->by_qos = aif_nametable_create(count);
    table->by_account = aif_nametable_create(count);
    if (!table->by_id || !table->by_qos || !table->by_account)
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
    struct context context = {.policy = policy};
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
    for (size_t i = 0; i < table->count; i++) {
        free(table->list[i].id);
        free(table->list[i].account);
        free(table->list[i].qos);
        free(table->list[i].waldur_resource);
        aif_jsonschema_texts_destroy(table->list[i].members);
    }
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

const struct aif_alloc *aif_alloctable_by_id(const struct aif_alloctable *table, const char *id)
{
    return aif_nametable_get(table->by_id, id);
}

const struct aif_alloc *aif_alloctable_by_qos(const struct aif_alloctable *table, const char *qos)
{
    return aif_nametable_get(table->by_qos, qos);
}

const struct aif_alloc *aif_alloctable_by_account(const struct aif_alloctable *table,
                                                  const char *account)
{
    return aif_nametable_get(table->by_account, account);
}
