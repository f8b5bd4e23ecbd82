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

/*
 * Nodes of a host list; names that are no nodes are left out, one log line tells, with what the list is of. The caller
 * frees.
 */
extern bitstr_t *aif_compat_hosts_to_nodes(const char *hosts, const char *what);

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
 * True if a job that gets the node cannot begin at once: the epilog of another one runs there, or it boots. The backfill
 * scheduler offers such nodes, and puts the start off if it gets one.
 */
extern bool aif_compat_node_keeps_waiting(uint32_t index);

/* Bring near to the processor what the rank is read from. */
extern void aif_compat_node_rank_fetch(const node_record_t *node);

/*
 * Dotted path of the groups of nodes that the topology plugin puts a node into, outermost first ("core.group1.leaf3"),
 * or NULL: in none. Costs a look at every switch. Free with xfree().
 */
extern char *aif_compat_node_path(const node_record_t *node);

/* Tells sets of nodes apart, but for one case in 2^64. */
extern uint64_t aif_compat_bit_hash(const bitstr_t *bits);

/* Whether a partition has the topology that the paths are of (25.05 and later: there may be others). */
extern bool aif_compat_has_main_topology(const part_record_t *part);

/* Nodes of the leaf switch or block of that name; NULL if there is none or that cannot be known. The caller frees. */
extern bitstr_t *aif_compat_leaf_nodes(const char *leaf);

/* The words of a bitmap, lowest bits first; bits beyond its size are 0. Valid as long as the bitmap is. */
extern const uint64_t *aif_compat_bit_words(const bitstr_t *bits, uint32_t *ret_count);

#endif
