/*
 * nametable.h - find things by name in O(1), case ignored
 *
 * Holds pointers to names and things, copies neither: both must outlive the table. Reading is
 * thread-safe.
 */
#ifndef AIF_NAMETABLE_H
#define AIF_NAMETABLE_H

#include <stddef.h>
#include <stdint.h>

struct aif_nametable;

/* Room for count names; NULL when memory is out. */
struct aif_nametable *aif_nametable_create(size_t count);
void aif_nametable_destroy(struct aif_nametable *table);

/*
 * Add a thing, at most as many as the table was made for. If the name is there already, nothing
 * changes and the thing that has it is returned; else NULL.
 */
void *aif_nametable_add(struct aif_nametable *table, const char *name, void *thing);

/* The thing of that name, or NULL. */
void *aif_nametable_get(const struct aif_nametable *table, const char *name);

/*
 * Hints that a name will be looked up. A large table is in no processor cache, so who knows the name some time before
 * can have memory fetched while he does other things: first the name's place, then what is found there, so many bytes
 * of the name as it was added and of its thing. aif_nametable_expect() returns what aif_nametable_fetch() takes, and that
 * the thing that will most likely be found, or NULL.
 */
uint64_t aif_nametable_expect(const struct aif_nametable *table, const char *name);
const void *aif_nametable_fetch(const struct aif_nametable *table, uint64_t expected,
                                size_t name_bytes, size_t thing_bytes);

#endif
