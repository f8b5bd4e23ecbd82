/* policyenforce.c - see policyenforce.h */
#include "policyenforce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "rules.h"

static const char *const words[] = {"on", "advise", "off", NULL}; /* by enum aif_enforce */

static const char *const limits[] = {
    AIF_A_EARLY, AIF_A_EXPIRED, AIF_A_STATE, AIF_A_OUTLIVES, AIF_A_CATEGORY,  AIF_M_CLOSED, AIF_M_PARTITION,   AIF_M_GPUS, AIF_M_NODES,
    AIF_M_WALL,  AIF_M_SUBMITS, AIF_M_CROWDED, AIF_M_INTERACTIVE, AIF_Q_LEFT, AIF_Q_NOLIMIT, AIF_Q_UNTRACKED, AIF_Q_INFERENCE, AIF_Q_PACE,
    NULL,
};

static const char *const bookings[] = {
    AIF_A_UNKNOWN, AIF_A_AMBIGUOUS, AIF_A_NONE, AIF_A_QOS, AIF_A_ACCOUNT, AIF_M_UNKNOWN, AIF_M_MISMATCH, NULL,
};

static bool is_among(const char *const *rules, const char *rule)
{
    while (*rules && strcmp(*rules, rule))
        rules++;
    return *rules != NULL;
}

enum aif_enforce_scope aif_policyenforce_scope(const char *rule)
{
    if (is_among(limits, rule))
        return AIF_ENFORCE_LIMIT;
    return is_among(bookings, rule) ? AIF_ENFORCE_BOOKING : AIF_ENFORCE_ALWAYS;
}

/* Where the rule stands in the table of rules.h. */
static size_t place_of(const char *rule)
{
    size_t count;

    return (size_t)(aif_rules_find(rule) - aif_rules(&count));
}

enum aif_enforce aif_policyenforce_of(const struct aif_policy *policy, const char *rule)
{
    if (!policy->enforce.relaxed || !aif_rules_find(rule))
        return AIF_ENFORCE_ON;
    return (enum aif_enforce)policy->enforce.rules[place_of(rule)];
}

const char *aif_policyenforce_name(enum aif_enforce enforce)
{
    return words[enforce];
}

size_t aif_policyenforce_list(const struct aif_policy *policy, enum aif_enforce enforce, char ret_list[AIF_POLICYENFORCE_LIST])
{
    size_t count, found = 0, used = 0;
    const struct aif_rule *rules = aif_rules(&count);

    ret_list[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (policy->enforce.rules[i] != enforce)
            continue;
        if (used < AIF_POLICYENFORCE_LIST)
            used += (size_t)snprintf(ret_list + used, AIF_POLICYENFORCE_LIST - used, "%s%s", found ? " " : "", rules[i].id);
        found++;
    }
    return found;
}

/* ---- reading ---- */

static int read_word(const struct aif_jsonnode *node, enum aif_enforce *ret_enforce, struct aif_error *err)
{
    int index = 0;

    if (aif_jsonschema_choice(node, words, &index, err))
        return -1;
    *ret_enforce = (enum aif_enforce)index;
    return 0;
}

static int read_default(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                        struct aif_error *err)
{
    struct aif_enforce_conf *conf = ret_value;
    enum aif_enforce enforce;

    (void)field;
    if (read_word(node, &enforce, err))
        return -1;
    conf->fallback = (uint8_t)enforce;
    conf->relaxed = enforce != AIF_ENFORCE_ON;
    for (const char *const *rule = limits; *rule; rule++)
        conf->rules[place_of(*rule)] = (uint8_t)enforce;
    return 0;
}

/* The entry is a rule's id and what is said of it; it is kept in the policy. */
static int read_rule(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    struct aif_policy *policy = node->file->context;
    const struct aif_rule *rule = aif_rules_find(node->key);
    enum aif_enforce enforce;

    (void)ret_entry;
    if (!rule || strcmp(rule->id, node->key))
        return aif_jsonschema_fail(node, AIF_C_REFERENCE, "\"aif rules\" lists them", err, "no such rule: \"%.40s\"", node->key);
    if (read_word(node, &enforce, err))
        return -1;
    if (enforce != AIF_ENFORCE_ON && aif_policyenforce_scope(rule->id) == AIF_ENFORCE_ALWAYS)
        return aif_jsonschema_fail(node, AIF_C_RANGE, "take it out; aif-policy(5) lists the rules that may be relaxed", err,
                                   "out of range: \"%s\", limit \"on\": this rule is always applied", words[enforce]);
    policy->enforce.rules[place_of(rule->id)] = (uint8_t)enforce;
    policy->enforce.relaxed |= enforce != AIF_ENFORCE_ON;
    return 0;
}

static int read_rules(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                      struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_TEXT, 1, AIF_ENFORCE_RULES, read_rule};
    void *room = aif_jsonschema_room(node, &entries, err);
    size_t count = 0;
    int rc;

    (void)field;
    (void)ret_value;
    if (!room)
        return -1;
    rc = aif_jsonschema_entries(node, &entries, room, &count, err);
    free(room);
    return rc;
}

int aif_policyenforce_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                           struct aif_error *err)
{
    /* In this order: what is said of one rule counts more. */
    static const struct aif_jsonfield fields[] = {
        {"default", AIF_JSON_TEXT, false, read_default, 0, 0, 0},
        {"rules", AIF_JSON_OBJECT, false, read_rules, 0, 0, 0},
        {0},
    };

    if (json_object_is_type(node->value, json_type_string))
        return read_default(node, field, ret_value, err);
    if (json_object_is_type(node->value, json_type_object))
        return aif_jsonschema_object(node, fields, ret_value, err);
    return aif_jsonschema_fail(node, AIF_C_TYPE, NULL, err, "wrong type: must be a text in quotes or an object, { ... }");
}
