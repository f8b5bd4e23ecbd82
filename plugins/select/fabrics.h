/*
 * fabrics.h - the islands of slurmctld's nodes, as Slurm's topology or the site's map file has them
 *
 * Made when first needed after the node table, the topology or the configuration changed. Not thread-safe: used under
 * the view's lock (view.h). Calls need slurmctld's node lock at least for reading.
 */
#ifndef AIF_SELECT_FABRICS_H
#define AIF_SELECT_FABRICS_H

#include "select_api.h"

#include "place.h"

struct fabric_in_use {
	const struct aif_fabric *fabric; /* of as many nodes as the node table has slots */
	struct aif_place_scratch *scratch;
	bool is_map; /* of the site's file, not of Slurm's topology */
};

/*
 * The fabric that counts for a partition under the present configuration. False: there is no configuration, memory is
 * out, levels of the map do not fit into each other, or the partition has a topology of its own; then nothing is placed.
 */
extern bool fabrics_of(const part_record_t *part, struct fabric_in_use *ret);

extern void fabrics_forget(void);
/* The same where there is one, but at once. */
extern void fabrics_renew(void);
extern void fabrics_destroy(void);

/* Bytes of memory per node. */
extern uint32_t fabrics_bytes_per_node(void);

#endif
