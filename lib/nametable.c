/* nametable.c - see nametable.h */
#include "nametable.h"

#include <stdint.h>
#include <stdlib.h>

#include "names.h"

struct slot {
    const char *name; /* NULL: free */
    void *thing;
};

struct aif_nametable {
    size_t mask; /* number of slots, a power of two, minus 1 */
    struct slot slots[];
};

struct aif_nametable *aif_nametable_create(size_t count)
{
    struct aif_nametable *table;
    size_t slots = 16;

    while (slots <
           count * 2) /* at most half full: short searches, and always a free slot to end them */
        slots *= 2;
    table = calloc(1, sizeof(*table) + slots * sizeof(table->slots[0]));
    if (table)
        table->mask = slots - 1;
    return table;
}

void aif_nametable_destroy(struct aif_nametable *table)
{
    free(table);
}

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_name(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *name; name++)
        hash = (hash ^ (unsigned char)aif_names_fold(*name)) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

/* The slot of that name, or the free one where it would go (open addressing, linear probing). */
static size_t find_slot(const struct aif_nametable *table, const char *name)
{
    size_t i = (size_t)hash_name(name) & table->mask;

    while (table->slots[i].name && aif_names_compare(table->slots[i].name, name))
        i = (i + 1) & table->mask;
    return i;
}

void *aif_nametable_add(struct aif_nametable *table, const char *name, void *thing)
{
    struct slot *slot = &table->slots[find_slot(table, name)];

    if (slot->name)
        return slot->thing;
    *slot = (struct slot){name, thing};
    return NULL;
}

void *aif_nametable_get(const struct aif_nametable *table, const char *name)
{
    return table->slots[find_slot(table, name)].thing;
}
