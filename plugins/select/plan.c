/* plan.c - see plan.h */
#include "plan.h"

#include <stdlib.h>

#include "candidates.h"
#include "counters.h"
#include "future.h"
#include "score.h"
#include "select_job.h"
#include "select_nodes.h"
#include "view.h"

static uint32_t _divide_up(uint64_t total, uint64_t by)
{
	return (uint32_t)MIN((total + by - 1) / by, UINT32_MAX);
}

static uint32_t _most_gpus(void)
{
	const struct view *view = view_lock();
	uint32_t most = view ? view->most_gpus : 0;

	if (view)
		view_unlock();
	return most;
}

static void _need(const job_record_t *job_ptr, const struct aif_job_gpus *gpus, const struct aif_job_size *size,
		  struct plan_ask *ask)
{
	struct room_need *need = &ask->need;

	need->gpus = ask->place.gpus;
	need->whole = ask->place.whole;
	need->sharing = size->sharing;
	need->cpus = MAX(size->cpus_per_node, _divide_up(size->cpus, ask->place.nodes));
	need->cpus = MAX(need->cpus, gpus->cpus_per_gpu * ask->place.gpus);
	need->kind = size->memory_counts ? ROOM_MEMORY_PART : ROOM_MEMORY_ANY;
	need->memory = size->memory_by_cpu ? size->memory * need->cpus : size->memory;
	if (gpus->memory_per_gpu && size->memory_by_gpu)
		need->memory = gpus->memory_per_gpu * ask->place.gpus;
	if (need->kind == ROOM_MEMORY_PART && !need->memory)
		need->kind = ROOM_MEMORY_ALL;
	(void)job_ptr;
}

extern bool plan_ask(const struct aif_job_test *test, const struct aif_placement_wish *wish,
		     uint32_t leftover_seconds, struct plan_ask *ret_ask)
{
	struct aif_job_gpus gpus;
	struct aif_job_size size;
	uint32_t most;

	aif_compat_job_gpus(test->job_ptr, &gpus);
	if (gpus.other || (!gpus.per_node && !gpus.per_job))
		return false;
	*ret_ask = (struct plan_ask){.type_id = gpus.type_id};
	ret_ask->place.nodes = MAX(test->min_nodes, test->req_nodes);
	ret_ask->least = (uint32_t)MIN(MAX(gpus.per_node, 1), UINT16_MAX);
	ret_ask->total = MAX(gpus.per_job, gpus.per_node * test->min_nodes);
	if (!gpus.per_node) {
		most = _most_gpus();
		if (!most)
			return false;
		ret_ask->place.nodes = MAX(ret_ask->place.nodes, _divide_up(gpus.per_job, most));
		gpus.per_node = _divide_up(gpus.per_job, ret_ask->place.nodes);
	}
	ret_ask->place.gpus = (uint32_t)MIN(gpus.per_node, UINT16_MAX);
	aif_compat_job_size(test->job_ptr, &size);
	/* Who shares cores is scheduled by rows and time slices, of which we know nothing. */
	if (size.sharing == AIF_SHARING_CORES)
		return false;
	ret_ask->place.whole = aif_compat_job_is_exclusive(test->job_ptr);
	ret_ask->place.spread = wish->placement == AIF_PLACE_SPREAD;
	ret_ask->place.seconds = size.seconds;
	ret_ask->place.now = (uint32_t)time(NULL);
	ret_ask->place.leftover_seconds = leftover_seconds;
	ret_ask->now = (test->mode & SELECT_MODE_BASE) == SELECT_MODE_RUN_NOW;
	_need(test->job_ptr, &gpus, &size, ret_ask);
	return ret_ask->place.nodes <= test->max_nodes;
}

/* Which candidates are in one of the islands that the chosen ones touch, and no worse by weight than those. */
static void _widen(const struct candidates *all, const uint32_t *chosen, uint32_t count, struct plan *plan)
{
	/* Where several leaves are touched, the next level: a leaf more may be what is missing. */
	uint32_t level = plan->result.islands[0] > 1 && all->place.fabric->level_count > 1;
	const uint32_t *island_of = all->place.fabric->levels[level].island_of;
	bitstr_t *touched = bit_alloc(all->place.fabric->levels[level].island_count);
	uint8_t worst = 0;

	for (uint32_t i = 0; i < count; i++)
		bit_set(touched, island_of[chosen[i]]);
	for (uint32_t i = 0; all->classes && i < all->count; i++) {
		if (bit_test(plan->exact, all->nodes[i]))
			worst = MAX(worst, all->classes[i]);
	}
	for (uint32_t i = 0; i < all->count; i++) {
		if (bit_test(touched, island_of[all->nodes[i]]) && (!all->classes || all->classes[i] <= worst))
			bit_set(plan->islands, all->nodes[i]);
	}
	FREE_NULL_BITMAP(touched);
}

static bool _choose(const struct candidates *all, const struct plan_ask *ask, struct fabric_in_use *fabric,
		    bitoff_t size, struct plan *plan)
{
	uint32_t *chosen = calloc(ask->place.nodes, sizeof(*chosen));
	uint64_t since = counters_clock();
	bool found = chosen && aif_place_choose(&all->place, &ask->place, all->nodes, all->classes, all->count,
						fabric->scratch, chosen, &plan->result);

	counters_chose(since);
	if (found) {
		plan->exact = bit_alloc(size);
		plan->islands = bit_alloc(size);
		for (uint32_t i = 0; i < ask->place.nodes; i++)
			bit_set(plan->exact, chosen[i]);
		_widen(all, chosen, ask->place.nodes, plan);
		plan->touched = plan->result.islands[0];
	}
	free(chosen);
	return found;
}

/* Every way of cons_tres to start a job needs that many GPUs free, whatever else it may share or move. */
static bool _are_too_few(const struct aif_job_test *test, const struct plan_ask *ask, const struct candidates *all)
{
	return (all->able < test->min_nodes || all->free < ask->total) && view_gpus_are_right();
}

extern void plan_make(const struct aif_job_test *test, const struct plan_ask *ask, struct plan *ret_plan)
{
	const struct view *view = view_lock();
	struct candidates *all = &ret_plan->all;
	struct fabric_in_use fabric;

	*ret_plan = (struct plan){.kind = PLAN_NONE};
	if (!view)
		return;
	if (fabrics_of(test->job_ptr->part_ptr, &fabric) && fabric.fabric->node_count == view->count &&
	    candidates_read(view, fabric.fabric, test->bitmap, ask, all)) {
		ret_plan->fabric = fabric.fabric;
		ret_plan->generation = view->generation;
		if (all->count >= ask->place.nodes && _choose(all, ask, &fabric, bit_size(test->bitmap), ret_plan))
			ret_plan->kind = PLAN_CHOSEN;
		else if (_are_too_few(test, ask, all))
			ret_plan->kind = PLAN_TOO_FEW;
	}
	view_unlock();
}

/* The key of the nodes that the test has now, among the candidates of the plan. */
static bool _judge(const struct aif_job_test *test, const struct plan_ask *ask, const struct plan *plan,
		   struct aif_place_result *ret_result)
{
	uint32_t *nodes = calloc(ask->place.nodes, sizeof(*nodes)), count = 0;
	struct fabric_in_use fabric;
	const struct view *view;
	bool judged = false;

	for (bitoff_t i = bit_ffs(test->bitmap); nodes && count < ask->place.nodes; i++) {
		if (bit_test(test->bitmap, i))
			nodes[count++] = (uint32_t)i;
	}
	view = nodes ? view_lock() : NULL;
	if (view) {
		/* All may have been read anew since: then the candidates point to where nothing is any more. */
		judged = view->generation == plan->generation &&
			 fabrics_of(test->job_ptr->part_ptr, &fabric) && fabric.fabric == plan->fabric &&
			 aif_place_judge(&plan->all.place, &ask->place, plan->all.nodes, plan->all.classes,
					 plan->all.count, nodes, fabric.scratch, ret_result);
		view_unlock();
	}
	free(nodes);
	return judged;
}

/* The score of the nodes that the test has now. */
static bool _score(const struct aif_job_test *test, const struct plan_ask *ask, const struct plan *plan,
		   char ret_text[AIF_PLACESCORE_SIZE])
{
	struct aif_place_result result = plan->result;

	if (plan->kind != PLAN_CHOSEN || (uint32_t)bit_set_count(test->bitmap) != ask->place.nodes)
		return false;
	if (!bit_equal(test->bitmap, plan->exact) && !_judge(test, ask, plan, &result))
		return false;
	aif_placescore_write(plan->fabric, &plan->result, &result, ret_text);
	return true;
}

extern void plan_score(const struct aif_job_test *test, const struct plan_ask *ask, const struct plan *plan)
{
	char text[AIF_PLACESCORE_SIZE];

	if (_score(test, ask, plan, text))
		score_keep(test->job_ptr->job_id, test->bitmap, text, NULL, NULL);
	else
		score_forget(test->job_ptr->job_id);
}

extern void plan_compare(const struct aif_job_test *test, const struct plan_ask *ask, const struct plan *plan)
{
	char text[AIF_PLACESCORE_SIZE], ours[AIF_PLACESCORE_SIZE], *nodes;

	if (!_score(test, ask, plan, text)) {
		score_forget(test->job_ptr->job_id);
		return;
	}
	aif_placescore_write(plan->fabric, &plan->result, &plan->result, ours);
	nodes = bitmap2node_name(plan->exact);
	score_keep(test->job_ptr->job_id, test->bitmap, text, ours, nodes);
	xfree(nodes);
}

extern void plan_free(struct plan *plan)
{
	FREE_NULL_BITMAP(plan->exact);
	FREE_NULL_BITMAP(plan->islands);
}

extern void plan_destroy(void)
{
	candidates_destroy();
	future_destroy();
	fabrics_destroy();
}
