/*
 * select_nodes.h - slurmctld's node table, node features and topology as the select wrapper reads
 * them
 *
 * All calls need slurmctld's node lock at least for reading. A node's index is stable until the
 * node table is rebuilt.
 */
#ifndef AIF_COMPAT_SELECT_NODES_H
#define AIF_COMPAT_SELECT_NODES_H

#include "slurmctld.h"

/* Size of node bitmaps; some indexes below it may have no node. */
extern uint32_t aif_compat_node_slots(void);

/* NULL if there is no node at that index. */
extern node_record_t *aif_compat_node_at(uint32_t index);

/* Nodes of a host list; names that are no nodes are left out, one log line tells. The caller frees.
 */
extern bitstr_t *aif_compat_hosts_to_nodes(const char *hosts);

/* Nodes that have a feature available, as slurmctld's own table has them now; NULL if none. Not to
 * be freed. */
extern const bitstr_t *aif_compat_nodes_with_feature(const char *feature);

/*
 * Rank by which Slurm wants nodes to be used, lower first: configured weight, and nodes that must
 * boot after all others. now is true when Slurm is about to start a job (RUN_NOW); the rank is then
 * Slurm's own.
 */
extern uint64_t aif_compat_node_rank(const node_record_t *node, bool now);

/*
 * Name of the innermost group of nodes the topology plugin puts a node into (leaf switch with those
 * above it, or block); "" without topology. Free with xfree().
 */
extern char *aif_compat_node_leaf(const node_record_t *node);

/* GPUs of a node, as the controller counts them: configured or found, and of these not in use. */
extern void aif_compat_node_gpus(const node_record_t *node, uint16_t *ret_total,
				 uint16_t *ret_free);

#endif
