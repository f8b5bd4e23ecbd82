/* membership.c - see membership.h */
#include "membership.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonschema.h"
#include "names.h"
#include "policyplaces.h"
#include "rules.h"
#include "timetext.h"

#define GROUPS_MAX 64
#define MEMBERS_MAX 1024
#define SOURCE_MAX 1023

bool aif_membership_is_name(const char *text)
{
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    return length >= 3 && length <= 63 && !text[length];
}

static int read_member(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"country", AIF_JSON_TEXT, true, aif_policyplaces_country,
         offsetof(struct aif_member, country), 0, 0},
        {"from", AIF_JSON_TEXT, false, aif_jsonschema_date, offsetof(struct aif_member, from),
         AIF_DAY_START, 0},
        {"until", AIF_JSON_TEXT, false, aif_jsonschema_date, offsetof(struct aif_member, until),
         AIF_DAY_END, 0},
        {0},
    };
    struct aif_jsonnode until = {.up = node, .file = node->file, .key = "until"};
    struct aif_member *member = ret_entry;

    if (aif_jsonschema_object(node, fields, member, err))
        return -1;
    if (!member->until || member->until >= member->from)
        return 0;
    json_object_object_get_ex(node->value, "until", &until.value);
    return aif_jsonschema_range(&until, "not before \"from\"", err);
}

static int read_members(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_member), MEMBERS_MAX,
                                            read_member};
    struct aif_membership_group *group = ret_value;

    (void)field;
    group->members = aif_jsonschema_room(node, &entries, err);
    if (!group->members)
        return -1;
    return aif_jsonschema_entries(node, &entries, group->members, &group->member_count, err);
}

/* JSON keys differ where case alone does; names do not. */
static bool is_taken(const struct aif_membership *membership,
                     const struct aif_membership_group *group)
{
    for (const struct aif_membership_group *at = membership->groups; at != group; at++)
        if (!aif_names_compare(at->name, group->name))
            return true;
    return false;
}

static int read_group(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"source", AIF_JSON_TEXT, true, aif_jsonschema_text,
         offsetof(struct aif_membership_group, source), 1, SOURCE_MAX},
        {"members", AIF_JSON_ARRAY, true, read_members, 0, 0, 0},
        {0},
    };
    const struct aif_membership *membership = node->file->context;
    struct aif_membership_group *group = ret_entry;

    /* DPV-LOC has a group of two letters, which ISO 3166-1 reserves for it. */
    if (!aif_membership_is_name(node->key) && aif_names_compare(node->key, "EU"))
        return aif_jsonschema_fail(
            node, AIF_C_RANGE, "rename it", err,
            "group name out of range: \"%.64s\", limit 3 to 63 letters, digits and _", node->key);
    group->name = strdup(node->key);
    if (!group->name)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    if (is_taken(membership, group))
        return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "keep one of them", err,
                                   "group is given twice: \"%.64s\"", node->key);
    return aif_jsonschema_object(node, fields, group, err);
}

static int read_groups(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {
        AIF_JSON_OBJECT, sizeof(struct aif_membership_group), GROUPS_MAX, read_group};
    struct aif_membership *membership = ret_value;

    (void)field;
    membership->groups = aif_jsonschema_room(node, &entries, err);
    if (!membership->groups)
        return -1;
    return aif_jsonschema_entries(node, &entries, membership->groups, &membership->group_count,
                                  err);
}

static int read_file(const struct aif_jsonfile *file, struct aif_membership *membership,
                     struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"version", AIF_JSON_INT, true, aif_jsonschema_checked, 0, 1, 1},
        {"groups", AIF_JSON_OBJECT, true, read_groups, 0, 0, 0},
        {0},
    };
    const struct aif_jsonnode root = aif_jsonschema_root(file);

    return aif_jsonschema_object(&root, fields, membership, err);
}

int aif_membership_parse(const char *text, size_t length, const char *name,
                         struct aif_membership **ret_membership, struct aif_error *err)
{
    struct aif_membership *membership = calloc(1, sizeof(*membership));
    struct aif_jsonfile *file = NULL;
    int rc;

    if (!membership)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", name);
    rc = aif_jsonfile_parse(text, length, name, &file, err);
    if (!rc) {
        file->context = membership;
        rc = read_file(file, membership, err);
    }
    aif_jsonfile_destroy(file);
    if (rc) {
        aif_membership_destroy(membership);
        return -1;
    }
    *ret_membership = membership;
    return 0;
}

int aif_membership_load(const char *path, struct aif_membership **ret_membership,
                        struct aif_error *err)
{
    struct aif_error cause = {0};
    char *text = NULL;
    size_t length = 0;
    int rc;

    if (aif_jsonfile_read(path, &text, &length, &cause)) {
        if (cause.code != AIF_ENOENT)
            return aif_error_set(err, cause.code, "%s", cause.text);
        *ret_membership = NULL;
        return 0;
    }
    rc = aif_membership_parse(text, length, path, ret_membership, err);
    free(text);
    return rc;
}

void aif_membership_destroy(struct aif_membership *membership)
{
    if (!membership)
        return;
    for (size_t i = 0; i < membership->group_count; i++) {
        free(membership->groups[i].name);
        free(membership->groups[i].source);
        free(membership->groups[i].members);
    }
    free(membership->groups);
    free(membership);
}

void aif_membership_set(const struct aif_membership_group *group, time_t when,
                        struct aif_residency *ret_set)
{
    memset(ret_set, 0, sizeof(*ret_set));
    for (size_t i = 0; i < group->member_count; i++) {
        const struct aif_member *member = &group->members[i];

        if (member->from <= when && (!member->until || when <= member->until))
            aif_residency_add(ret_set, member->country);
    }
}

static void sooner(time_t change, time_t when, time_t *next)
{
    if (change > when && (!*next || change < *next))
        *next = change;
}

time_t aif_membership_next(const struct aif_membership *membership, time_t when)
{
    time_t next = 0;

    for (size_t i = 0; membership && i < membership->group_count; i++) {
        const struct aif_membership_group *group = &membership->groups[i];

        for (size_t j = 0; j < group->member_count; j++) {
            sooner(group->members[j].from, when, &next);
            if (group->members[j].until)
                sooner(group->members[j].until + 1, when, &next);
        }
    }
    return next;
}
