/*
 * policyaward.h - "award" of a mode: what the call for proposals publishes
 *
 * Information for people and for "aif config check"; a job is judged by its allocation alone.
 */
#ifndef AIF_POLICYAWARD_H
#define AIF_POLICYAWARD_H

#include "jsonschema.h"
#include "policy.h"

/* Reader of the object; ret_value is a struct aif_award. */
int aif_policyaward_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                         void *ret_value, struct aif_error *err);

/* Reader of a unit; ret_value is an enum aif_unit. */
int aif_policyaward_read_unit(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                              void *ret_value, struct aif_error *err);

#endif
