/* qos_index.c - see qos_index.h */
#include "qos_index.h"

#include <stdlib.h>
#include <string.h>

#define MORE 1024
#define ID_MAX 10000000 /* of QOS numbers that are remembered */

/* What is remembered: NONE, or FIRST + twice the position in the table, + 1 for the free QOS. */
#define NONE 1
#define FIRST 2

static uint32_t *_slot(struct aif_qos_index *index, uint32_t id)
{
	size_t room = (size_t) id + MORE;
	uint32_t *found;

	if (id < index->room)
		return &index->found[id];
	if (id >= ID_MAX || !(found = realloc(index->found, room * sizeof(*found))))
		return NULL;
	memset(found + index->room, 0, (room - index->room) * sizeof(*found));
	index->found = found;
	index->room = room;
	return &found[id];
}

static uint32_t _by_name(const struct aif_alloctable *allocs, const slurmdb_qos_rec_t *qos)
{
	const struct aif_alloc *alloc = qos->name ? aif_alloctable_by_qos(allocs, qos->name) : NULL;

	if (!alloc)
		return NONE;
	return FIRST + 2 * (uint32_t) aif_alloctable_index(allocs, alloc) +
	       (xstrcasecmp(qos->name, alloc->qos) != 0);
}

extern const struct aif_alloc *aif_qos_index_find(struct aif_qos_index *index, const struct aif_alloctable *allocs,
						  const slurmdb_qos_rec_t *qos, bool *ret_free)
{
	uint32_t *slot, found;

	if (index->allocs != allocs)
		aif_qos_index_clear(index);
	index->allocs = allocs;
	slot = _slot(index, qos->id);
	found = slot && *slot ? *slot : _by_name(allocs, qos);
	if (slot)
		*slot = found;
	*ret_free = found & 1;
	return found == NONE ? NULL : aif_alloctable_at(allocs, (found - FIRST) / 2);
}

extern void aif_qos_index_clear(struct aif_qos_index *index)
{
	free(index->found);
	memset(index, 0, sizeof(*index));
}
