/*
 * bigmem.h - memory for tables that are read at random places
 *
 * Who reads one entry of a large table waits for the translation of its address longer than for the entry: in a virtual
 * machine that is hundreds of ns, and a hint to memory waits as well. On huge pages, which the kernel gives to who asks
 * (madvise(2), MADV_HUGEPAGE), a handful of translations cover all tables. It is a wish: without huge pages nothing else changes.
 */
#ifndef AIF_BIGMEM_H
#define AIF_BIGMEM_H

#include <stddef.h>

#define AIF_BIGMEM_PAGE ((size_t)2 << 20)
#define AIF_BIGMEM_MIN ((size_t)256 << 10) /* smaller tables are left to malloc() */
#define AIF_BIGMEM_LINE 64                 /* bytes that a processor fetches at once */

/* Zeroed memory for size bytes, on huge pages if that is AIF_BIGMEM_MIN or more; NULL when memory is out. The caller free()s it. */
void *aif_bigmem_create(size_t size);

/* Many small pieces side by side, which are freed together. Not thread-safe. */
struct aif_bigmem_pool;

/* expected: bytes that will be taken in all, about. NULL when memory is out. */
struct aif_bigmem_pool *aif_bigmem_pool_create(size_t expected);
void aif_bigmem_pool_destroy(struct aif_bigmem_pool *pool);

/* A piece of size bytes, zeroed, at the start of a line; NULL when memory is out. It lives as long as the pool. */
void *aif_bigmem_take(struct aif_bigmem_pool *pool, size_t size);

#endif
