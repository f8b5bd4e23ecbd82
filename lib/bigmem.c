/* bigmem.c - see bigmem.h */
#include "bigmem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK_MIN ((size_t)16 << 10)

struct chunk {
    struct chunk *next;
    char *at, *end; /* what is not taken yet */
};

struct aif_bigmem_pool {
    struct chunk *chunks; /* the one that is being used first */
    size_t chunk_size;
};

static size_t rounded(size_t size, size_t to)
{
    return (size + to - 1) / to * to;
}

void *aif_bigmem_create(size_t size)
{
    void *memory;

    if (size > SIZE_MAX / 2)
        return NULL;
    if (size < AIF_BIGMEM_MIN)
        return calloc(1, size ? size : 1);
    size = rounded(size, AIF_BIGMEM_PAGE);
    memory = aligned_alloc(AIF_BIGMEM_PAGE, size);
    if (!memory)
        return NULL;
    (void)madvise(memory, size, MADV_HUGEPAGE);
    return memset(memory, 0, size);
}

struct aif_bigmem_pool *aif_bigmem_pool_create(size_t expected)
{
    struct aif_bigmem_pool *pool = calloc(1, sizeof(*pool));

    if (!pool)
        return NULL;
    pool->chunk_size = expected < CHUNK_MIN ? CHUNK_MIN : expected;
    if (pool->chunk_size > AIF_BIGMEM_PAGE)
        pool->chunk_size = AIF_BIGMEM_PAGE;
    return pool;
}

void aif_bigmem_pool_destroy(struct aif_bigmem_pool *pool)
{
    if (!pool)
        return;
    for (struct chunk *chunk = pool->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(pool);
}

static struct chunk *add_chunk(struct aif_bigmem_pool *pool, size_t needed)
{
    const size_t least = sizeof(struct chunk) + AIF_BIGMEM_LINE + needed;
    const size_t size = least > pool->chunk_size ? least : pool->chunk_size;
    struct chunk *chunk = aif_bigmem_create(size);

    if (!chunk)
        return NULL;
    chunk->next = pool->chunks;
    chunk->end = (char *)chunk + size;
    chunk->at = (char *)chunk + sizeof(*chunk);
    chunk->at += -(uintptr_t)chunk->at % AIF_BIGMEM_LINE;
    pool->chunks = chunk;
    return chunk;
}

void *aif_bigmem_take(struct aif_bigmem_pool *pool, size_t size)
{
    struct chunk *chunk = pool->chunks;
    char *piece;

    if (size > SIZE_MAX / 4)
        return NULL;
    size = rounded(size, AIF_BIGMEM_LINE);
    if (!chunk || size > (size_t)(chunk->end - chunk->at))
        chunk = add_chunk(pool, size);
    if (!chunk)
        return NULL;
    piece = chunk->at;
    chunk->at += size;
    return piece;
}
