/*
 * noderank.h - the rank of a node among those of its job, sorted by their places in the network
 *
 * From topology.conf(5) of topology/tree (SwitchName) or topology/block (BlockName): nodes on one switch are neighbours, so
 * are switches below one switch. Every node of a job works out the same order from the same file. Pure but for hosts.h;
 * everything read is bounded.
 */
#ifndef AIF_SPANK_NODERANK_H
#define AIF_SPANK_NODERANK_H

#include <stddef.h>
#include <stdint.h>

#define SPANK_AIF_NODERANK_SWITCHES_MAX 65536
#define SPANK_AIF_NODERANK_NODES_MAX 65536 /* of a job */

struct spank_aif_noderank {
	uint32_t rank;	/* from 0 on */
	uint32_t count; /* nodes of the job */
};

/*
 * conf is the text of topology.conf, hosts the job's nodes, node this one's name, leaf the switch or block that Slurm says it is on.
 * Switches are sorted by name ("leaf2" before "leaf10"), nodes of one switch as in hosts. Returns -1, and nothing is known, where
 * node is not among hosts or on another switch, any of them is on none or on several, or switches make no tree.
 */
extern int spank_aif_noderank(const char *conf, const char *hosts, const char *node, const char *leaf,
			      struct spank_aif_noderank *ret_rank);

#endif
