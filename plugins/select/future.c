/* future.c - see future.h */
#include "future.h"

#include <stdlib.h>
#include <string.h>

#include "ready.h"
#include "select_nodes.h"
#include "view.h"

/* Kept from call to call, under the view's lock. */
static struct {
	uint32_t room;		      /* members of each */
	uint32_t *nodes;	      /* that could take the job at some time, ascending */
	uint32_t *times;	      /* when */
	uint32_t *some;		      /* those of nodes that can by a certain time */
	struct aif_place_node *places; /* by node, as they will be */
	uint32_t count;
	bool unclear;
} kept;

extern void future_destroy(void)
{
	free(kept.nodes);
	free(kept.times);
	free(kept.some);
	free(kept.places);
	kept.nodes = kept.times = kept.some = NULL;
	kept.places = NULL;
	kept.room = 0;
}

static bool _make_room(uint32_t count)
{
	if (kept.room >= count)
		return true;
	future_destroy();
	kept.nodes = calloc(count, sizeof(*kept.nodes));
	kept.times = calloc(count, sizeof(*kept.times));
	kept.some = calloc(count, sizeof(*kept.some));
	kept.places = calloc(count, sizeof(*kept.places));
	if (!kept.nodes || !kept.times || !kept.some || !kept.places) {
		future_destroy();
		return false;
	}
	kept.room = count;
	return true;
}

static void _see(const struct view *view, const struct plan_ask *ask, uint32_t i)
{
	const struct aif_place_node *node = &view->nodes[i];
	const struct aif_node_shape *shape = &view->shapes[view->rooms[i].shape];
	uint32_t when;

	if (shape->odd || (ask->type_id >= 0 && shape->types > 1))
		kept.unclear = true;
	if (view_of_type(view, i, ask->type_id).gpus < ask->place.gpus)
		return;
	view_renew_ends(i);
	when = ready_at(view->held, i, node->free, ask->place.gpus, ask->place.whole);
	if (when == READY_NEVER)
		return;
	kept.nodes[kept.count] = i;
	kept.times[kept.count++] = when;
}

static void _see_all(const struct view *view, const struct plan_ask *ask, const bitstr_t *offered)
{
	uint32_t words;
	const uint64_t *bits = aif_compat_bit_words(offered, &words);

	kept.count = 0;
	kept.unclear = false;
	for (uint32_t w = 0; w < words; w++) {
		for (uint64_t left = bits[w]; left; left &= left - 1) {
			uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(left);

			if (i < view->count)
				_see(view, ask, i);
		}
	}
}

/* The nodes that can by then, as they will be, into kept.some. Returns their number. */
static uint32_t _by(const struct view *view, uint32_t when)
{
	uint32_t count = 0;

	for (uint32_t k = 0; k < kept.count; k++) {
		uint32_t i = kept.nodes[k], unused;
		struct aif_place_node *place = &kept.places[i];

		if (kept.times[k] > when)
			continue;
		*place = view->nodes[i];
		unused = ready_gpus(view->held, i, place->free, when);
		place->free = (uint8_t)MIN(unused, place->gpus);
		place->free_mask = 0;
		place->pattern = AIF_PLACE_PATTERN_NONE;
		place->other_used = place->until > when;
		kept.some[count++] = i;
	}
	return count;
}

static bool _choose(const struct view *view, const struct plan_ask *ask, const struct fabric_in_use *fabric,
			uint32_t when, uint32_t *ret_chosen, struct aif_place_result *ret_result)
{
	struct aif_place_view place = {.fabric = fabric->fabric, .nodes = kept.places, .patterns = view->patterns};
	struct aif_place_ask then = ask->place;
	uint32_t count = _by(view, when);

	then.now = when;
	return aif_place_choose(&place, &then, kept.some, NULL, count, fabric->scratch, ret_chosen, ret_result);
}

static void _keep(const uint32_t *chosen, uint32_t count, bitoff_t size, struct future *future)
{
	future->plan.exact = bit_alloc(size);
	for (uint32_t i = 0; i < count; i++)
		bit_set(future->plan.exact, chosen[i]);
	future->plan.touched = future->plan.result.islands[0];
	future->plan.kind = PLAN_CHOSEN;
}

/* A few of the nodes chosen, with one that is free last: then those are all as free as the others. */
static void _sample(const struct aif_job_test *test, const struct view *view, const uint32_t *chosen, uint32_t count,
		    struct future *future)
{
	struct sample *sample = &future->sample;

	sample_begin(test, view, count, sample);
	for (uint32_t i = 0; i < count && !sample->useless; i++) {
		sample_see(view, chosen[i], sample);
		sample->useless = sample->useless || kept.places[chosen[i]].other_used;
	}
	for (uint32_t k = 0; k < kept.count && !sample->useless; k++) {
		if (kept.times[k] == future->earliest && bit_test(future->plan.exact, kept.nodes[k])) {
			sample_add(kept.nodes[k], sample);
			break;
		}
	}
}

static void _make(const struct view *view, const struct aif_job_test *test, const struct plan_ask *ask,
		  const struct fabric_in_use *fabric, uint32_t *chosen, struct future *future)
{
	uint32_t *times = kept.some; /* not in use yet */

	memcpy(times, kept.times, kept.count * sizeof(*times));
	future->earliest = ready_nth(times, kept.count, ask->place.nodes);
	if (!_choose(view, ask, fabric, future->earliest, chosen, &future->plan.result))
		return;
	_keep(chosen, ask->place.nodes, bit_size(test->bitmap), future);
	_sample(test, view, chosen, ask->place.nodes, future);
}

static int _by_time(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Halve the times between which the first one lies at which few islands suffice. */
static void _make_tight(const struct view *view, const struct plan_ask *ask, const struct fabric_in_use *fabric,
			uint64_t span, uint32_t *times, uint32_t *chosen, struct future *future)
{
	uint32_t low = ask->place.nodes - 1, high = kept.count; /* the answer is in low..high; high: none */
	struct aif_place_result result;

	memcpy(times, kept.times, kept.count * sizeof(*times));
	qsort(times, kept.count, sizeof(*times), _by_time);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (_choose(view, ask, fabric, times[middle], chosen, &result) && result.key.span <= span)
			high = middle;
		else
			low = middle + 1;
	}
	if (low < kept.count && _choose(view, ask, fabric, times[low], chosen, &future->plan.result)) {
		future->earliest = times[low];
		future->plan.kind = PLAN_CHOSEN;
	}
}

/* Lock the view and see all; NULL: there is nothing to choose, and it is not locked. */
static const struct view *_begin(const struct aif_job_test *test, const struct plan_ask *ask,
				 struct fabric_in_use *fabric)
{
	const struct view *view = view_lock();

	if (!view)
		return NULL;
	if (fabrics_of(test->job_ptr->part_ptr, fabric) && fabric->fabric->node_count == view->count &&
	    _make_room(view->count + 1)) {
		_see_all(view, ask, test->bitmap);
		if (!kept.unclear && kept.count >= ask->place.nodes)
			return view;
	}
	view_unlock();
	return NULL;
}

extern void future_make(const struct aif_job_test *test, const struct plan_ask *ask, struct future *ret_future)
{
	struct fabric_in_use fabric;
	const struct view *view;
	uint32_t *chosen;

	*ret_future = (struct future){.plan.kind = PLAN_NONE, .sample.useless = true};
	/* Where GPUs are counted by job, or more nodes than necessary are wanted, the earliest time is another. */
	if (ask->least != ask->place.gpus || ask->place.nodes != test->min_nodes)
		return;
	view = _begin(test, ask, &fabric);
	if (!view)
		return;
	chosen = calloc(ask->place.nodes, sizeof(*chosen));
	if (chosen)
		_make(view, test, ask, &fabric, chosen, ret_future);
	free(chosen);
	view_unlock();
}

extern void future_make_tight(const struct aif_job_test *test, const struct plan_ask *ask, uint64_t span,
			      struct future *ret_future)
{
	struct fabric_in_use fabric;
	const struct view *view = _begin(test, ask, &fabric);
	uint32_t *chosen, *times;

	*ret_future = (struct future){.plan.kind = PLAN_NONE, .sample.useless = true};
	if (!view)
		return;
	chosen = calloc(ask->place.nodes, sizeof(*chosen));
	times = calloc(kept.count, sizeof(*times));
	if (chosen && times)
		_make_tight(view, ask, &fabric, span, times, chosen, ret_future);
	if (ret_future->plan.kind == PLAN_CHOSEN)
		_keep(chosen, ask->place.nodes, bit_size(test->bitmap), ret_future);
	free(chosen);
	free(times);
	view_unlock();
}

/* Nodes that have such GPUs, whether free or not, into kept.some. Returns their number. */
static uint32_t _able(const struct view *view, const struct plan_ask *ask, const bitstr_t *nodes)
{
	uint32_t words, count = 0;
	const uint64_t *bits = aif_compat_bit_words(nodes, &words);

	for (uint32_t w = 0; w < words; w++) {
		for (uint64_t left = bits[w]; left; left &= left - 1) {
			uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(left);

			if (i >= view->count)
				break;
			kept.places[i] = view_of_type(view, i, ask->type_id);
			if (kept.places[i].gpus >= ask->place.gpus)
				kept.some[count++] = i;
		}
	}
	return count;
}

static bool _least(const struct view *view, const struct plan_ask *ask, const bitstr_t *nodes,
		   const struct fabric_in_use *fabric, uint64_t *ret_span)
{
	struct aif_place_view place = {.fabric = fabric->fabric, .nodes = kept.places, .patterns = view->patterns};
	struct aif_place_ask unused = ask->place;
	uint32_t *chosen = calloc(ask->place.nodes, sizeof(*chosen));
	struct aif_place_result result;
	bool found;

	unused.unused = true;
	found = chosen && aif_place_choose(&place, &unused, kept.some, NULL, _able(view, ask, nodes),
					   fabric->scratch, chosen, &result);
	if (found)
		*ret_span = result.key.span;
	free(chosen);
	return found;
}

extern bool future_least(const part_record_t *part, const struct plan_ask *ask, const bitstr_t *nodes,
			 uint64_t *ret_span)
{
	const struct view *view = view_lock();
	struct fabric_in_use fabric;
	bool known;

	if (!view)
		return false;
	known = fabrics_of(part, &fabric) && fabric.fabric->node_count == view->count &&
		_make_room(view->count + 1) && _least(view, ask, nodes, &fabric, ret_span);
	view_unlock();
	return known;
}
