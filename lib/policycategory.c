/* policycategory.c - see policycategory.h */
#include "policycategory.h"

#include <stdlib.h>

#include "rules.h"

/* In the order of enum aif_category. */
static const char *const words[] = {"sme",      "startup",    "science", "public",
                                    "industry", "commercial", NULL};

const char *aif_category_name(int category)
{
    return category >= 0 && category < AIF_CATEGORIES ? words[category] : NULL;
}

int aif_policycategory_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                            void *ret_value, struct aif_error *err)
{
    (void)field;
    return aif_jsonschema_choice(node, words, ret_value, err);
}

static int read_entry(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    return aif_jsonschema_choice(node, words, ret_entry, err);
}

static int add_category(const struct aif_jsonnode *node, int category, uint32_t *set,
                        struct aif_error *err)
{
    uint32_t bit = UINT32_C(1) << category;

    if (*set & bit)
        return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "keep it once", err,
                                   "category given twice: \"%s\"", words[category]);
    *set |= bit;
    return 0;
}

int aif_policycategory_read_set(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                                void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_TEXT, sizeof(int), AIF_CATEGORIES, read_entry};
    int *list = aif_jsonschema_room(node, &entries, err), rc;
    uint32_t set = 0;
    size_t count = 0;

    (void)field;
    if (!list)
        return -1;
    rc = aif_jsonschema_entries(node, &entries, list, &count, err);
    if (!rc && !count)
        rc = aif_jsonschema_fail(node, AIF_C_RANGE, "leave the key out to mean all", err,
                                 "out of range: no category, limit at least one");
    for (size_t i = 0; !rc && i < count; i++)
        rc = add_category(node, list[i], &set, err);
    free(list);
    if (!rc)
        *(uint32_t *)ret_value = set;
    return rc;
}
