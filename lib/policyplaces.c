/* policyplaces.c - see policyplaces.h */
#include "policyplaces.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "rules.h"

#define LOCATIONS_MAX 4096
#define GROUPS_MAX 1024
#define NODES_TEXT_MAX 65536

static int read_country(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    int country = aif_residency_country(json_object_get_string(node->value));

    (void)field;
    if (country < 0)
        return aif_jsonschema_range(node, "a country code of ISO 3166-1, such as \"FI\"", err);
    *(int *)ret_value = country;
    return 0;
}

int aif_policyplaces_set(const struct aif_jsonnode *node, const struct aif_policy *policy,
                         struct aif_residency *ret_set, struct aif_error *err)
{
    struct aif_error cause = {0};

    if (aif_residency_parse(json_object_get_string(node->value), policy->groups,
                            policy->group_count, ret_set, &cause))
        return aif_jsonschema_wrap(node, &cause, err);
    return 0;
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
        {"country", AIF_JSON_TEXT, true, read_country, offsetof(struct aif_location, country), 0,
         0},
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

static bool is_group_name(const char *name)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /* Two letters are countries. */
    return length >= 3 && length <= 63 && !name[length];
}

/* The names that are known already: the built-in ones and the groups above this one. */
static bool is_group_taken(const struct aif_policy *policy, const char *name)
{
    struct aif_residency set;

    return !aif_residency_parse(name, policy->groups, policy->group_count, &set, NULL);
}

static int read_group(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    struct aif_policy *policy = node->file->context;
    struct aif_residency_group *group = ret_entry;

    if (!is_group_name(node->key))
        return aif_jsonschema_fail(
            node, AIF_C_RANGE, "rename it", err,
            "group name out of range: \"%.64s\", limit 3 to 63 letters, digits and _", node->key);
    if (is_group_taken(policy, node->key))
        return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "rename it", err,
                                   "group name is taken: \"%.64s\"", node->key);
    if (aif_policyplaces_set(node, policy, &group->set, err))
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
    size_t count = 0;

    (void)field;
    policy->groups = aif_jsonschema_room(node, &entries, err);
    return policy->groups ? aif_jsonschema_entries(node, &entries, policy->groups, &count, err)
                          : -1;
}

int aif_policyplaces_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"home", AIF_JSON_TEXT, false, read_country, offsetof(struct aif_policy, home_country), 0,
         0},
        {"locations", AIF_JSON_ARRAY, false, read_locations, 0, 0, 0},
        {"groups", AIF_JSON_OBJECT, false, read_groups, 0, 0, 0},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

void aif_policyplaces_free(struct aif_policy *policy)
{
    for (size_t i = 0; i < policy->location_count; i++) {
        free(policy->locations[i].nodes);
        free(policy->locations[i].feature);
    }
    for (size_t i = 0; i < policy->group_count; i++)
        free(policy->groups[i].name);
    free(policy->locations);
    free(policy->groups);
}
