/* allocentry.c - see allocentry.h */
#include "allocentry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "allocblock.h"
#include "names.h"
#include "policyaward.h"
#include "policycategory.h"
#include "policycharge.h"
#include "policypacing.h"
#include "policyplaces.h"
#include "projid.h"
#include "rules.h"
#include "timetext.h"

#define MEMBERS_MAX 10000
#define HOURS_MAX 1000000000 /* amount of one allocation; in seconds still exact in a double */
#define FREE_SUFFIX "-free"

static const char *const state_names[] = {"ok", "paused", "downscaled", "terminated", NULL};

const char *aif_alloc_state_name(enum aif_alloc_state state)
{
    return state_names[state];
}

static const struct aif_policy *context_policy(const struct aif_jsonnode *node)
{
    const struct aif_allocentry_context *context = node->file->context;

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
    return aif_policyplaces_tag(node, context_policy(node), &alloc->residency, err);
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

/* What the rule does not say is the policy's for the unit, which was read before. */
static int read_charge(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    struct aif_alloc *alloc = ret_value;

    alloc->charge = context_policy(node)->charge[alloc->unit];
    return aif_policycharge_read(node, field, &alloc->charge, err);
}

#define ALLOC(member) offsetof(struct aif_alloc, member)
static const struct aif_jsonfield alloc_fields[] = {
    {"id", AIF_JSON_TEXT, true, read_id, ALLOC(id), 1, AIF_PROJID_MAX - 1},
    {"account", AIF_JSON_TEXT, true, aif_jsonschema_slurm_name, ALLOC(account), 1,
     AIF_NAMES_LENGTH_MAX},
    {"qos", AIF_JSON_TEXT, false, aif_jsonschema_slurm_name, ALLOC(qos), 1, AIF_NAMES_LENGTH_MAX},
    {"mode", AIF_JSON_TEXT, true, read_mode, ALLOC(mode), 0, 0},
    {"amount", AIF_JSON_NUMBER, true, read_amount, ALLOC(amount_secs), 0, 0},
    {"unit", AIF_JSON_TEXT, true, aif_policyaward_read_unit, ALLOC(unit), 0, 0},
    {"start", AIF_JSON_TEXT, true, aif_jsonschema_date, ALLOC(start), AIF_DAY_START, 0},
    {"end", AIF_JSON_TEXT, true, aif_jsonschema_date, ALLOC(end), AIF_DAY_END, 0},
    {"state", AIF_JSON_TEXT, false, read_state, ALLOC(state), 0, 0},
    {"members", AIF_JSON_ARRAY, false, read_members, ALLOC(members), 0, 0},
    {"residency", AIF_JSON_TEXT, false, read_residency, 0, 0, 0},
    {"category", AIF_JSON_TEXT, false, aif_policycategory_read, ALLOC(category), 0, 0},
    {"charge", AIF_JSON_OBJECT, false, read_charge, 0, 0, 0},
    {"pacing", AIF_JSON_OBJECT, false, aif_policypacing_read, ALLOC(pacing), 0, 0},
    {"free_qos", AIF_JSON_TEXT, false, aif_jsonschema_slurm_name, ALLOC(free_qos), 1,
     AIF_NAMES_LENGTH_MAX},
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

/* An allocation may say "none" where its mode does not. */
static void inherit(const struct aif_jsonnode *node, struct aif_alloc *alloc)
{
    if (!alloc->charge.millionths)
        alloc->charge = context_policy(node)->charge[alloc->unit];
    if (!json_object_object_get_ex(node->value, "pacing", NULL))
        alloc->pacing = alloc->mode->pacing;
}

static int set_default_free_qos(const struct aif_jsonnode *node, struct aif_alloc *alloc,
                                struct aif_error *err)
{
    if (alloc->free_qos || alloc->pacing.kind != AIF_PACING_CEILING)
        return 0;
    if (asprintf(&alloc->free_qos, "%s" FREE_SUFFIX, alloc->qos) < 0) {
        alloc->free_qos = NULL;
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    }
    return 0;
}

/* Slurm gives every association the QOS "normal": as a mirror it would claim every job of the
 * cluster. */
static int check_qos(const struct aif_jsonnode *node, const char *key, const char *qos,
                     struct aif_error *err)
{
    const struct aif_jsonnode child = {.up = node, .file = node->file, .key = key};

    if (!strcmp(qos, "normal"))
        return aif_jsonschema_fail(
            &child, AIF_C_RANGE, "name another", err,
            "out of range: \"normal\", limit a QOS of its own, not Slurm's default");
    if (!aif_names_slurm(qos))
        return aif_jsonschema_fail(&child, AIF_C_RANGE, "name a shorter one", err,
                                   "out of range: \"%.80s...\", limit %d bytes", qos,
                                   AIF_NAMES_LENGTH_MAX);
    return 0;
}

static int check_free_qos(const struct aif_jsonnode *node, const struct aif_alloc *alloc,
                          struct aif_error *err)
{
    struct aif_jsonnode child = {.up = node, .file = node->file, .key = "free_qos"};

    if (!alloc->free_qos)
        return 0;
    if (alloc->pacing.kind != AIF_PACING_CEILING)
        return aif_jsonschema_fail(&child, AIF_C_RANGE, "leave it out, or pace by a ceiling", err,
                                   "out of range: \"%.64s\", limit allocations with the pacing "
                                   "\"ceiling\"",
                                   alloc->free_qos);
    child.key = "pacing";
    if (context_policy(node)->carrier == AIF_CARRIER_ASSOCIATION)
        return aif_jsonschema_fail(&child, AIF_C_RANGE, "choose another pacing or carrier", err,
                                   "out of range: \"ceiling\", limit the carrier \"qos\": its free "
                                   "QOS would count against the association");
    return check_qos(node, "free_qos", alloc->free_qos, err);
}

static int check_dates(const struct aif_jsonnode *node, const struct aif_alloc *alloc,
                       struct aif_error *err)
{
    struct aif_jsonnode child = {.up = node, .file = node->file, .key = "end"};

    if (alloc->end >= alloc->start)
        return 0;
    json_object_object_get_ex(node->value, "end", &child.value);
    return aif_jsonschema_range(&child, "not before \"start\"", err);
}

int aif_allocentry_read(const struct aif_jsonnode *node, struct aif_alloc *ret_alloc,
                        struct aif_error *err)
{
    const struct aif_allocentry_context *context = node->file->context;

    ret_alloc->category = AIF_CATEGORY_UNKNOWN;
    if (aif_jsonschema_object(node, alloc_fields, ret_alloc, err))
        return -1;
    inherit(node, ret_alloc);
    if (set_default_qos(node, ret_alloc, err) || set_default_free_qos(node, ret_alloc, err) ||
        check_dates(node, ret_alloc, err) || check_qos(node, "qos", ret_alloc->qos, err))
        return -1;
    ret_alloc->marks = aif_marks_create(ret_alloc->mode->name, ret_alloc->id);
    return check_free_qos(node, ret_alloc, err)
               ? -1
               : aif_allocblock_make(ret_alloc, context->blocks, err);
}

void aif_allocentry_free(struct aif_alloc *alloc)
{
    free(alloc->residency);
    aif_allocblock_free(alloc);
}
