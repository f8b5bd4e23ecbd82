/*
 * nodes.h - what the wrapper remembers of each node: its island, its GPUs and how many of them are
 * free
 *
 * Everything is derived from slurmctld's records and never authoritative: a wrong figure costs one
 * useless proposal, since cons_tres has the last word. Islands are read once per node table; free
 * GPUs are read again for the nodes of a job whenever it starts, ends or changes, and of all nodes
 * every RECOUNT_SECONDS, with a debug line that tells how many differed. One lock inside, held for
 * O(nodes) at most. Calls that take nodes or read records need slurmctld's node lock at least for
 * reading.
 */
#ifndef AIF_SELECT_NODES_H
#define AIF_SELECT_NODES_H

#include "select_api.h"

#include "island.h"

#define RECOUNT_SECONDS 30

/* The node table changed: read it anew at the next use. */
extern void nodes_forget(void);
extern void nodes_destroy(void);

/* Read free GPUs again, of a set of nodes (NULL: none) or of one. */
extern void nodes_refresh(const bitstr_t *nodes);
extern void nodes_refresh_one(const node_record_t *node);

/* Number of nodes in the mask (NULL: all) and of their configured GPUs. */
extern void nodes_count(const bitstr_t *mask, uint32_t *ret_nodes, uint32_t *ret_gpus);

/*
 * Choose nodes for ask out of candidates (indexes, ascending). On success ret_nodes is cleared and
 * set to the chosen nodes, ret_islands to all candidates in the islands that these touch, and the
 * number of islands is returned; 0 if there are not enough fitting candidates or memory is out.
 */
extern uint32_t nodes_choose(const struct aif_island_ask *ask, const uint32_t *candidates,
			     uint32_t candidate_count, bitstr_t *ret_nodes, bitstr_t *ret_islands);

/* Clear ret_nodes and set the first count of candidates that have gpus GPUs, free or not; false if
 * too few have. */
extern bool nodes_able(const bitstr_t *candidates, uint32_t count, uint32_t gpus,
		       bitstr_t *ret_nodes);

/* The most GPUs that one node has. */
extern uint32_t nodes_most_gpus(void);

#endif
