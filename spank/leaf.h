/*
 * leaf.h - the network island of a node, from what Slurm says about its place in the topology
 */
#ifndef AIF_SPANK_LEAF_H
#define AIF_SPANK_LEAF_H

#include <stddef.h>

/*
 * address and pattern as in SLURM_TOPOLOGY_ADDR and SLURM_TOPOLOGY_ADDR_PATTERN:
 * "root.leaf3.node17" with "switch.switch.node", "block2.node17" with "block.node". Writes the name
 * of the switch or block directly above the node. Returns 0, or -1 if there is none (a node outside
 * the topology, no topology plugin, a name too long).
 */
extern int spank_aif_leaf(const char *address, const char *pattern, char *ret_leaf, size_t size);

/* The node's own name in its address, a part of it, whether or not there are switches; NULL: the pattern does not fit. */
extern const char *spank_aif_leaf_node(const char *address, const char *pattern);

#endif
