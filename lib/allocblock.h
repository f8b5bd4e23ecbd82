/*
 * allocblock.h - the texts of an allocation in one piece of memory
 *
 * Of many thousand allocations the one of a job is hardly ever in a processor cache. Read one by one from wherever they were
 * allocated, its texts and members cost more time than all else in a decision; lying together they are fetched at once.
 */
#ifndef AIF_ALLOCBLOCK_H
#define AIF_ALLOCBLOCK_H

#include <stdbool.h>

#include "alloc.h"
#include "bigmem.h"
#include "error.h"

/* Of a block, which starts with the QOS: a decision reads hardly more of one whose members are few. */
#define AIF_ALLOCBLOCK_FETCHED 512

/*
 * Move all texts, members and marks of an allocation that was read into alloc->block, and hash the members. The pointers
 * change; the block comes from the pool and lives as long as that. Fails with AIF_ENOMEM; nothing has changed then.
 */
int aif_allocblock_make(struct aif_alloc *alloc, struct aif_bigmem_pool *pool,
                        struct aif_error *err);

/* Free the texts one by one where no block was made. */
void aif_allocblock_free(struct aif_alloc *alloc);

/* Whether user is listed; true where the allocation lists nobody. alloc must have its block. Thread-safe. */
bool aif_allocblock_lists(const struct aif_alloc *alloc, const char *user);

#endif
