/* strict.c - see strict.h */
#include "strict.h"

#include "delegate.h"
#include "future.h"
#include "propose.h"
#include "residency_mask.h"
#include "select_job.h"

/* The least span that there is on nodes that exist and could be had. */
static bool _least(const struct aif_job_test *test, const struct plan_ask *ask, uint64_t *ret_span)
{
	bitstr_t *nodes = aif_compat_job_nodes(test->job_ptr, test->bitmap);
	bool known;

	(void)residency_mask_apply(test->job_ptr, false, nodes);
	known = future_least(test->job_ptr->part_ptr, ask, nodes, ret_span);
	FREE_NULL_BITMAP(nodes);
	return known;
}

static int _test_now(const struct aif_job_test *test, const struct plan_ask *ask, uint64_t span)
{
	struct plan plan;
	int rc = SLURM_ERROR;

	plan_make(test, ask, &plan);
	if (plan.kind == PLAN_CHOSEN && plan.result.key.span <= span)
		rc = propose_plan(test, &plan);
	if (rc == SLURM_SUCCESS)
		plan_score(test, ask, &plan);
	plan_free(&plan);
	return rc;
}

/* On the nodes of few islands that become free first; or after the wait, wherever Slurm likes. */
static int _test_later(const struct aif_job_test *test, const struct plan_ask *ask, uint64_t span, time_t until)
{
	struct future future;
	int rc = SLURM_ERROR;

	future_make_tight(test, ask, span, &future);
	if (future.plan.kind == PLAN_CHOSEN && (time_t)future.earliest < until)
		rc = propose_later(test, &future.plan, (uint32_t)until);
	plan_free(&future.plan);
	if (rc == SLURM_SUCCESS)
		return rc;
	rc = aif_compat_job_test(&stock, test);
	if (rc == SLURM_SUCCESS && test->job_ptr->start_time < until)
		test->job_ptr->start_time = until;
	return rc;
}

extern bool strict_job_test(const struct aif_job_test *test, const struct plan_ask *ask, time_t until, int *ret_rc)
{
	bool later = (test->mode & SELECT_MODE_BASE) == SELECT_MODE_WILL_RUN &&
		     !(test->job_ptr->bit_flags & TEST_NOW_ONLY);
	uint64_t span;

	if (ask->place.nodes < 2 || !_least(test, ask, &span))
		return false;
	*ret_rc = _test_now(test, ask, span);
	if (*ret_rc == SLURM_SUCCESS)
		return true;
	debug2("aif: %pJ waits for as few islands as on an empty machine", test->job_ptr);
	if (later)
		*ret_rc = _test_later(test, ask, span, until);
	return true;
}
