/* propose.c - see propose.h */
#include "propose.h"

#include "counters.h"
#include "delegate.h"
#include "select_chosen.h"
#include "select_job.h"

/* What a proposal changes. */
struct before {
	bitstr_t *nodes;
	struct aif_job_saved record;
	struct aif_job_chosen chosen;
};

static void _begin(const struct aif_job_test *test, struct before *ret_before)
{
	ret_before->nodes = bit_copy(test->bitmap);
	aif_compat_job_save(test->job_ptr, &ret_before->record);
	aif_compat_chosen_take(test->job_ptr, &ret_before->chosen);
}

static int _ask(const struct aif_job_test *test, const bitstr_t *nodes)
{
	struct aif_job_test proposal = *test;

	bit_copybits(test->bitmap, (bitstr_t *)nodes);
	/* So that nobody is stopped while nodes elsewhere are free. */
	proposal.preemptee_candidates = NULL;
	return aif_compat_job_test(&stock, &proposal);
}

static void _end(const struct aif_job_test *test, bool taken, struct before *before)
{
	if (taken) {
		aif_compat_chosen_forget(&before->chosen);
	} else {
		aif_compat_chosen_put_back(test->job_ptr, &before->chosen);
		aif_compat_job_restore(test->job_ptr, &before->record);
		bit_copybits(test->bitmap, before->nodes);
	}
	FREE_NULL_BITMAP(before->nodes);
}

extern int propose_now(const struct aif_job_test *test, const bitstr_t *nodes)
{
	struct before before;
	int rc;

	_begin(test, &before);
	/* Cons_tres shall not work out when these few nodes might become free. */
	if ((test->mode & SELECT_MODE_BASE) == SELECT_MODE_WILL_RUN)
		test->job_ptr->bit_flags |= TEST_NOW_ONLY;
	rc = _ask(test, nodes);
	if (!(before.record.bit_flags & TEST_NOW_ONLY))
		test->job_ptr->bit_flags &= ~TEST_NOW_ONLY;
	_end(test, rc == SLURM_SUCCESS, &before);
	return rc;
}

extern int propose_plan(const struct aif_job_test *test, const struct plan *plan)
{
	int rc = propose_now(test, plan->exact);
	bool wider = !bit_equal(plan->islands, plan->exact) && !bit_equal(plan->islands, test->bitmap);

	counters.proposals++;
	if (rc == SLURM_SUCCESS)
		return rc;
	counters.first_refused++;
	debug2("aif: %pJ: cons_tres does not take the %d nodes proposed", test->job_ptr,
	       bit_set_count(plan->exact));
	if (wider)
		rc = propose_now(test, plan->islands);
	counters.second_refused += wider && rc != SLURM_SUCCESS;
	return rc;
}

extern int propose_later(const struct aif_job_test *test, const struct plan *plan, uint32_t latest)
{
	struct before before;
	int rc;

	_begin(test, &before);
	rc = _ask(test, plan->exact);
	counters.futures++;
	if (rc == SLURM_SUCCESS && test->job_ptr->start_time > latest)
		rc = SLURM_ERROR;
	counters.futures_refused += rc != SLURM_SUCCESS;
	_end(test, rc == SLURM_SUCCESS, &before);
	return rc;
}

extern int propose_share(const struct aif_job_test *test, uint32_t nodes, const struct sample *sample, const bitstr_t *all,
			 time_t latest)
{
	bool later = (test->mode & SELECT_MODE_BASE) == SELECT_MODE_WILL_RUN;
	struct aif_job_test small = *test;
	job_record_t *job_ptr = test->job_ptr;
	struct before before;
	uint32_t cpus;
	time_t start;
	int rc;

	small.bitmap = bit_alloc(bit_size(test->bitmap));
	for (uint32_t i = 0; i < sample->count; i++)
		bit_set(small.bitmap, sample->nodes[i]);
	small.min_nodes = small.max_nodes = small.req_nodes = sample->count;
	_begin(&small, &before);
	aif_compat_job_shrink(job_ptr, nodes, sample->count);
	rc = _ask(&small, before.nodes);
	start = job_ptr->start_time;
	cpus = job_ptr->total_cpus;
	_end(&small, false, &before);
	FREE_NULL_BITMAP(small.bitmap);
	if (later && rc == SLURM_SUCCESS && start > latest)
		rc = SLURM_ERROR;
	counters.samples++;
	counters.samples_refused += rc != SLURM_SUCCESS;
	if (rc != SLURM_SUCCESS)
		return rc;
	bit_copybits(test->bitmap, (bitstr_t *)all);
	if (later) {
		job_ptr->start_time = start;
		job_ptr->total_cpus = cpus / sample->count * nodes;
	}
	return rc;
}
