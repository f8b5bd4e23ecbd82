/* policybudget.c - see policybudget.h */
#include "policybudget.h"

#include <stdlib.h>

#include "rules.h"

#define RECHECK_MAX 3600

/* Those whose reason goes away by itself or by somebody else's doing, in time. */
static const char *const hold_rules[] = {AIF_A_EARLY, AIF_A_STATE, AIF_M_CLOSED,
                                         AIF_Q_LEFT,  AIF_Q_PACE,  NULL};
#define HOLDS_MAX (sizeof(hold_rules) / sizeof(hold_rules[0]) - 1)

int aif_policybudget_read_carrier(const struct aif_jsonnode *node,
                                  const struct aif_jsonfield *field, void *ret_value,
                                  struct aif_error *err)
{
    static const char *const words[] = {"qos", "association", NULL};
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, words, &index, err))
        return -1;
    *(enum aif_carrier *)ret_value = index ? AIF_CARRIER_ASSOCIATION : AIF_CARRIER_QOS;
    return 0;
}

int aif_policybudget_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"count_pending", AIF_JSON_BOOL, false, aif_jsonschema_bool,
         offsetof(struct aif_policy, count_pending), 0, 0},
        {"recheck", AIF_JSON_INT, false, aif_jsonschema_u32, offsetof(struct aif_policy, recheck),
         1, RECHECK_MAX},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

static int read_hold(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    const struct aif_policy *policy = node->file->context;
    const char **entry = ret_entry;
    int index = 0;

    if (aif_jsonschema_choice(node, hold_rules, &index, err))
        return -1;
    for (const char **other = policy->holds; other != entry; other++)
        if (*other == hold_rules[index])
            return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "keep it once", err,
                                       "rule given twice: \"%s\"", *other);
    *entry = hold_rules[index];
    return 0;
}

int aif_policybudget_read_holds(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                                void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_TEXT, sizeof(char *), HOLDS_MAX, read_hold};
    struct aif_policy *policy = ret_value;
    size_t count = 0;

    (void)field;
    policy->holds = aif_jsonschema_room(node, &entries, err);
    if (!policy->holds)
        return -1;
    return aif_jsonschema_entries(node, &entries, policy->holds, &count, err);
}
