/* view.c - see view.h */
#include "view.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "fabrics.h"
#include "held_table.h"
#include "select_held.h"
#include "select_nodes.h"
#include "shapes.h"

#define AUDIT_STEP 256 /* nodes compared with Slurm's records at one use */

static struct {
	pthread_mutex_t mutex;
	bool valid;
	struct view view;
	uint64_t generation; /* of the last view that was read */
	time_t failed_at;    /* memory was out, or kinds of node too many; 0: no */
	uint32_t bytes;	     /* per node; see view_bytes_per_node() */
	struct shapes *shapes;
	struct held_table *held;
	time_t audited_at; /* when the last round of comparing ended */
	uint32_t audited;  /* nodes of the present one that are done; all: none is under way */
	uint32_t differing;
	time_t verified_at; /* when the free GPUs of all nodes were last compared */
} table = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void _clear(void)
{
	free(table.view.nodes);
	free(table.view.rooms);
	shapes_destroy(table.shapes);
	held_table_destroy(table.held);
	memset(&table.view, 0, sizeof(table.view));
	table.shapes = NULL;
	table.held = NULL;
	table.valid = false;
}

static bool _allocate(uint32_t count)
{
	table.view.nodes = calloc(count + 1, sizeof(*table.view.nodes));
	table.view.rooms = calloc(count + 1, sizeof(*table.view.rooms));
	table.shapes = shapes_create();
	table.held = held_table_create(count);
	table.view.count = count;
	return table.view.nodes && table.view.rooms && table.shapes && table.held;
}

/* -- one node --------------------------------------------------------------------------------- */

/* Take what jobs hold from what the node has. */
static void _take_cores(uint32_t node, const struct aif_node_shape *shape, struct node_room *room)
{
	const struct aif_held *held = held_table_first(table.held, node);

	for (; held; held = held_table_next(table.held, held)) {
		const job_record_t *job_ptr = held->has_no_cores ? NULL : aif_compat_job_by_id(held->job_id);
		int given = job_ptr ? aif_compat_job_given_number(job_ptr, node) : -1;
		uint16_t by_socket[AIF_SOCKETS_MAX] = {0}, all;

		if (given < 0)
			continue;
		all = aif_compat_job_cores(job_ptr, (uint32_t)given, shape, by_socket);
		room->cores = (uint16_t)(room->cores - MIN(all, room->cores));
		for (uint32_t s = 0; s < shape->sockets; s++)
			room->by_socket[s] = (uint16_t)(room->by_socket[s] - MIN(by_socket[s], room->by_socket[s]));
	}
}

static void _fill_room(uint32_t node, const struct aif_node_shape *shape, const struct held_sum *sum,
		       struct node_room *room)
{
	room->memory = shape->memory - MIN(sum->memory, shape->memory);
	room->sharing = sum->sharing;
	room->cores = shape->cores;
	for (uint32_t s = 0; s < AIF_SOCKETS_MAX; s++)
		room->by_socket[s] = s < shape->sockets ? shape->socket_cores : 0;
	if (sum->jobs)
		_take_cores(node, shape, room);
}

/* Read one node that exists. */
static void _fill(uint32_t i, const node_record_t *node, struct aif_place_node *place, struct node_room *room)
{
	const struct aif_node_shape *shape = shapes_at(table.shapes, room->shape);
	struct held_sum sum;

	held_table_sum(table.held, i, &sum);
	memset(place, 0, sizeof(*place));
	place->gpus = shape->gpus;
	place->pattern = shapes_pattern(table.shapes, room->shape);
	aif_compat_node_free_gpus(node, &place->free, &place->free_mask);
	place->until = sum.until;
	place->other_used = sum.jobs != 0;
	_fill_room(i, shape, &sum, room);
}

static const node_record_t *_node_at(uint32_t i)
{
	/* While slurmctld reads its configuration anew, its node table may be smaller than ours already. */
	return i < MIN(table.view.count, aif_compat_node_slots()) ? aif_compat_node_at(i) : NULL;
}

static void _read(uint32_t i)
{
	const node_record_t *node = _node_at(i);

	if (node)
		_fill(i, node, &table.view.nodes[i], &table.view.rooms[i]);
}

/* -- all nodes -------------------------------------------------------------------------------- */

/* Note what a job holds; *ret_failed without memory. */
static void _note(struct held_table *into, const job_record_t *job_ptr, bool *ret_failed)
{
	bitstr_t *nodes = (bitstr_t *)aif_compat_job_given(job_ptr);
	bitoff_t first = bit_ffs(nodes), last = bit_fls(nodes);
	struct aif_held held;
	uint32_t given = 0;

	for (bitoff_t i = first; first >= 0 && i <= last; i++) {
		if (!bit_test(nodes, i))
			continue;
		if (aif_compat_job_held(job_ptr, given++, &held) && held_table_set(into, (uint32_t)i, &held))
			*ret_failed = true;
	}
}

static int _note_each(void *x, void *arg)
{
	const job_record_t *job_ptr = x;

	if (aif_compat_job_holds(job_ptr))
		_note(table.held, job_ptr, arg);
	return 0;
}

static bool _read_all(void)
{
	bool failed = false;

	aif_compat_jobs_each(_note_each, &failed);
	for (uint32_t i = 0; !failed && i < table.view.count; i++) {
		const node_record_t *node = _node_at(i);

		if (!node)
			continue;
		if (shapes_add(table.shapes, node, &table.view.rooms[i].shape))
			return false;
		_read(i);
		table.view.most_gpus = MAX(table.view.most_gpus, table.view.nodes[i].gpus);
	}
	return !failed;
}

/* Reading thousands of nodes for nothing at each use would hold up slurmctld. */
static bool _has_just_failed(void)
{
	return table.failed_at && labs((long)(time(NULL) - table.failed_at)) < RECOUNT_SECONDS;
}

static void _count_bytes(void)
{
	size_t bytes = (size_t)table.view.count * (sizeof(*table.view.nodes) + sizeof(*table.view.rooms));

	if (table.view.count)
		__atomic_store_n(&table.bytes, (uint32_t)((bytes + held_table_bytes(table.held)) / table.view.count),
				 __ATOMIC_RELAXED);
}

/* What was read is complete. */
static void _complete(void)
{
	table.view.generation = ++table.generation;
	table.view.shapes = shapes_at(table.shapes, 0);
	table.view.held = table.held;
	table.view.patterns = shapes_patterns(table.shapes);
	table.audited_at = time(NULL);
	table.audited = table.view.count;
	table.verified_at = time(NULL);
	table.failed_at = 0;
	table.valid = true;
	_count_bytes();
}

static bool _update(void)
{
	uint32_t slots = aif_compat_node_slots();

	if (table.valid && table.view.count == slots)
		return true;
	_clear();
	if (_has_just_failed())
		return false;
	if (!_allocate(slots) || !_read_all()) {
		info("aif: memory is out or %u nodes are of too many kinds, so nothing is placed for now", slots);
		_clear();
		table.failed_at = time(NULL);
		return false;
	}
	_complete();
	debug("aif: %u nodes of %u kinds read, %u bytes each", slots, shapes_count(table.shapes),
	      view_bytes_per_node());
	return true;
}

/* -- comparing with Slurm's records ----------------------------------------------------------- */

/* Ends move with time limits, which no hook tells. Returns how many jobs of the list really are there;
 * ret_running: those that are not suspended. */
static uint32_t _renew_ends(uint32_t i, uint32_t *ret_running)
{
	struct aif_held *held = held_table_first(table.held, i);
	uint32_t right = 0;

	for (; held; held = held_table_next(table.held, held)) {
		const job_record_t *job_ptr = aif_compat_job_by_id(held->job_id);
		int given = job_ptr && aif_compat_job_holds(job_ptr) ? aif_compat_job_given_number(job_ptr, i) : -1;
		struct aif_held now;

		if (given < 0 || !aif_compat_job_held(job_ptr, (uint32_t)given, &now))
			continue;
		right += now.sharing == held->sharing && now.memory == held->memory &&
			 now.has_no_cores == held->has_no_cores;
		*ret_running += IS_JOB_RUNNING(job_ptr);
		held->until = now.until;
	}
	return right;
}

/*
 * A node's types, links and near cores are known only once it has registered, and no hook tells. That is no difference,
 * just news. False: there is no room for another kind.
 */
static bool _renew_shape(uint32_t i, const node_record_t *node)
{
	uint16_t *shape = &table.view.rooms[i].shape;

	if (shapes_is(table.shapes, *shape, node))
		return true;
	if (shapes_add(table.shapes, node, shape))
		return false;
	_read(i);
	table.view.most_gpus = MAX(table.view.most_gpus, table.view.nodes[i].gpus);
	return true;
}

/* Whatever the hooks missed is set right here; it should be nothing. */
static bool _audit_node(uint32_t i)
{
	const node_record_t *node = _node_at(i);
	struct aif_place_node place;
	struct node_room room;
	struct held_sum sum;
	uint32_t running = 0;
	bool differs;

	if (!node)
		return false;
	if (!_renew_shape(i, node))
		return true;
	held_table_sum(table.held, i, &sum);
	differs = _renew_ends(i, &running) != sum.jobs || aif_compat_node_running(node) != running;
	room = table.view.rooms[i];
	_fill(i, node, &place, &room);
	differs = differs || !view_same(&place, &room, &table.view.nodes[i], &table.view.rooms[i]);
	table.view.nodes[i] = place;
	table.view.rooms[i] = room;
	return differs;
}

static void _end_audit(void)
{
	counters.recounts++;
	counters.differences += table.differing;
	_count_bytes();
	debug("aif: recount of free GPUs on %u nodes, differences %u", table.view.count, table.differing);
	counters_log(LOG_LEVEL_DEBUG);
	/* A job too many or too few on a node cannot be mended node by node. */
	if (table.differing)
		table.valid = false;
	table.audited_at = time(NULL);
}

static void _audit_some(uint32_t count)
{
	uint32_t end = MIN(table.audited + count, table.view.count);

	for (; table.audited < end; table.audited++)
		table.differing += _audit_node(table.audited);
	if (end == table.view.count)
		_end_audit();
}

static void _begin_audit(void)
{
	table.audited = 0;
	table.differing = 0;
}

static void _audit(void)
{
	if (table.audited >= table.view.count) {
		if (time(NULL) - table.audited_at < RECOUNT_SECONDS)
			return;
		_begin_audit();
	}
	_audit_some(AUDIT_STEP);
}

static bool _gpus_are_right(uint32_t i)
{
	const node_record_t *node = _node_at(i);
	const struct aif_place_node *place = &table.view.nodes[i];
	uint64_t mask;
	uint8_t unused;

	if (!node)
		return true;
	aif_compat_node_free_gpus(node, &unused, &mask);
	/* More are free than there were: it has another shape now. */
	return place->free == unused && place->free_mask == mask && unused <= place->gpus;
}

extern bool view_gpus_are_right(void)
{
	uint32_t differing = 0;
	time_t now = time(NULL);

	if (table.verified_at == now)
		return true;
	for (uint32_t i = 0; i < table.view.count; i++) {
		if (_gpus_are_right(i))
			continue;
		differing++;
		(void)_audit_node(i);
	}
	counters.differences += differing;
	table.verified_at = now;
	return !differing;
}

/* -- what others call ------------------------------------------------------------------------- */

extern const struct view *view_lock(void)
{
	pthread_mutex_lock(&table.mutex);
	if (_update()) {
		_audit();
		if (_update())
			return &table.view;
	}
	pthread_mutex_unlock(&table.mutex);
	return NULL;
}

extern int view_recount(void)
{
	int differing = -1;

	pthread_mutex_lock(&table.mutex);
	if (table.valid && table.view.count == aif_compat_node_slots()) {
		_begin_audit();
		_audit_some(table.view.count);
		differing = (int)table.differing;
	}
	pthread_mutex_unlock(&table.mutex);
	return differing;
}

extern void view_unlock(void)
{
	pthread_mutex_unlock(&table.mutex);
}

extern void view_renew_ends(uint32_t node)
{
	struct aif_held *held = held_table_first(table.held, node);

	for (; held; held = held_table_next(table.held, held)) {
		const job_record_t *job_ptr = aif_compat_job_by_id(held->job_id);

		if (job_ptr)
			held->until = aif_compat_job_end(job_ptr);
	}
}

extern void view_forget(void)
{
	pthread_mutex_lock(&table.mutex);
	table.valid = false;
	table.failed_at = 0;
	fabrics_forget();
	pthread_mutex_unlock(&table.mutex);
}

extern void view_renew(void)
{
	pthread_mutex_lock(&table.mutex);
	fabrics_renew();
	table.failed_at = 0;
	if (table.valid) {
		table.valid = false;
		(void)_update();
	}
	pthread_mutex_unlock(&table.mutex);
}

extern void view_destroy(void)
{
	pthread_mutex_lock(&table.mutex);
	_clear();
	pthread_mutex_unlock(&table.mutex);
}

static void _read_given(const job_record_t *job_ptr, bool forget)
{
	bitstr_t *nodes = (bitstr_t *)aif_compat_job_given(job_ptr);
	bitoff_t first = bit_ffs(nodes), last = bit_fls(nodes);

	for (bitoff_t i = first; first >= 0 && i <= last; i++) {
		if (!bit_test(nodes, i))
			continue;
		if (forget)
			(void)held_table_remove(table.held, (uint32_t)i, job_ptr->job_id);
		_read((uint32_t)i);
	}
}

extern void view_job_holds(const job_record_t *job_ptr)
{
	bool failed = false;

	if (!aif_compat_job_given(job_ptr))
		return;
	pthread_mutex_lock(&table.mutex);
	if (table.valid) {
		_note(table.held, job_ptr, &failed);
		_read_given(job_ptr, false);
		table.valid = !failed;
	}
	pthread_mutex_unlock(&table.mutex);
}

static void _set_cores(const job_record_t *job_ptr, bool has_cores)
{
	bitstr_t *nodes = (bitstr_t *)aif_compat_job_given(job_ptr);
	bitoff_t first = bit_ffs(nodes), last = bit_fls(nodes);

	for (bitoff_t i = first; first >= 0 && i <= last; i++) {
		struct aif_held *held = bit_test(nodes, i) ? held_table_find(table.held, (uint32_t)i, job_ptr->job_id) : NULL;

		if (held)
			held->has_no_cores = !has_cores;
	}
}

extern void view_job_cores(const job_record_t *job_ptr, bool has_cores)
{
	if (!aif_compat_job_given(job_ptr))
		return;
	pthread_mutex_lock(&table.mutex);
	if (table.valid) {
		_set_cores(job_ptr, has_cores);
		_read_given(job_ptr, false);
	}
	pthread_mutex_unlock(&table.mutex);
}

extern void view_job_ended(const job_record_t *job_ptr)
{
	if (!aif_compat_job_given(job_ptr))
		return;
	pthread_mutex_lock(&table.mutex);
	if (table.valid)
		_read_given(job_ptr, true);
	pthread_mutex_unlock(&table.mutex);
}

extern void view_job_left(const job_record_t *job_ptr, const node_record_t *node)
{
	pthread_mutex_lock(&table.mutex);
	if (table.valid && node) {
		(void)held_table_remove(table.held, node->index, job_ptr->job_id);
		_read(node->index);
	}
	pthread_mutex_unlock(&table.mutex);
}

extern uint32_t view_bytes_per_node(void)
{
	return __atomic_load_n(&table.bytes, __ATOMIC_RELAXED);
}
