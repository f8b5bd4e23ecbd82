/*
 * policybudget.h - how strictly amounts are kept: "carrier", "budget" and "hold" of policy.json
 */
#ifndef AIF_POLICYBUDGET_H
#define AIF_POLICYBUDGET_H

#include "jsonschema.h"
#include "policy.h"

/* Reader of the carrier; ret_value is an enum aif_carrier. */
int aif_policybudget_read_carrier(const struct aif_jsonnode *node,
                                  const struct aif_jsonfield *field, void *ret_value,
                                  struct aif_error *err);

/* Reader of "budget"; ret_value is the struct aif_policy. */
int aif_policybudget_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err);

/* Reader of "hold"; ret_value is the struct aif_policy, whose holds are freed by its owner (the ids
 * are constants). */
int aif_policybudget_read_holds(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                                void *ret_value, struct aif_error *err);

#endif
