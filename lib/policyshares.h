/*
 * policyshares.h - "shares": what modes or kinds of users may use of the machine together
 *
 * A share that is used up closes the lanes of its modes (see sharewindow.h); no job is refused because of it.
 */
#ifndef AIF_POLICYSHARES_H
#define AIF_POLICYSHARES_H

#include "jsonschema.h"
#include "policy.h"

/* Reader of the list, after the modes; ret_value is the struct aif_policy. */
int aif_policyshares_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err);

/* Free what the reader stored. */
void aif_policyshares_free(struct aif_policy *policy);

#endif
