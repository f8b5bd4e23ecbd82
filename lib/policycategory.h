/*
 * policycategory.h - who holds an award: "category" of an allocation, "categories" of a mode or a
 * share
 */
#ifndef AIF_POLICYCATEGORY_H
#define AIF_POLICYCATEGORY_H

#include "jsonschema.h"
#include "policy.h"

/* "sme", "startup", …; NULL for AIF_CATEGORY_UNKNOWN. */
const char *aif_category_name(int category);

/* Reader of one name; ret_value is an int that gets an enum aif_category. */
int aif_policycategory_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                            void *ret_value, struct aif_error *err);

/* Reader of a list of names, none twice; ret_value is a uint32_t that gets bits 1 << enum
 * aif_category. */
int aif_policycategory_read_set(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                                void *ret_value, struct aif_error *err);

#endif
