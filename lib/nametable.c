/* nametable.c - see nametable.h */
#include "nametable.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bigmem.h"
#include "names.h"

/* With the hash, so that a search that passes by does not fetch the names of others. */
struct slot {
    const char *name; /* NULL: free */
    void *thing;
    uint64_t hash;
};

#define LINE 64 /* bytes that a processor fetches at once */

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
    table = aif_bigmem_create(sizeof(*table) + slots * sizeof(table->slots[0]));
    if (table)
        table->mask = slots - 1;
    return table;
}

void aif_nametable_destroy(struct aif_nametable *table)
{
    free(table);
}

/* Eight characters. Setting the bit that case is in is enough to give all spellings the same hash. */
static uint64_t mix(uint64_t hash, const char *from)
{
    uint64_t word;

    memcpy(&word, from, sizeof(word));
    hash = (hash ^ (word | UINT64_C(0x2020202020202020))) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/*
 * Multiplicative hashing (Knuth, The Art of Computer Programming, vol. 3, 6.4) of a word at a time, the last of which overlaps
 * the one before it: names have some twenty characters, and each step has to wait for the one before it.
 */
__attribute__((hot)) static uint64_t hash_name(const char *name)
{
    const size_t length = strlen(name);
    char padded[sizeof(uint64_t)] = {0};
    uint64_t hash = length;

    if (length < sizeof(padded)) {
        for (size_t i = 0; i < length; i++)
            padded[i] = name[i];
        return mix(hash, padded);
    }
    for (size_t at = 0; at + sizeof(padded) < length; at += sizeof(padded))
        hash = mix(hash, name + at);
    return mix(hash, name + length - sizeof(padded));
}

static bool is_named(const struct slot *slot, const char *name, uint64_t hash)
{
    return slot->hash == hash && aif_names_same(slot->name, name);
}

/* The slot of that name, or the free one where it would go (open addressing, linear probing). */
__attribute__((hot)) static size_t find_slot(const struct aif_nametable *table, const char *name,
                                             uint64_t hash)
{
    const struct slot *slots = table->slots;
    size_t i = (size_t)hash & table->mask;

    while (slots[i].name && !is_named(&slots[i], name, hash))
        i = (i + 1) & table->mask;
    return i;
}

void *aif_nametable_add(struct aif_nametable *table, const char *name, void *thing)
{
    const uint64_t hash = hash_name(name);
    struct slot *slot = &table->slots[find_slot(table, name, hash)];

    if (slot->name)
        return slot->thing;
    *slot = (struct slot){name, thing, hash};
    return NULL;
}

__attribute__((hot)) void *aif_nametable_get(const struct aif_nametable *table, const char *name)
{
    return table->slots[find_slot(table, name, hash_name(name))].thing;
}

uint64_t aif_nametable_expect(const struct aif_nametable *table, const char *name)
{
    const uint64_t hash = hash_name(name);

    /* A slot may lie across two lines. */
    __builtin_prefetch(&table->slots[hash & table->mask]);
    __builtin_prefetch((const char *)(&table->slots[(hash & table->mask) + 1]) - 1);
    return hash;
}

static void fetch(const void *from, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += LINE)
        __builtin_prefetch((const char *)from + at);
}

/* Behind the end of something is nothing that it would harm to fetch. */
const void *aif_nametable_fetch(const struct aif_nametable *table, uint64_t expected,
                                size_t name_bytes, size_t thing_bytes)
{
    const struct slot *slots = table->slots;
    size_t i = (size_t)expected & table->mask;

    while (slots[i].name && slots[i].hash != expected)
        i = (i + 1) & table->mask;
    fetch(slots[i].thing, slots[i].name ? thing_bytes : 0);
    fetch(slots[i].name, slots[i].name ? name_bytes : 0);
    return slots[i].thing;
}
