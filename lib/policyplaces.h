/*
 * policyplaces.h - the "residency" part of policy.json: where nodes and sibling clusters are, and the
 * site's own groups of countries
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

/*
 * Read a residency tag that stands in a file, with the policy's groups (those read so far). *ret_tag is malloc'ed.
 */
int aif_policyplaces_tag(const struct aif_jsonnode *node, const struct aif_policy *policy,
                         struct aif_restag **ret_tag, struct aif_error *err);

/* Reader of a country's code; ret_value is an int, its index. field is not looked at. */
int aif_policyplaces_country(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                             void *ret_value, struct aif_error *err);

/*
 * Give a policy that is about to be read the groups of a membership (NULL: none) as of that moment. -1 when memory is
 * out.
 */
int aif_policyplaces_seed(struct aif_policy *policy, const struct aif_membership *membership,
                          time_t when);

/* Free what the reader stored. */
void aif_policyplaces_free(struct aif_policy *policy);

#endif
