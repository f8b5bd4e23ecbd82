/* ever.c - see ever.h */
#include "ever.h"

#include "delegate.h"
#include "propose.h"
#include "sample.h"
#include "select_nodes.h"
#include "view.h"

/*
 * Set in able as many of the candidates as the job needs, each with as many GPUs, free or not;
 * false if too few have.
 */
static bool _find_able(const struct view *view, const struct aif_job_test *test,
		       const struct plan_ask *ask, bitstr_t *able, struct sample *sample)
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
			sample_see(view, i, sample);
		}
	}
	return found == ask->place.nodes;
}

extern int ever_job_test(const struct aif_job_test *test, const struct plan_ask *ask)
{
	bitstr_t *able = bit_alloc(bit_size(test->bitmap));
	const struct view *view = view_lock();
	struct sample sample = {.useless = true};
	bool found = false;
	int rc = SLURM_ERROR;

	if (view) {
		sample_begin(test, view, ask->place.nodes, &sample);
		found = _find_able(view, test, ask, able, &sample);
		view_unlock();
	}
	if (found && sample_pays(&sample, ask->place.nodes))
		rc = propose_share(test, ask->place.nodes, &sample, able, 0);
	if (found && rc != SLURM_SUCCESS)
		rc = propose_now(test, able);
	FREE_NULL_BITMAP(able);
	return rc == SLURM_SUCCESS ? rc : aif_compat_job_test(&stock, test);
}
