/* policycharge.c - see policycharge.h */
#include "policycharge.h"

#include <json-c/json.h>

#define FACTOR_MAX 1000

static int read_tres(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    static const char *const words[] = {"gres/gpu", "node", "billing", NULL};
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, words, &index, err))
        return -1;
    *(enum aif_charge_tres *)ret_value = (enum aif_charge_tres)index;
    return 0;
}

/* Kept as a whole number of millionths, so that every part of the suite rounds alike. */
static int read_factor(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    double factor = json_object_get_double(node->value);
    double millionths = factor * AIF_MILLION, rest;
    uint32_t whole;

    (void)field;
    /* Written so that NaN, which json-c reads, fails too. */
    if (!(factor > 0 && factor <= FACTOR_MAX))
        return aif_jsonschema_range(node, "more than 0 and up to 1000", err);
    whole = (uint32_t)(millionths + 0.5);
    rest = millionths - whole;
    if (!whole || rest > 0.001 || rest < -0.001)
        return aif_jsonschema_range(node, "at most 6 decimals", err);
    *(uint32_t *)ret_value = whole;
    return 0;
}

int aif_policycharge_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"tres", AIF_JSON_TEXT, false, read_tres, offsetof(struct aif_charge, tres), 0, 0},
        {"factor", AIF_JSON_NUMBER, false, read_factor, offsetof(struct aif_charge, millionths), 0,
         0},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

int aif_policycharge_read_units(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                                void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"gpu-hour", AIF_JSON_OBJECT, false, aif_policycharge_read,
         offsetof(struct aif_policy, charge[AIF_UNIT_GPU_HOUR]), 0, 0},
        {"node-hour", AIF_JSON_OBJECT, false, aif_policycharge_read,
         offsetof(struct aif_policy, charge[AIF_UNIT_NODE_HOUR]), 0, 0},
        {0},
    };

    (void)field;
    return aif_jsonschema_object(node, fields, ret_value, err);
}
