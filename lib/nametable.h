/*
 * nametable.h - find things by name in O(1), case ignored
 *
 * Holds pointers to names and things, copies neither: both must outlive the table. Reading is
 * thread-safe.
 */
#ifndef AIF_NAMETABLE_H
#define AIF_NAMETABLE_H

#include <stddef.h>

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

#endif
