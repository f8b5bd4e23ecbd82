/* narrow.c - see narrow.h */
#include "narrow.h"

#include <stdlib.h>
#include <string.h>

#include "admincomment.h"
#include "delegate.h"
#include "nodes.h"
#include "options.h"
#include "select_job.h"
#include "select_nodes.h"
#include "snapwatch.h"

#define RANKS_MAX 4 /* node weights tried one after the other before leaving it to cons_tres */

/* Candidate nodes of one call, in the order of their rank. */
struct candidates {
	uint32_t *nodes;
	uint64_t *ranks;
	uint32_t count;
};

static bool _is_run_now(const struct aif_job_test *test)
{
	return (test->mode & SELECT_MODE_BASE) == SELECT_MODE_RUN_NOW;
}

static bool _is_test_only(const struct aif_job_test *test)
{
	return (test->mode & SELECT_MODE_BASE) == SELECT_MODE_TEST_ONLY;
}

static bool _names_partition(char *const *names, const char *name)
{
	for (; name && *names; names++) {
		if (!strcmp(*names, name))
			return true;
	}
	return false;
}

static bool _is_enabled(const struct aif_policy *policy, const part_record_t *part)
{
	if (!policy->placement)
		return false;
	if (!policy->placement_partitions)
		return true;
	return part && _names_partition(policy->placement_partitions, part->name);
}

static enum aif_placement _wish(const job_record_t *job_ptr)
{
	struct aif_admincomment comment = {0};
	enum aif_placement wish = AIF_PLACE_DEFAULT;
	struct aif_error err = {0};

	if (job_ptr->admin_comment && strstr(job_ptr->admin_comment, "\"place\""))
		aif_admincomment_read(job_ptr->admin_comment, &comment);
	if (aif_placement_parse(comment.placement, &wish, NULL, &err))
		return AIF_PLACE_DEFAULT;
	return wish;
}

/* May the policy and the job's own wish let us choose? Sets *ret_spread. */
static bool _may_place(const struct aif_job_test *test, bool *ret_spread)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	bool enabled = snapshot && _is_enabled(snapshot->policy, test->job_ptr->part_ptr);
	enum aif_placement wish;

	aif_snapshot_put(snapshot);
	if (!enabled)
		return false;
	wish = _wish(test->job_ptr);
	*ret_spread = wish == AIF_PLACE_SPREAD;
	return wish != AIF_PLACE_ANY;
}

/* Does the call look for nodes for a job of which nobody has said yet where it shall be? */
static bool _is_ours(const struct aif_job_test *test)
{
	if (!test->job_ptr->job_id || !test->job_ptr->details || !test->min_nodes)
		return false;
	return !aif_compat_job_test_is_later(test) && !aif_compat_job_is_bound(test->job_ptr);
}

static uint32_t _divide_up(uint64_t total, uint64_t by)
{
	return (uint32_t)MIN((total + by - 1) / by, UINT32_MAX);
}

/*
 * How many nodes with how many GPUs each the job should get; false: leave it to cons_tres.
 * *ret_per_node is what a node must have at least, even if the job takes it as a whole.
 */
static bool _ask(const struct aif_job_test *test, struct aif_island_ask *ret_ask,
		 uint32_t *ret_per_node)
{
	struct aif_job_gpus gpus;
	uint32_t most;

	aif_compat_job_gpus(test->job_ptr, &gpus);
	if (gpus.other || (!gpus.per_node && !gpus.per_job))
		return false;
	ret_ask->nodes = MAX(test->min_nodes, test->req_nodes);
	if (!gpus.per_node) {
		most = nodes_most_gpus();
		if (!most)
			return false;
		ret_ask->nodes = MAX(ret_ask->nodes, _divide_up(gpus.per_job, most));
		gpus.per_node = _divide_up(gpus.per_job, ret_ask->nodes);
	}
	*ret_per_node = (uint32_t)MIN(gpus.per_node, UINT16_MAX);
	ret_ask->gpus_per_node = *ret_per_node;
	if (aif_compat_job_is_exclusive(test->job_ptr))
		ret_ask->gpus_per_node = 0;
	return ret_ask->nodes <= test->max_nodes;
}

static void _candidates_free(struct candidates *candidates)
{
	free(candidates->nodes);
	free(candidates->ranks);
}

static bool _candidates_read(const struct aif_job_test *test, struct candidates *ret)
{
	bitoff_t first = bit_ffs(test->bitmap), last = bit_fls(test->bitmap);
	bool now = _is_run_now(test);
	size_t count = bit_set_count(test->bitmap);

	ret->nodes = calloc(count + 1, sizeof(*ret->nodes));
	ret->ranks = calloc(count + 1, sizeof(*ret->ranks));
	ret->count = 0;
	if (!ret->nodes || !ret->ranks)
		return false;
	for (bitoff_t i = first; first >= 0 && i <= last; i++) {
		const node_record_t *node;

		if (!bit_test(test->bitmap, i) || !(node = aif_compat_node_at((uint32_t)i)))
			continue;
		ret->nodes[ret->count] = (uint32_t)i;
		ret->ranks[ret->count++] = aif_compat_node_rank(node, now);
	}
	return true;
}

/* The lowest rank above *floor (NULL: the lowest of all); false if there is none. */
static bool _next_rank(const struct candidates *all, const uint64_t *floor, uint64_t *ret_rank)
{
	bool found = false;

	for (uint32_t i = 0; i < all->count; i++) {
		if (floor && all->ranks[i] <= *floor)
			continue;
		if (!found || all->ranks[i] < *ret_rank)
			*ret_rank = all->ranks[i];
		found = true;
	}
	return found;
}

static uint32_t _up_to_rank(const struct candidates *all, uint64_t rank, uint32_t *ret_nodes)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < all->count; i++) {
		if (all->ranks[i] <= rank)
			ret_nodes[count++] = all->nodes[i];
	}
	return count;
}

/* Choose among the nodes that Slurm wants used first, adding the next rank as long as they do not
 * suffice. */
static uint32_t _choose(const struct aif_island_ask *ask, const struct candidates *all,
			bitstr_t *ret_exact, bitstr_t *ret_islands)
{
	uint32_t *some = calloc(all->count + 1, sizeof(*some));
	uint64_t rank = 0, floor;
	uint32_t islands = 0;

	for (int round = 0; some && !islands && round < RANKS_MAX; round++) {
		floor = rank;
		if (!_next_rank(all, round ? &floor : NULL, &rank))
			break;
		islands =
		    nodes_choose(ask, some, _up_to_rank(all, rank, some), ret_exact, ret_islands);
	}
	free(some);
	return islands;
}

static uint32_t _plan_islands(const struct aif_job_test *test, const struct aif_island_ask *ask,
			      bitstr_t *ret_exact, bitstr_t *ret_islands)
{
	struct candidates all = {0};
	uint32_t islands = 0;

	if (_candidates_read(test, &all))
		islands = _choose(ask, &all, ret_exact, ret_islands);
	_candidates_free(&all);
	return islands;
}

/* What to propose; returns 0 if nothing. */
static uint32_t _plan(const struct aif_job_test *test, bitstr_t *ret_exact, bitstr_t *ret_islands)
{
	struct aif_island_ask ask = {0};
	uint32_t per_node;

	if (!_is_ours(test) || !_may_place(test, &ask.spread) || !_ask(test, &ask, &per_node))
		return 0;
	/* No choice, or none that is possible: cons_tres will say so. */
	if ((uint32_t)bit_set_count(test->bitmap) <= ask.nodes)
		return 0;
	if (!_is_test_only(test))
		return _plan_islands(test, &ask, ret_exact, ret_islands);
	/* "Could it ever run?" is answered by any nodes on which it could, however busy they are.
	 */
	return nodes_able(test->bitmap, ask.nodes, per_node, ret_exact) ? 1 : 0;
}

/*
 * One proposal. Without preemption, so that nobody is stopped while nodes elsewhere are free, and
 * for now only, so that cons_tres does not work out when these few nodes might become free. On
 * failure all is as it was.
 */
static int _propose(const struct aif_job_test *test, bitstr_t *nodes, const bitstr_t *all)
{
	struct aif_job_test proposal = *test;
	struct aif_job_saved saved;
	int rc;

	aif_compat_job_save(test->job_ptr, &saved);
	bit_copybits(test->bitmap, nodes);
	proposal.preemptee_candidates = NULL;
	if ((test->mode & SELECT_MODE_BASE) == SELECT_MODE_WILL_RUN)
		test->job_ptr->bit_flags |= TEST_NOW_ONLY;
	rc = aif_compat_job_test(&stock, &proposal);
	if (rc == SLURM_SUCCESS) {
		if (!(saved.bit_flags & TEST_NOW_ONLY))
			test->job_ptr->bit_flags &= ~TEST_NOW_ONLY;
		return rc;
	}
	aif_compat_job_restore(test->job_ptr, &saved);
	bit_copybits(test->bitmap, (bitstr_t *)all);
	return rc;
}

static int _try_proposals(const struct aif_job_test *test, bitstr_t *exact, bitstr_t *islands)
{
	bitstr_t *all = bit_copy(test->bitmap);
	int rc = _propose(test, exact, all);

	if (rc != SLURM_SUCCESS && !_is_test_only(test) && !bit_equal(islands, exact) &&
	    !bit_equal(islands, all))
		rc = _propose(test, islands, all);
	FREE_NULL_BITMAP(all);
	return rc;
}

extern int narrow_job_test(struct aif_job_test *test)
{
	bitstr_t *exact = bit_alloc(bit_size(test->bitmap));
	bitstr_t *islands = bit_alloc(bit_size(test->bitmap));
	uint32_t touched = _plan(test, exact, islands);
	int rc = SLURM_ERROR;

	if (touched)
		rc = _try_proposals(test, exact, islands);
	FREE_NULL_BITMAP(exact);
	FREE_NULL_BITMAP(islands);
	if (rc == SLURM_SUCCESS) {
		debug2("aif: %pJ: %d nodes, planned in %u islands", test->job_ptr,
		       bit_set_count(test->bitmap), touched);
		return rc;
	}
	if (touched)
		debug("aif: %pJ: no proposal taken, all nodes are left to choose from",
		      test->job_ptr);
	return aif_compat_job_test(&stock, test);
}
