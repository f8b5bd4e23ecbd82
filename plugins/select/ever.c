/* ever.c - see ever.h */
#include "ever.h"

#include "counters.h"
#include "delegate.h"
#include "propose.h"
#include "select_job.h"
#include "select_nodes.h"
#include "view.h"

#define SAMPLE_MAX 256 /* nodes asked about for all others */
#define SAMPLE_PAYS 2 /* times as many must be left out */

/* One node of each island. */
struct sample {
	uint32_t nodes[SAMPLE_MAX];
	uint32_t islands[SAMPLE_MAX];
	uint32_t count;
	uint16_t shape;
	bool useless; /* nodes are not all of one kind, or lie in too many islands */
};

static bool _has_island(const struct sample *sample, uint32_t island)
{
	/* Neighbours are mostly in the same one: the last is the most likely. */
	for (uint32_t i = sample->count; i-- > 0;) {
		if (sample->islands[i] == island)
			return true;
	}
	return false;
}

static void _see(const struct view *view, const uint32_t *island_of, uint32_t node,
		 struct sample *sample)
{
	if (!sample->count)
		sample->shape = view->rooms[node].shape;
	sample->useless = sample->useless || view->rooms[node].shape != sample->shape;
	if (_has_island(sample, island_of[node]))
		return;
	sample->useless = sample->useless || sample->count == SAMPLE_MAX;
	if (sample->useless)
		return;
	sample->islands[sample->count] = island_of[node];
	sample->nodes[sample->count++] = node;
}

/*
 * Set in able as many of the candidates as the job needs, each with as many GPUs, free or not;
 * false if too few have. island_of: NULL where no sample is wanted.
 */
static bool _find_able(const struct view *view, const struct aif_job_test *test,
		       const struct plan_ask *ask, const uint32_t *island_of, bitstr_t *able,
		       struct sample *ret_sample)
{
	uint32_t words, found = 0;
	const uint64_t *bits = aif_compat_bit_words(test->bitmap, &words);

	for (uint32_t w = 0; w < words && found < ask->place.nodes; w++) {
		for (uint64_t left = bits[w]; left && found < ask->place.nodes; left &= left - 1) {
			uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(left);

			if (i >= view->count ||
			    view_of_type(view, i, ask->type_id).gpus < ask->place.gpus)
				continue;
			bit_set(able, i);
			found++;
			if (island_of)
				_see(view, island_of, i, ret_sample);
		}
	}
	return found == ask->place.nodes;
}

/*
 * The outermost islands, where those are the topology's own and the job asks the same of each node,
 * and gets the same there; else NULL.
 */
static const uint32_t *_islands(const struct view *view, const struct aif_job_test *test)
{
	struct fabric_in_use fabric;

	if (!aif_compat_job_is_even(test->job_ptr) || aif_compat_job_test_excludes(test) ||
	    !fabrics_of(test->job_ptr->part_ptr, &fabric) || fabric.is_map ||
	    fabric.fabric->node_count != view->count)
		return NULL;
	return fabric.fabric->levels[fabric.fabric->level_count - 1].island_of;
}

static int _ask_sample(const struct aif_job_test *test, const struct plan_ask *ask,
		       const struct sample *sample)
{
	struct aif_job_test small = *test;
	struct aif_job_saved saved;
	int rc;

	small.bitmap = bit_alloc(bit_size(test->bitmap));
	for (uint32_t i = 0; i < sample->count; i++)
		bit_set(small.bitmap, sample->nodes[i]);
	small.min_nodes = small.max_nodes = small.req_nodes = sample->count;
	aif_compat_job_save(test->job_ptr, &saved);
	aif_compat_job_shrink(test->job_ptr, ask->place.nodes, sample->count);
	rc = propose_now(&small, small.bitmap);
	aif_compat_job_restore(test->job_ptr, &saved);
	FREE_NULL_BITMAP(small.bitmap);
	counters.samples++;
	counters.samples_refused += rc != SLURM_SUCCESS;
	return rc;
}

extern int ever_job_test(const struct aif_job_test *test, const struct plan_ask *ask)
{
	bitstr_t *able = bit_alloc(bit_size(test->bitmap));
	const struct view *view = view_lock();
	struct sample sample = {.count = 0};
	const uint32_t *islands = view ? _islands(view, test) : NULL;
	bool found = view && _find_able(view, test, ask, islands, able, &sample);
	int rc = SLURM_ERROR;

	if (view)
		view_unlock();
	if (found && islands && !sample.useless &&
	    sample.count <= ask->place.nodes / (SAMPLE_PAYS + 1))
		rc = _ask_sample(test, ask, &sample);
	if (rc == SLURM_SUCCESS)
		bit_copybits(test->bitmap, able);
	else if (found)
		rc = propose_now(test, able);
	FREE_NULL_BITMAP(able);
	return rc == SLURM_SUCCESS ? rc : aif_compat_job_test(&stock, test);
}
