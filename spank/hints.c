/* hints.c - see hints.h */
#include "hints.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <slurm/slurm.h>

#include "conffile.h"
#include "contexts.h"
#include "gpuorder.h"
#include "leaf.h"
#include "noderank.h"

#define TEXT_MAX 1024
#define HOSTS_MAX 65536

/* How this node's GPUs are linked, read before tasks are forked; NULL: not known. Lives as long as
 * slurmstepd. */
static struct aif_gpulinks *links;

static bool _get(spank_t spank, const char *name, char *value, int size)
{
	return spank_getenv(spank, name, value, size) == ESPANK_SUCCESS;
}

/* NULL: not known. */
static void _set(spank_t spank, const char *name, const char *value)
{
	if (value)
		spank_setenv(spank, name, value, 1);
	else
		spank_unsetenv(spank, name);
}

/* Rank and number of nodes, "3/16". */
static bool _node_order(spank_t spank, const char *node, const char *leaf, char *ret_text,
			size_t size)
{
	struct spank_aif_noderank order;
	char *conf = NULL, *hosts = malloc(HOSTS_MAX);
	size_t length;
	bool known = false;

	/* Newer than topology.conf, which is not looked at beside it. */
	if (hosts && _get(spank, "SLURM_JOB_NODELIST", hosts, HOSTS_MAX) &&
	    !spank_aif_conffile_exists("topology.yaml"))
		conf = spank_aif_conffile_read("topology.conf", &length);
	if (conf && !spank_aif_noderank(conf, hosts, node, leaf, &order)) {
		snprintf(ret_text, size, "%u/%u", order.rank, order.count);
		known = true;
	}
	free(conf);
	free(hosts);
	return known;
}

static void _read_links(const char *node)
{
	size_t length;
	char *conf = spank_aif_conffile_read("gres.conf", &length);

	if (conf && spank_aif_gpulinks(conf, length, node, &links))
		links = NULL;
	free(conf);
}

extern void spank_aif_hints_node(spank_t spank)
{
	char address[TEXT_MAX] = "", pattern[TEXT_MAX] = "", leaf[TEXT_MAX], order[32];
	bool placed = _get(spank, "SLURM_TOPOLOGY_ADDR", address, sizeof(address)) &&
		      _get(spank, "SLURM_TOPOLOGY_ADDR_PATTERN", pattern, sizeof(pattern));
	const char *node = placed ? spank_aif_leaf_node(address, pattern) : NULL;

	placed = node && !spank_aif_leaf(address, pattern, leaf, sizeof(leaf));
	_set(spank, AIF_ENV_ISLAND, placed ? leaf : NULL);
	_set(spank, AIF_ENV_TOPOLOGY, placed ? address : NULL);
	_set(spank, AIF_ENV_NODE_ORDER,
	     placed && _node_order(spank, node, leaf, order, sizeof(order)) ? order : NULL);
	if (node)
		_read_links(node);
}

/* The batch script has the job's GPUs; what SLURM_JOB_GPUS says in a step came from a script on
 * maybe another node. */
static const char *_devices_variable(spank_t spank)
{
	uint32_t step = 0;

	if (spank_get_item(spank, S_JOB_STEPID, &step) == ESPANK_SUCCESS &&
	    step == SLURM_BATCH_SCRIPT)
		return "SLURM_JOB_GPUS";
	return "SLURM_STEP_GPUS";
}

extern void spank_aif_hints_gpus(spank_t spank)
{
	char devices[TEXT_MAX], order[TEXT_MAX];
	bool known = links && _get(spank, _devices_variable(spank), devices, sizeof(devices)) &&
		     !spank_aif_gpuorder(links, devices, order, sizeof(order));

	_set(spank, AIF_ENV_GPU_ORDER, known ? order : NULL);
}
