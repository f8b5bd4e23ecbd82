/*
 * policyplaces.h - the "residency" part of policy.json: where nodes are, and the site's own groups
 * of countries
 *
 * Readers for the table in policy.c; the file's context is the struct aif_policy being read.
 */
#ifndef AIF_POLICYPLACES_H
#define AIF_POLICYPLACES_H

#include "jsonschema.h"
#include "policy.h"

/* Reader of the whole object; ret_value is the struct aif_policy. */
int aif_policyplaces_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err);

/* Parse a residency expression that stands in a file, with the policy's groups (those read so far).
 */
int aif_policyplaces_set(const struct aif_jsonnode *node, const struct aif_policy *policy,
                         struct aif_residency *ret_set, struct aif_error *err);

/* Free what the reader stored. */
void aif_policyplaces_free(struct aif_policy *policy);

#endif
