/* submission.c - see submission.h */
#include "submission.h"

#include "billing.h"
#include "het.h"
#include "tally.h"
#include "usage_table.h"
#include "verdict.h"
#include "view.h"

/* What only some allocations need to know is found out when it is clear which one it is. Returns whether anything was. */
static bool _fill_rest(const struct aif_snapshot *snapshot, const job_desc_msg_t *job_desc,
		       const struct aif_alloc *alloc, struct aif_request *request)
{
	bool more = false;

	if (alloc->charge.tres == AIF_CHARGE_BILLING) {
		request->billing = aif_billing(job_desc, request->partition, request->nodes, request->gpus);
		more = true;
	}
	/* Where pending jobs count, so do the earlier components. */
	if (aif_het_secs(job_desc, alloc) && !snapshot->policy->count_pending) {
		request->also_alloc = alloc->id;
		request->also_secs = aif_het_secs(job_desc, alloc);
		more = true;
	}
	return more;
}

/* What was expected is in the cache by now: fetch what it leads to. */
static void _fetch(const struct aif_snapshot *snapshot, const struct aif_alloctable_hint *hint, uint64_t mode)
{
	const struct aif_alloc *alloc = aif_alloctable_fetch(hint);

	if (alloc)
		aif_usage_table_expect(snapshot, alloc);
	aif_policy_mode_fetch(snapshot->policy, mode);
}

extern void aif_submission_decide(const struct aif_snapshot *snapshot, const struct aif_options *options,
				  const job_desc_msg_t *job_desc, const struct aif_alloctable_hint *hint,
				  struct aif_decision *ret_decision)
{
	const uint64_t mode = aif_policy_mode_expect(snapshot->policy, options->mode);
	struct aif_view view;

	aif_het_see(job_desc);
	aif_view_init(job_desc, options, &view);
	_fetch(snapshot, hint, mode);
	view.request.interactive = aif_het_is_interactive(job_desc);
	aif_verdict(snapshot, &view.request, job_desc->user_id, NULL, ret_decision);
	if (ret_decision->alloc && _fill_rest(snapshot, job_desc, ret_decision->alloc, &view.request))
		aif_verdict(snapshot, &view.request, job_desc->user_id, NULL, ret_decision);
	aif_view_clear(&view);
}

extern void aif_submission_count(const struct aif_snapshot *snapshot, const job_desc_msg_t *job_desc,
				 const struct aif_decision *decision)
{
	if (decision->free)
		return;
	aif_het_add(job_desc, decision->alloc, decision->asked_secs);
	if (aif_tally_counts(decision->rule))
		aif_tally_add(snapshot->policy, decision->alloc, decision->asked_secs,
			      decision->inference);
}
