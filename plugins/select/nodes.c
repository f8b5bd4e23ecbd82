/* nodes.c - see nodes.h */
#include "nodes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "select_nodes.h"

static struct {
	pthread_mutex_t mutex;
	bool valid;
	struct aif_island_map map; /* its arrays are the three below */
	uint32_t *island_of;
	uint16_t *free_gpus;
	uint16_t *gpus;
	uint16_t most_gpus;
	struct aif_island_scratch *scratch;
	time_t counted_at;
} table = {.mutex = PTHREAD_MUTEX_INITIALIZER};

struct leaf {
	char *name; /* xmalloc'ed */
	uint32_t node;
};

static void _clear(void)
{
	aif_island_scratch_destroy(table.scratch);
	free(table.island_of);
	free(table.free_gpus);
	free(table.gpus);
	table.scratch = NULL;
	table.island_of = NULL;
	table.free_gpus = NULL;
	table.gpus = NULL;
	table.most_gpus = 0;
	memset(&table.map, 0, sizeof(table.map));
	table.valid = false;
}

static bool _allocate(uint32_t slots)
{
	table.island_of = calloc(slots + 1, sizeof(*table.island_of));
	table.free_gpus = calloc(slots + 1, sizeof(*table.free_gpus));
	table.gpus = calloc(slots + 1, sizeof(*table.gpus));
	table.map.node_count = slots;
	table.map.island_of = table.island_of;
	table.map.free_gpus = table.free_gpus;
	table.map.gpus = table.gpus;
	return table.island_of && table.free_gpus && table.gpus;
}

/* Read one node's GPUs from its record. Returns true if that changes what was remembered. */
static bool _read_gpus(uint32_t i)
{
	const node_record_t *node = aif_compat_node_at(i);
	uint16_t total = 0, unused = 0;
	bool changed;

	if (node)
		aif_compat_node_gpus(node, &total, &unused);
	changed = table.gpus[i] != total || table.free_gpus[i] != unused;
	table.gpus[i] = total;
	table.free_gpus[i] = unused;
	if (total > table.most_gpus)
		table.most_gpus = total;
	return changed;
}

static uint32_t _recount(void)
{
	uint32_t differing = 0;

	for (uint32_t i = 0; i < table.map.node_count; i++)
		differing += _read_gpus(i);
	table.counted_at = time(NULL);
	return differing;
}

static int _by_name(const void *a, const void *b)
{
	const struct leaf *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->node > y->node) - (x->node < y->node);
}

/* Number the islands in the order of their names. */
static uint32_t _number(struct leaf *leaves, uint32_t count)
{
	uint32_t islands = 0;

	qsort(leaves, count, sizeof(*leaves), _by_name);
	for (uint32_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(leaves[i].name, leaves[i - 1].name))
			islands++;
		table.island_of[leaves[i].node] = islands - 1;
	}
	return islands;
}

static bool _read_islands(uint32_t slots)
{
	struct leaf *leaves = calloc(slots + 1, sizeof(*leaves));
	uint32_t count = 0;

	if (!leaves)
		return false;
	for (uint32_t i = 0; i < slots; i++) {
		const node_record_t *node = aif_compat_node_at(i);

		if (!node || !node->name)
			continue;
		leaves[count].name = aif_compat_node_leaf(node);
		leaves[count++].node = i;
	}
	table.map.island_count = MAX(_number(leaves, count), 1);
	for (uint32_t i = 0; i < count; i++)
		xfree(leaves[i].name);
	free(leaves);
	return true;
}

/* Make the table fit slurmctld's. Returns false without memory: then nothing is narrowed. */
static bool _update(void)
{
	uint32_t slots = aif_compat_node_slots();

	if (table.valid && table.map.node_count == slots)
		return true;
	_clear();
	if (_allocate(slots) && _read_islands(slots))
		table.scratch = aif_island_scratch_create(slots, table.map.island_count);
	if (!table.scratch) {
		_clear();
		return false;
	}
	_recount();
	table.valid = true;
	debug("aif: %u nodes in %u islands", slots, table.map.island_count);
	return true;
}

/* Whatever the hooks missed is set right here; it should be nothing. */
static void _audit(void)
{
	uint32_t differing = _recount();

	debug("aif: recount of free GPUs on %u nodes, differences %u", table.map.node_count,
	      differing);
}

extern void nodes_forget(void)
{
	pthread_mutex_lock(&table.mutex);
	table.valid = false;
	pthread_mutex_unlock(&table.mutex);
}

extern void nodes_destroy(void)
{
	pthread_mutex_lock(&table.mutex);
	_clear();
	pthread_mutex_unlock(&table.mutex);
}

extern void nodes_refresh(const bitstr_t *nodes)
{
	bitoff_t first, last;

	if (!nodes)
		return;
	pthread_mutex_lock(&table.mutex);
	first = bit_ffs((bitstr_t *)nodes);
	/* While slurmctld reads its configuration anew, its node table may be smaller than ours already. */
	last = MIN(table.map.node_count, aif_compat_node_slots());
	last = MIN(bit_fls((bitstr_t *)nodes), last - 1);
	for (bitoff_t i = first; table.valid && first >= 0 && i <= last; i++) {
		if (bit_test((bitstr_t *)nodes, i))
			(void)_read_gpus((uint32_t)i);
	}
	pthread_mutex_unlock(&table.mutex);
}

extern void nodes_refresh_one(const node_record_t *node)
{
	pthread_mutex_lock(&table.mutex);
	if (table.valid && node && node->index < table.map.node_count)
		(void)_read_gpus((uint32_t)node->index);
	pthread_mutex_unlock(&table.mutex);
}

extern void nodes_count(const bitstr_t *mask, uint32_t *ret_nodes, uint32_t *ret_gpus)
{
	uint32_t nodes = 0, gpus = 0;

	for (uint32_t i = 0; i < aif_compat_node_slots(); i++) {
		const node_record_t *node = aif_compat_node_at(i);
		uint16_t total, unused;

		if (!node || (mask && !bit_test((bitstr_t *)mask, i)))
			continue;
		aif_compat_node_gpus(node, &total, &unused);
		nodes++;
		gpus += total;
	}
	*ret_nodes = nodes;
	*ret_gpus = gpus;
}

/* Candidates of all islands that the chosen nodes touch. */
static void _widen(const uint32_t *chosen, uint32_t chosen_count, const uint32_t *candidates,
		   uint32_t candidate_count, bitstr_t *ret_islands)
{
	bitstr_t *touched = bit_alloc(table.map.island_count);

	for (uint32_t i = 0; i < chosen_count; i++)
		bit_set(touched, table.island_of[chosen[i]]);
	for (uint32_t i = 0; i < candidate_count; i++) {
		if (bit_test(touched, table.island_of[candidates[i]]))
			bit_set(ret_islands, candidates[i]);
	}
	FREE_NULL_BITMAP(touched);
}

static uint32_t _choose(const struct aif_island_ask *ask, const uint32_t *candidates,
			uint32_t candidate_count, bitstr_t *ret_nodes, bitstr_t *ret_islands)
{
	uint32_t *chosen = calloc(ask->nodes, sizeof(*chosen));
	uint32_t islands;

	if (!chosen)
		return 0;
	islands =
	    aif_island_choose(&table.map, ask, candidates, candidate_count, table.scratch, chosen);
	if (islands) {
		bit_clear_all(ret_nodes);
		bit_clear_all(ret_islands);
		for (uint32_t i = 0; i < ask->nodes; i++)
			bit_set(ret_nodes, chosen[i]);
		_widen(chosen, ask->nodes, candidates, candidate_count, ret_islands);
	}
	free(chosen);
	return islands;
}

extern uint32_t nodes_choose(const struct aif_island_ask *ask, const uint32_t *candidates,
			     uint32_t candidate_count, bitstr_t *ret_nodes, bitstr_t *ret_islands)
{
	uint32_t islands = 0;

	pthread_mutex_lock(&table.mutex);
	if (_update()) {
		if (time(NULL) - table.counted_at >= RECOUNT_SECONDS)
			_audit();
		islands = _choose(ask, candidates, candidate_count, ret_nodes, ret_islands);
	}
	pthread_mutex_unlock(&table.mutex);
	return islands;
}

static bool _able(const bitstr_t *candidates, uint32_t count, uint32_t gpus, bitstr_t *ret_nodes)
{
	bitoff_t first = bit_ffs((bitstr_t *)candidates);
	bitoff_t last = bit_fls((bitstr_t *)candidates);
	uint32_t found = 0;

	bit_clear_all(ret_nodes);
	for (bitoff_t i = first; first >= 0 && i <= last && found < count; i++) {
		if (!bit_test((bitstr_t *)candidates, i) || table.gpus[i] < gpus)
			continue;
		bit_set(ret_nodes, i);
		found++;
	}
	return found == count;
}

extern bool nodes_able(const bitstr_t *candidates, uint32_t count, uint32_t gpus,
		       bitstr_t *ret_nodes)
{
	bool able;

	pthread_mutex_lock(&table.mutex);
	able = _update() && _able(candidates, count, gpus, ret_nodes);
	pthread_mutex_unlock(&table.mutex);
	return able;
}

extern uint32_t nodes_most_gpus(void)
{
	uint32_t most = 0;

	pthread_mutex_lock(&table.mutex);
	if (_update())
		most = table.most_gpus;
	pthread_mutex_unlock(&table.mutex);
	return most;
}
