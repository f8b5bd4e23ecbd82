/* sample.c - see sample.h */
#include "sample.h"

#include "fabrics.h"
#include "select_job.h"

#define PAYS 2 /* times as many nodes must be left out */

extern void sample_begin(const struct aif_job_test *test, const struct view *view, uint32_t nodes,
			 struct sample *ret_sample)
{
	struct fabric_in_use fabric;

	*ret_sample = (struct sample){.useless = true};
	/* A map of the site says nothing about what Slurm's topology joins. */
	if (!aif_compat_job_is_even(test->job_ptr, nodes) || aif_compat_job_test_excludes(test) ||
	    !fabrics_of(test->job_ptr->part_ptr, &fabric) || fabric.is_map ||
	    fabric.fabric->node_count != view->count)
		return;
	ret_sample->island_of = fabric.fabric->levels[fabric.fabric->level_count - 1].island_of;
	ret_sample->useless = false;
}

static bool _has_island(const struct sample *sample, uint32_t island)
{
	/* Neighbours are mostly in the same one: the last is the most likely. */
	for (uint32_t i = sample->count; i-- > 0;) {
		if (sample->islands[i] == island)
			return true;
	}
	return false;
}

extern void sample_see(const struct view *view, uint32_t node, struct sample *sample)
{
	if (sample->useless)
		return;
	if (!sample->count)
		sample->shape = view->rooms[node].shape;
	sample->useless = view->rooms[node].shape != sample->shape;
	if (!_has_island(sample, sample->island_of[node]))
		sample_add(node, sample);
}

extern void sample_add(uint32_t node, struct sample *sample)
{
	sample->useless = sample->useless || sample->count == SAMPLE_MAX;
	if (sample->useless)
		return;
	for (uint32_t i = 0; i < sample->count; i++) {
		if (sample->nodes[i] == node)
			return;
	}
	sample->islands[sample->count] = sample->island_of[node];
	sample->nodes[sample->count++] = node;
}

extern bool sample_pays(const struct sample *sample, uint32_t nodes)
{
	return !sample->useless && sample->count && sample->count <= nodes / (PAYS + 1);
}
