/* policypacing.c - see policypacing.h */
#include "policypacing.h"

#include "lane.h"

#define CUT_MONTHS_MAX 120

/* In the order of enum aif_pacing_kind. */
static const char *const kind_words[] = {"none",    "monthly", "credit", "linear",
                                         "ceiling", "cut",     NULL};

static int read_kind(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, kind_words, &index, err))
        return -1;
    *(enum aif_pacing_kind *)ret_value = (enum aif_pacing_kind)index;
    return 0;
}

#define PACING(member) offsetof(struct aif_pacing, member)
static const struct aif_jsonfield plain_fields[] = {
    {"kind", AIF_JSON_TEXT, true, read_kind, PACING(kind), 0, 0},
    {0},
};

static const struct aif_jsonfield linear_fields[] = {
    {"kind", AIF_JSON_TEXT, true, read_kind, PACING(kind), 0, 0},
    {"priority", AIF_JSON_INT, true, aif_jsonschema_u32, PACING(priority), 1, AIF_LANE_BOOST_MAX},
    {0},
};

static const struct aif_jsonfield ceiling_fields[] = {
    {"kind", AIF_JSON_TEXT, true, read_kind, PACING(kind), 0, 0},
    {"percent", AIF_JSON_INT, true, aif_jsonschema_u32, PACING(ceiling_percent), 101, 1000},
    {0},
};

static const struct aif_jsonfield cut_fields[] = {
    {"kind", AIF_JSON_TEXT, true, read_kind, PACING(kind), 0, 0},
    {"months", AIF_JSON_INT, true, aif_jsonschema_u32, PACING(cut_months), 1, CUT_MONTHS_MAX},
    {"below", AIF_JSON_INT, true, aif_jsonschema_u32, PACING(cut_percent), 1, 100},
    {"keep", AIF_JSON_INT, true, aif_jsonschema_u32, PACING(cut_keep_percent), 0, 100},
    {0},
};

static const struct aif_jsonfield *fields_of(enum aif_pacing_kind kind)
{
    switch (kind) {
    case AIF_PACING_LINEAR:
        return linear_fields;
    case AIF_PACING_CEILING:
        return ceiling_fields;
    case AIF_PACING_CUT:
        return cut_fields;
    default:
        return plain_fields;
    }
}

/* The kind comes first: it says which other keys there may be. */
int aif_policypacing_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err)
{
    struct aif_pacing *pacing = ret_value;

    (void)field;
    if (aif_jsonschema_member(node, plain_fields, pacing, err))
        return -1;
    return aif_jsonschema_object(node, fields_of(pacing->kind), pacing, err);
}
