/*
 * qos_index.h - which allocation a QOS belongs to, by the QOS's number
 *
 * Names are hashed once per QOS and configuration. slurmdbd never gives a number twice and no QOS another name, so what
 * was found stays true as long as the table of allocations does. Not thread-safe.
 */
#ifndef AIF_QOS_INDEX_H
#define AIF_QOS_INDEX_H

#include "slurmctld.h"

#include "alloc.h"

struct aif_qos_index {
	const struct aif_alloctable *allocs; /* of which this is the index; NULL: empty */
	uint32_t *found; /* by QOS number: 0 not looked for yet, else see qos_index.c */
	size_t room;
};

/* The allocation of a QOS and whether it is its free one; NULL: of none. Forgets all when allocs is another table. */
extern const struct aif_alloc *aif_qos_index_find(struct aif_qos_index *index, const struct aif_alloctable *allocs,
						  const slurmdb_qos_rec_t *qos, bool *ret_free);

/* Give the memory back; the index is empty then. */
extern void aif_qos_index_clear(struct aif_qos_index *index);

#endif
