/*
 * policycharge.h - "charge": what is counted for an allocation, and what an hour of it is worth
 *
 * The same object stands per unit in policy.json and for one allocation in allocations.json.
 */
#ifndef AIF_POLICYCHARGE_H
#define AIF_POLICYCHARGE_H

#include "jsonschema.h"
#include "policy.h"

/* Reader of one rule; ret_value is a struct aif_charge, which keeps what the object does not say.
 */
int aif_policycharge_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err);

/* Reader of the rules by unit; ret_value is the struct aif_policy. */
int aif_policycharge_read_units(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                                void *ret_value, struct aif_error *err);

#endif
