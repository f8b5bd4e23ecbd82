/* policyshares.c - see policyshares.h */
#include "policyshares.h"

#include <stdlib.h>
#include <string.h>

#include "policycategory.h"
#include "policymodes.h"
#include "rules.h"

#define SHARES_MAX 256

static int read_modes(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                      void *ret_value, struct aif_error *err)
{
    const struct aif_policy *policy = node->file->context;

    if (aif_jsonschema_texts(node, field, ret_value, err))
        return -1;
    for (char **name = *(char ***)ret_value; *name; name++)
        if (!aif_policy_mode(policy, *name))
            return aif_jsonschema_fail(node, AIF_C_REFERENCE, "define it or take it out", err,
                                       "no such mode: \"%.64s\", limit those of \"modes\"", *name);
    return 0;
}

/* Shares are known by their titles: what was used of one is found again by it. */
static int check_title(const struct aif_jsonnode *node, const struct aif_share *share, struct aif_error *err)
{
    const struct aif_policy *policy = node->file->context;

    for (const struct aif_share *other = policy->shares; other != share; other++)
        if (!strcmp(other->title, share->title))
            return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "keep one of them", err, "title given twice: \"%.64s\"",
                                       share->title);
    return 0;
}

static int read_share(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"title", AIF_JSON_TEXT, true, aif_jsonschema_text, offsetof(struct aif_share, title), 1,
         127},
        {"modes", AIF_JSON_ARRAY, false, read_modes, offsetof(struct aif_share, modes), 1,
         AIF_MODES_MAX},
        {"categories", AIF_JSON_ARRAY, false, aif_policycategory_read_set,
         offsetof(struct aif_share, categories), 0, 0},
        {"percent", AIF_JSON_INT, true, aif_jsonschema_u32, offsetof(struct aif_share, percent), 1,
         100},
        {0},
    };

    if (aif_jsonschema_object(node, fields, ret_entry, err))
        return -1;
    return check_title(node, ret_entry, err);
}

int aif_policyshares_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_share), SHARES_MAX,
                                            read_share};
    struct aif_policy *policy = ret_value;

    (void)field;
    policy->shares = aif_jsonschema_room(node, &entries, err);
    if (!policy->shares)
        return -1;
    return aif_jsonschema_entries(node, &entries, policy->shares, &policy->share_count, err);
}

void aif_policyshares_free(struct aif_policy *policy)
{
    for (size_t i = 0; i < policy->share_count; i++) {
        free(policy->shares[i].title);
        aif_jsonschema_texts_destroy(policy->shares[i].modes);
    }
    free(policy->shares);
}
