/* policyaward.c - see policyaward.h */
#include "policyaward.h"

#include "alloc.h"
#include "policymodes.h"

/* In the order of enum aif_unit. */
static const char *const unit_names[] = {"gpu-hour", "node-hour", NULL};

const char *aif_unit_name(enum aif_unit unit)
{
    return unit_names[unit];
}

int aif_policyaward_read_unit(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                              void *ret_value, struct aif_error *err)
{
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, unit_names, &index, err))
        return -1;
    *(enum aif_unit *)ret_value = (enum aif_unit)index;
    return 0;
}

static int read_amount(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    struct aif_award *award = ret_value;
    struct aif_range hours = {0};

    if (aif_policymodes_read_range(node, field, &hours, err))
        return -1;
    award->amount_min = hours.min;
    award->amount_max = hours.max;
    return 0;
}

int aif_policyaward_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"unit", AIF_JSON_TEXT, true, aif_policyaward_read_unit, offsetof(struct aif_award, unit),
         0, 0},
        {"amount", AIF_JSON_OBJECT, false, read_amount, 0, 0, 0},
        {"months", AIF_JSON_OBJECT, false, aif_policymodes_read_range,
         offsetof(struct aif_award, months), 0, 0},
        {0},
    };
    struct aif_award *award = ret_value;

    (void)field;
    if (aif_jsonschema_object(node, fields, award, err))
        return -1;
    award->has_unit = true;
    return 0;
}
