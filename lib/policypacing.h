/*
 * policypacing.h - "pacing": how an amount is spread over the time of its allocation
 *
 * The same object stands in a mode of policy.json and in an allocation of allocations.json. What
 * the kinds do is told by pace.h.
 */
#ifndef AIF_POLICYPACING_H
#define AIF_POLICYPACING_H

#include "jsonschema.h"
#include "policy.h"

/* Reader of the object; ret_value is a struct aif_pacing. */
int aif_policypacing_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                          void *ret_value, struct aif_error *err);

#endif
