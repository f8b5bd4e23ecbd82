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
#pragma weak node_record_count
#pragma weak node_record_table_ptr

extern uint32_t aif_compat_node_slots(void)
{
	return (uint32_t)node_record_count;
}

extern node_record_t *aif_compat_node_at(uint32_t index)
{
	return node_record_table_ptr[index];
}

extern bitstr_t *aif_compat_hosts_to_nodes(const char *hosts)
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
		info("aif: policy.json: %u hosts of location \"%s\" are no nodes of this cluster",
		     missing, hosts);
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

extern char *aif_compat_node_leaf(const node_record_t *node)
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
	/* "top.leaf.node", "block.node" or "node": what is before the last part is the group. */
	length = address ? strlen(address) : 0;
	if (rc != SLURM_SUCCESS || length <= name_length)
		xfree(address);
	else
		address[length - name_length - 1] = '\0';
	return address ? address : xstrdup("");
}

static int _add_gpus(void *x, void *arg)
{
	const gres_state_t *state = x;
	const gres_node_state_t *gres = state->gres_data;
	uint64_t *sums = arg;

	if (gres && !xstrcmp(state->gres_name, "gpu")) {
		sums[0] += gres->gres_cnt_avail;
		if (gres->gres_cnt_avail > gres->gres_cnt_alloc)
			sums[1] += gres->gres_cnt_avail - gres->gres_cnt_alloc;
	}
	return 0;
}

extern void aif_compat_node_gpus(const node_record_t *node, uint16_t *ret_total, uint16_t *ret_free)
{
	uint64_t sums[2] = {0, 0};

	if (node->gres_list)
		(void)list_for_each(node->gres_list, _add_gpus, sums);
	*ret_total = (uint16_t)MIN(sums[0], UINT16_MAX);
	*ret_free = (uint16_t)MIN(sums[1], UINT16_MAX);
}
