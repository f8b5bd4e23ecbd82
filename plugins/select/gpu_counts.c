/* gpu_counts.c - see gpu_counts.h */
#include "gpu_counts.h"

#include <pthread.h>

#include "select_gpus.h"
#include "select_nodes.h"
#include "stamp.h"

#define CLASSES_MAX 32 /* different numbers of GPUs on one cluster; beyond, each node is asked */
#define OLD 60	       /* seconds */

/* The nodes that have a number of GPUs. */
struct class {
	uint32_t gpus;
	bitstr_t *nodes;
};

static struct {
	pthread_mutex_t mutex;
	struct class classes[CLASSES_MAX];
	uint32_t count;
	bool too_many;
	time_t read; /* 0: nothing is known */
	uint64_t generation;
} known = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void _clear(void)
{
	for (uint32_t i = 0; i < known.count; i++)
		FREE_NULL_BITMAP(known.classes[i].nodes);
	known.count = 0;
	known.too_many = false;
	known.read = 0;
	known.generation++;
	stamp_renew();
}

static void _sort_in(uint32_t node, uint32_t gpus)
{
	uint32_t i = 0;

	while (i < known.count && known.classes[i].gpus != gpus)
		i++;
	known.too_many = known.too_many || i == CLASSES_MAX;
	if (known.too_many)
		return;
	if (i == known.count)
		known.classes[known.count++] = (struct class) {gpus, bit_alloc(aif_compat_node_slots())};
	bit_set(known.classes[i].nodes, node);
}

static void _read(void)
{
	_clear();
	for (uint32_t i = 0; i < aif_compat_node_slots(); i++) {
		const node_record_t *node = aif_compat_node_at(i);

		if (node)
			_sort_in(i, aif_compat_node_gpu_count(node));
	}
	known.read = time(NULL);
}

static bool _fits(void)
{
	return known.read && !known.too_many &&
	       (!known.count || bit_size(known.classes[0].nodes) == (bitoff_t) aif_compat_node_slots());
}

static void _ask_each(const bitstr_t *nodes, uint32_t *ret_nodes, uint32_t *ret_gpus)
{
	for (uint32_t i = 0; i < aif_compat_node_slots(); i++) {
		const node_record_t *node = aif_compat_node_at(i);

		if (!node || (nodes && !bit_test((bitstr_t *) nodes, i)))
			continue;
		++*ret_nodes;
		*ret_gpus += aif_compat_node_gpu_count(node);
	}
}

static void _add_up(const bitstr_t *nodes, uint32_t *ret_nodes, uint32_t *ret_gpus)
{
	for (uint32_t i = 0; i < known.count; i++) {
		const struct class *class = &known.classes[i];
		uint32_t some = (uint32_t) (nodes ? bit_overlap((bitstr_t *) nodes, class->nodes) : bit_set_count(class->nodes));

		*ret_nodes += some;
		*ret_gpus += some * class->gpus;
	}
}

extern void gpu_counts_of(const bitstr_t *nodes, bool exact, uint32_t *ret_nodes, uint32_t *ret_gpus)
{
	*ret_nodes = *ret_gpus = 0;
	pthread_mutex_lock(&known.mutex);
	if (exact || (!_fits() && !known.too_many))
		_read();
	if (_fits())
		_add_up(nodes, ret_nodes, ret_gpus);
	else
		_ask_each(nodes, ret_nodes, ret_gpus);
	pthread_mutex_unlock(&known.mutex);
}

extern uint64_t gpu_counts_generation(void)
{
	uint64_t generation;

	pthread_mutex_lock(&known.mutex);
	generation = _fits() ? known.generation : 0;
	pthread_mutex_unlock(&known.mutex);
	return generation;
}

extern bool gpu_counts_are_old(void)
{
	bool old;

	pthread_mutex_lock(&known.mutex);
	old = known.read && time(NULL) - known.read >= OLD;
	pthread_mutex_unlock(&known.mutex);
	return old;
}

extern void gpu_counts_renew(void)
{
	pthread_mutex_lock(&known.mutex);
	if (known.read)
		_read();
	pthread_mutex_unlock(&known.mutex);
}

extern void gpu_counts_forget(void)
{
	pthread_mutex_lock(&known.mutex);
	_clear();
	pthread_mutex_unlock(&known.mutex);
}
