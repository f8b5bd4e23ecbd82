/* select_nodes.c - see select_nodes.h */
#include "select_nodes.h"

#include <string.h>

#if AIF_SLURM_AT_LEAST(24, 11)
#include "src/common/node_features.h"
#endif
#if AIF_SLURM_AT_LEAST(23, 2)
#include "src/interfaces/topology.h"
#else
#include "src/common/slurm_topology.h"
#endif

/* Outside of slurmctld these do not exist, and the wrapper must load there as well. */
#pragma weak avail_feature_list
#pragma weak cg_node_bitmap
#pragma weak rs_node_bitmap
#pragma weak node_record_count
#pragma weak node_record_table_ptr
#if !AIF_SLURM_AT_LEAST(23, 11)
#pragma weak switch_record_cnt
#pragma weak switch_record_table
#endif

#define BITSTR_HEAD 2 /* words before the bits of a bitstr_t: magic number and size, the same in all versions */

extern uint32_t aif_compat_node_slots(void)
{
	return (uint32_t)node_record_count;
}

extern node_record_t *aif_compat_node_at(uint32_t index)
{
	return node_record_table_ptr[index];
}

extern bitstr_t *aif_compat_hosts_to_nodes(const char *hosts, const char *what)
{
	bitstr_t *nodes = bit_alloc(node_record_count);
#if AIF_SLURM_AT_LEAST(23, 11)
	hostlist_t *list = hostlist_create(hosts);
#else
	hostlist_t list = hostlist_create(hosts);
#endif
	uint32_t missing = 0;
	char *name;

	if (!list)
		return nodes;
	while ((name = hostlist_shift(list))) {
		node_record_t *node = find_node_record2(name);

		if (node)
			bit_set(nodes, node->index);
		else
			missing++;
		free(name);
	}
	hostlist_destroy(list);
	if (missing)
		info("aif: %s: %u hosts of \"%s\" are no nodes of this cluster", what, missing, hosts);
	return nodes;
}

static int _is_feature(void *x, void *key)
{
	const node_feature_t *feature = x;

	return feature->name && !strcmp(feature->name, key);
}

extern const bitstr_t *aif_compat_nodes_with_feature(const char *feature)
{
	const node_feature_t *found = NULL;

	if (avail_feature_list)
		found = list_find_first(avail_feature_list, _is_feature, (void *)feature);
	return found ? found->node_bitmap : NULL;
}

extern uint64_t aif_compat_node_rank(const node_record_t *node, bool now)
{
	uint64_t rank;

	/* The low byte is cons_tres' own scratch space (nearness of GPUs). */
	if (now)
		return node->sched_weight >> 8;
#if AIF_SLURM_AT_LEAST(23, 11)
	rank = node->weight;
#else
	rank = node->config_ptr ? node->config_ptr->weight : node->weight;
#endif
	if (IS_NODE_POWERED_DOWN(node) || IS_NODE_POWERING_UP(node))
		rank |= UINT64_C(1) << 40;
	return rank;
}

extern bool aif_compat_node_keeps_waiting(uint32_t index)
{
	return (cg_node_bitmap && bit_test(cg_node_bitmap, index)) ||
	       (rs_node_bitmap && bit_test(rs_node_bitmap, index));
}

extern void aif_compat_node_rank_fetch(const node_record_t *node)
{
	__builtin_prefetch(&node->sched_weight);
}

/* Empty parts are levels in which the node is in no switch. */
static bool _is_in_a_switch(const char *path)
{
	return path && path[strspn(path, ".")];
}

extern char *aif_compat_node_path(const node_record_t *node)
{
	char *address = NULL, *pattern = NULL;
	size_t length, name_length = strlen(node->name);
	int rc;

#if AIF_SLURM_AT_LEAST(23, 11)
	rc = topology_g_get_node_addr(node->name, &address, &pattern);
#else
	rc = slurm_topo_get_node_addr(node->name, &address, &pattern);
#endif
	xfree(pattern);
	/* "top.leaf.node", "block.node" or "node": what is before the last part is the path. */
	length = address ? strlen(address) : 0;
	if (rc != SLURM_SUCCESS || length <= name_length)
		xfree(address);
	else
		address[length - name_length - 1] = '\0';
	if (!_is_in_a_switch(address))
		xfree(address);
	return address;
}

extern bool aif_compat_has_main_topology(const part_record_t *part)
{
#if AIF_SLURM_AT_LEAST(25, 5)
	return !part || !part->topology_idx;
#else
	(void)part;
	return true;
#endif
}

#if AIF_SLURM_AT_LEAST(24, 11)
extern bitstr_t *aif_compat_leaf_nodes(const char *leaf)
{
	const bitstr_t *nodes = topology_g_get_bitmap((char *)leaf);

	return nodes ? bit_copy((bitstr_t *)nodes) : NULL;
}
#elif AIF_SLURM_AT_LEAST(23, 11)
/* The table is the topology plugin's own there, and nothing hands it out by name. */
extern bitstr_t *aif_compat_leaf_nodes(const char *leaf)
{
	(void)leaf;
	return NULL;
}
#else
extern bitstr_t *aif_compat_leaf_nodes(const char *leaf)
{
	for (int i = 0; i < switch_record_cnt; i++) {
		const switch_record_t *record = &switch_record_table[i];

		if (record->level == 0 && !xstrcmp(record->name, leaf))
			return bit_copy(record->node_bitmap);
	}
	return NULL;
}
#endif

extern const uint64_t *aif_compat_bit_words(const bitstr_t *bits, uint32_t *ret_count)
{
	*ret_count = (uint32_t)((bit_size((bitstr_t *)bits) + 63) / 64);
	return (const uint64_t *)(bits + BITSTR_HEAD);
}

extern uint64_t aif_compat_bit_hash(const bitstr_t *bits)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	uint32_t count;
	const uint64_t *words = aif_compat_bit_words(bits, &count);

	for (uint32_t i = 0; i < count; i++)
		hash = (hash ^ words[i]) * UINT64_C(1099511628211);
	return hash;
}
