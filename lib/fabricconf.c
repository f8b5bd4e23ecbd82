/* fabricconf.c - see fabricconf.h */
#include "fabricconf.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "rules.h"

void aif_fabricconf_init(const struct aif_jsonnode *node, struct aif_fabric_levelconf *ret_conf)
{
    *ret_conf = (struct aif_fabric_levelconf){
        .weight = aif_fabric_default_conf((uint32_t)node->index).weight};
}

int aif_fabricconf_read_name(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                             void *ret_value, struct aif_error *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const char *const text = json_object_get_string(node->value);
    const size_t length = strlen(text);

    (void)field;
    if (!length || length >= AIF_FABRIC_NAME_SIZE || strspn(text, allowed) != length)
        return aif_jsonschema_range(node, "1 to 31 letters, digits, - _ .", err);
    memcpy(ret_value, text, length + 1);
    return 0;
}

static int read_size(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield field = {.min = 1, .max = AIF_FABRIC_NODES_MAX};
    uint32_t *const size = ret_entry;

    if (aif_jsonschema_u32(node, &field, size, err))
        return -1;
    if (node->index && size[-1] <= *size)
        return aif_jsonschema_range(node, "less than the one before", err);
    return 0;
}

int aif_fabricconf_read_segments(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                                 void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_INT, sizeof(uint32_t), AIF_FABRIC_SEGMENTS_MAX,
                                            read_size};
    struct aif_fabric_levelconf *conf = ret_value;

    (void)field;
    return aif_jsonschema_few(node, &entries, conf->segments, &conf->segment_count, err);
}

int aif_fabricconf_check_name(const struct aif_jsonnode *node,
                              const struct aif_fabric_levelconf *confs, uint32_t count,
                              const char *name, struct aif_error *err)
{
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(confs[i].name, name))
            return aif_jsonschema_fail(node, AIF_C_DUPLICATE, "rename one of them", err,
                                       "name given twice: \"%s\"", name);
    return 0;
}
