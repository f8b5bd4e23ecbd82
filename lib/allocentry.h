/*
 * allocentry.h - one allocation of allocations.json
 *
 * Reads and checks what can be told from one entry and the policy; what several entries may not
 * share is alloc.c's.
 */
#ifndef AIF_ALLOCENTRY_H
#define AIF_ALLOCENTRY_H

#include "alloc.h"
#include "bigmem.h"
#include "jsonschema.h"

/* The file's context has to start with this. */
struct aif_allocentry_context {
    const struct aif_policy *policy;
    struct aif_bigmem_pool *blocks; /* where the entries' blocks come from; they live as long as it */
};

/* Read one entry into zeroed memory; on failure too it is aif_allocentry_free()'s to free. */
int aif_allocentry_read(const struct aif_jsonnode *node, struct aif_alloc *ret_alloc,
                        struct aif_error *err);

/* Free what the entry owns, not the entry; before the pool of blocks. */
void aif_allocentry_free(struct aif_alloc *alloc);

#endif
