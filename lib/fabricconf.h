/*
 * fabricconf.h - a level of islands as configuration files write it
 *
 * {"name": "leaf", "weight": 1, "segments": [16, 8]}, in policy.json's "placement" and in map files. Readers for tables of
 * jsonschema.h that fill a struct aif_fabric_levelconf. Thread-safe.
 */
#ifndef AIF_FABRICCONF_H
#define AIF_FABRICCONF_H

#include "fabric.h"
#include "jsonschema.h"

/* What a level that is element "node" of its array has before its keys are read: the weight of its place. */
void aif_fabricconf_init(const struct aif_jsonnode *node, struct aif_fabric_levelconf *ret_conf);

/* Reader of "name": letters, digits, '-', '_', '.', at most AIF_FABRIC_NAME_SIZE - 1. ret_value is the char array. */
int aif_fabricconf_read_name(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                             struct aif_error *err);

/* Reader of "segments": falling node counts. ret_value is the struct aif_fabric_levelconf. */
int aif_fabricconf_read_segments(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                                 struct aif_error *err);

/* Refuse the level at node if one of the count levels before it has its name. */
int aif_fabricconf_check_name(const struct aif_jsonnode *node, const struct aif_fabric_levelconf *confs, uint32_t count,
                              const char *name, struct aif_error *err);

/* The three keys, for a table of a struct that has its struct aif_fabric_levelconf at offset. */
#define AIF_FABRICCONF_FIELDS(offset)                                                              \
    {"name", AIF_JSON_TEXT, true, aif_fabricconf_read_name,                                         \
     (offset) + offsetof(struct aif_fabric_levelconf, name), 1, AIF_FABRIC_NAME_SIZE - 1},          \
        {"weight", AIF_JSON_INT, false, aif_jsonschema_u32,                                        \
         (offset) + offsetof(struct aif_fabric_levelconf, weight), 0, AIF_FABRIC_WEIGHT_MAX},       \
        {"segments", AIF_JSON_ARRAY, false, aif_fabricconf_read_segments, (offset), 0,             \
         AIF_FABRIC_SEGMENTS_MAX}

#endif
