/*
 * policymodes.h - the "modes" part of policy.json
 *
 * Reader for the table in policy.c; the file's context is the struct aif_policy being read.
 */
#ifndef AIF_POLICYMODES_H
#define AIF_POLICYMODES_H

#include "jsonschema.h"
#include "policy.h"

#define AIF_PARTITIONS_MAX 1024 /* names in one list */
#define AIF_MODES_MAX 256

/* Reader of the whole object; ret_value is the struct aif_policy. */
int aif_policymodes_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err);

/* Reader of {"min": n, "max": n}; ret_value is a struct aif_range. */
int aif_policymodes_read_range(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                               void *ret_value, struct aif_error *err);

/* Free what the reader stored. */
void aif_policymodes_free(struct aif_policy *policy);

#endif
