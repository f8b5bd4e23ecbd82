/* policyplaces.c - see policyplaces.h */
#include "policyplaces.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "names.h"
#include "rules.h"

#define LOCATIONS_MAX 4096
#define GROUPS_MAX 1024
#define SIBLINGS_MAX 64 /* a federation of Slurm has at most 63 clusters */
#define NODES_TEXT_MAX 65536

int aif_policyplaces_country(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    int country = aif_residency_country(json_object_get_string(node->value));

    (void)field;
    if (country < 0)
        return aif_jsonschema_range(node, "a country code of ISO 3166-1, such as \"FI\"", err);
    *(int *)ret_value = country;
    return 0;
}

int aif_policyplaces_tag(const struct aif_jsonnode *node, const struct aif_policy *policy,
                         struct aif_restag **ret_tag, struct aif_error *err)
{
    struct aif_error cause = {0};
    struct aif_restag tag, *copy;

    if (aif_restag_parse(json_object_get_string(node->value), policy->groups, policy->group_count,
                         &tag, &cause))
        return aif_jsonschema_wrap(node, &cause, err);
    copy = malloc(sizeof(*copy));
    if (!copy)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    *copy = tag;
    *ret_tag = copy;
    return 0;
}

static int read_zone(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    char **zone = ret_value;

    if (aif_jsonschema_text(node, field, ret_value, err))
        return -1;
    aif_names_lower(*zone);
    return aif_restag_is_name(*zone)
               ? 0
               : aif_jsonschema_range(node, "1 to 31 letters, digits and . _ -", err);
}

static int check_location(const struct aif_jsonnode *node, const struct aif_location *location,
                          struct aif_error *err)
{
    if (location->nodes && location->feature)
        return aif_jsonschema_fail(node, AIF_C_RANGE, "keep one of them", err,
                                   "both \"nodes\" and \"feature\" are given");
    if (!location->nodes && !location->feature)
        return aif_jsonschema_fail(node, AIF_C_MISSING, "say which nodes it means", err,
                                   "one of \"nodes\" and \"feature\" is required");
    if (location->feature && strpbrk(location->feature, " ,&|()[]*!"))
        return aif_jsonschema_fail(
            node, AIF_C_RANGE, NULL, err,
            "out of range: \"%.64s\", limit one node feature without blanks and , & | ( ) [ ] * !",
            location->feature);
    if (location->nodes && strpbrk(location->nodes, " \t;&|()"))
        return aif_jsonschema_fail(
            node, AIF_C_RANGE, NULL, err,
            "out of range: \"%.64s\", limit a host list such as \"node[001-128]\"",
            location->nodes);
    return 0;
}

static int read_location(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"nodes", AIF_JSON_TEXT, false, aif_jsonschema_text, offsetof(struct aif_location, nodes),
         1, NODES_TEXT_MAX},
        {"feature", AIF_JSON_TEXT, false, aif_jsonschema_text,
         offsetof(struct aif_location, feature), 1, 255},
        {"country", AIF_JSON_TEXT, true, aif_policyplaces_country,
         offsetof(struct aif_location, country), 0, 0},
        {"zone", AIF_JSON_TEXT, false, read_zone, offsetof(struct aif_location, zone), 1, 255},
        {0},
    };

    if (aif_jsonschema_object(node, fields, ret_entry, err))
        return -1;
    return check_location(node, ret_entry, err);
}

static int read_locations(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_location),
                                            LOCATIONS_MAX, read_location};
    struct aif_policy *policy = ret_value;

    (void)field;
    policy->locations = aif_jsonschema_room(node, &entries, err);
    if (!policy->locations)
        return -1;
    return aif_jsonschema_entries(node, &entries, policy->locations, &policy->location_count, err);
}

/* The names that are known already: the built-in ones, the membership's and the groups above this one. */
static bool is_group_taken(const struct aif_policy *policy, const char *name)
{
    struct aif_residency set;

    return !aif_residency_parse(name, policy->groups, policy->group_count, &set, NULL);
}

static int read_set(const struct aif_jsonnode *node, const struct aif_policy *policy,
                    struct aif_residency *ret_set, struct aif_error *err)
{
    struct aif_error cause = {0};

    if (aif_residency_parse(json_object_get_string(node->value), policy->groups,
                            policy->group_count, ret_set, &cause))
        return aif_jsonschema_wrap(node, &cause, err);
    return 0;
}

static int read_group(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    struct aif_policy *policy = node->file->context;
    struct aif_residency_group *group = ret_entry;

    if (!aif_membership_is_name(node->key))
        return aif_jsonschema_fail(
            node, AIF_C_RANGE, "rename it", err,
            "group name out of range: \"%.64s\", limit 3 to 63 letters, digits and _", node->key);
    if (is_group_taken(policy, node->key))
        return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "rename it", err,
                                   "group name is taken: \"%.64s\"", node->key);
    if (read_set(node, policy, &group->set, err))
        return -1;
    group->name = strdup(node->key);
    if (!group->name)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    /* Only now may the groups below use it. */
    policy->group_count++;
    return 0;
}

static int read_groups(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_TEXT, sizeof(struct aif_residency_group),
                                            GROUPS_MAX, read_group};
    struct aif_policy *policy = ret_value;
    struct aif_residency_group *room = aif_jsonschema_room(node, &entries, err);
    size_t count = 0, known = policy->group_count;

    (void)field;
    if (!room)
        return -1;
    free(room);
    room = calloc(known + (size_t)json_object_object_length(node->value) + 1, sizeof(*room));
    if (!room)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    if (known)
        memcpy(room, policy->groups, known * sizeof(*room));
    free(policy->groups);
    policy->groups = room;
    return aif_jsonschema_entries(node, &entries, room + known, &count, err);
}

static int read_sibling(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    struct aif_sibling *sibling = ret_entry;

    if (!aif_names_slurm(node->key))
        return aif_jsonschema_range(node, AIF_JSONSCHEMA_NAME, err);
    sibling->name = strdup(node->key);
    if (!sibling->name)
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    aif_names_lower(sibling->name);
    return aif_policyplaces_country(node, NULL, &sibling->country, err);
}

static int read_siblings(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_TEXT, sizeof(struct aif_sibling), SIBLINGS_MAX,
                                            read_sibling};
    struct aif_policy *policy = ret_value;

    (void)field;
    policy->siblings = aif_jsonschema_room(node, &entries, err);
    if (!policy->siblings)
        return -1;
    return aif_jsonschema_entries(node, &entries, policy->siblings, &policy->sibling_count, err);
}

int aif_policyplaces_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"home", AIF_JSON_TEXT, false, aif_policyplaces_country,
         offsetof(struct aif_policy, home_country), 0, 0},
        {"home_zone", AIF_JSON_TEXT, false, read_zone, offsetof(struct aif_policy, home_zone), 1,
         255},
        {"locations", AIF_JSON_ARRAY, false, read_locations, 0, 0, 0},
        {"groups", AIF_JSON_OBJECT, false, read_groups, 0, 0, 0},
        {"clusters", AIF_JSON_OBJECT, false, read_siblings, 0, 0, 0},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

int aif_policyplaces_seed(struct aif_policy *policy, const struct aif_membership *membership,
                          time_t when)
{
    if (!membership)
        return 0;
    policy->groups = calloc(membership->group_count + 1, sizeof(*policy->groups));
    if (!policy->groups)
        return -1;
    for (size_t i = 0; i < membership->group_count; i++) {
        policy->groups[i].name = strdup(membership->groups[i].name);
        if (!policy->groups[i].name)
            return -1;
        policy->group_count++;
        aif_membership_set(&membership->groups[i], when, &policy->groups[i].set);
    }
    return 0;
}

void aif_policyplaces_free(struct aif_policy *policy)
{
    for (size_t i = 0; i < policy->location_count; i++) {
        free(policy->locations[i].nodes);
        free(policy->locations[i].feature);
        free(policy->locations[i].zone);
    }
    for (size_t i = 0; i < policy->group_count; i++)
        free(policy->groups[i].name);
    for (size_t i = 0; i < policy->sibling_count; i++)
        free(policy->siblings[i].name);
    free(policy->locations);
    free(policy->groups);
    free(policy->siblings);
    free(policy->home_zone);
}
