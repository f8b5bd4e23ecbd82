/*
 * policyclosures.h - "closures": where and when a mode takes no new jobs
 *
 * Fast Lane was closed on one system for months because of demand, and open on the others: so a
 * closure has partitions and dates.
 */
#ifndef AIF_POLICYCLOSURES_H
#define AIF_POLICYCLOSURES_H

#include "jsonschema.h"
#include "policy.h"

/* Reader of the list; ret_value is the struct aif_mode. */
int aif_policyclosures_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                            void *ret_value, struct aif_error *err);

/* Free what the reader stored. */
void aif_policyclosures_free(struct aif_mode *mode);

#endif
