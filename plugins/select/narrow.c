/* narrow.c - see narrow.h */
#include "narrow.h"

#include "counters.h"
#include "delegate.h"
#include "ever.h"
#include "future.h"
#include "intent.h"
#include "plan.h"
#include "propose.h"
#include "score.h"
#include "select_job.h"
#include "strict.h"

static bool _is_test_only(const struct aif_job_test *test)
{
	return (test->mode & SELECT_MODE_BASE) == SELECT_MODE_TEST_ONLY;
}

/* Does the test ask when the job could start, too? */
static bool _is_looking_ahead(const struct aif_job_test *test)
{
	return (test->mode & SELECT_MODE_BASE) == SELECT_MODE_WILL_RUN &&
	       !(test->job_ptr->bit_flags & TEST_NOW_ONLY);
}

/* Does the call look for nodes for a job of which nobody has said yet where it shall be? */
static bool _is_ours(const struct aif_job_test *test)
{
	if (!test->job_ptr->job_id || !test->job_ptr->details || !test->min_nodes)
		return false;
	return !aif_compat_job_test_is_later(test) && !aif_compat_job_is_bound(test->job_ptr);
}

static bool _starts_now(const struct aif_job_test *test)
{
	return (test->mode & SELECT_MODE_BASE) == SELECT_MODE_RUN_NOW ||
	       test->job_ptr->start_time <= time(NULL);
}

/*
 * Too few GPUs are free, and whatever cons_tres does, that is what it finds: the answer to a test for now can be given at
 * once, and so can the next step of select_nodes(), which asks whether the job could run on other nodes, or ever. A
 * test that looks ahead is offered the best of the nodes that become free first, and the answer counts only if it is a
 * start before which there are too few GPUs anywhere: then cons_tres has no earlier one.
 */
static int _test_too_few(const struct aif_job_test *test, const struct plan_ask *ask)
{
	struct future future;
	int rc = SLURM_ERROR;

	if (!aif_compat_job_test_is_plain(test))
		return aif_compat_job_test(&stock, test);
	if (!_is_looking_ahead(test)) {
		counters.answered++;
		debug2("aif: %pJ: too few GPUs are free now", test->job_ptr);
		return SLURM_ERROR;
	}
	future_make(test, ask, &future);
	if (future.plan.kind == PLAN_CHOSEN && sample_pays(&future.sample, ask->place.nodes))
		rc = propose_share(test, ask->place.nodes, &future.sample, future.plan.exact, future.earliest);
	if (future.plan.kind == PLAN_CHOSEN && rc != SLURM_SUCCESS)
		rc = propose_later(test, &future.plan, future.earliest);
	plan_free(&future.plan);
	return rc == SLURM_SUCCESS ? rc : aif_compat_job_test(&stock, test);
}

static int _test_now(const struct aif_job_test *test, const struct plan_ask *ask)
{
	struct plan plan;
	int rc = SLURM_ERROR;

	plan_make(test, ask, &plan);
	if (plan.kind == PLAN_TOO_FEW)
		return _test_too_few(test, ask);
	if (plan.kind == PLAN_CHOSEN) {
		rc = propose_plan(test, &plan);
		counters.fallbacks += rc != SLURM_SUCCESS;
	}
	if (rc == SLURM_SUCCESS)
		debug2("aif: %pJ: %d nodes, planned in %u islands", test->job_ptr,
		       bit_set_count(test->bitmap), plan.touched);
	else
		rc = aif_compat_job_test(&stock, test);
	if (rc == SLURM_SUCCESS && _starts_now(test))
		plan_score(test, ask, &plan);
	plan_free(&plan);
	return rc;
}

/* Only watch: what would we have chosen? */
static int _test_in_shadow(const struct aif_job_test *test, const struct plan_ask *ask)
{
	struct plan plan;
	int rc;

	plan_make(test, ask, &plan);
	rc = aif_compat_job_test(&stock, test);
	if (rc == SLURM_SUCCESS && _starts_now(test))
		plan_compare(test, ask, &plan);
	plan_free(&plan);
	return rc;
}

static int _test(const struct aif_job_test *test, const struct intent *intent, const struct plan_ask *ask)
{
	int rc;

	if (intent->mode == AIF_PLACEMENT_ON && _is_test_only(test))
		return ever_job_test(test, ask);
	if (_is_test_only(test))
		return aif_compat_job_test(&stock, test);
	if (intent->strict_until && strict_job_test(test, ask, intent->strict_until, &rc))
		return rc;
	/* No choice, or none that is possible: cons_tres will say so. */
	if ((uint32_t)bit_set_count(test->bitmap) <= ask->place.nodes)
		return aif_compat_job_test(&stock, test);
	return intent->mode == AIF_PLACEMENT_ON ? _test_now(test, ask) : _test_in_shadow(test, ask);
}

extern int narrow_job_test(struct aif_job_test *test)
{
	struct intent intent;
	struct plan_ask ask;

	if (!_is_ours(test) || !intent_read(test->job_ptr, &intent) ||
	    !plan_ask(test, &intent.wish, intent.leftover_seconds, &ask))
		return aif_compat_job_test(&stock, test);
	return _test(test, &intent, &ask);
}
