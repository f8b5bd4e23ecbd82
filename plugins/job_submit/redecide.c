/* redecide.c - see redecide.h */
#include "redecide.h"

#include "billing.h"
#include "exclusive.h"
#include "job_alloc.h"
#include "job_fields.h"
#include "job_start.h"
#include "tally.h"
#include "usage_of.h"
#include "verdict.h"
#include "view.h"

#include <stdio.h>
#include <string.h>

/* What the number of GPUs rests on. */
static bool _sizes_gpus(const job_desc_msg_t *update)
{
	return update->min_nodes != NO_VAL || update->num_tasks != NO_VAL || update->tres_per_job ||
	       update->tres_per_node || update->tres_per_socket || update->tres_per_task ||
	       update->ntasks_per_tres != NO_VAL16;
}

extern bool aif_redecide_sizes(const job_desc_msg_t *update)
{
	return _sizes_gpus(update) || update->min_cpus != NO_VAL || update->pn_min_cpus != NO_VAL16 ||
	       update->cpus_per_task != NO_VAL16 || update->pn_min_memory != NO_VAL64 ||
	       update->shared != NO_VAL16 || update->cpus_per_tres || update->mem_per_tres;
}

static void _allocation(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
			const struct aif_admincomment *mark, struct aif_options *options)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK };
	const struct aif_alloc *alloc = NULL;

	if (!mark->alloc[0])
		return;
	assoc_mgr_lock(&locks);
	if (snapshot)
		alloc = aif_job_alloc(snapshot, job_ptr);
	assoc_mgr_unlock(&locks);
	snprintf(options->allocation, sizeof(options->allocation), "%s", alloc ? alloc->id : mark->alloc);
}

extern void aif_redecide_options(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
				 const struct aif_admincomment *mark, struct aif_options *ret_options)
{
	memset(ret_options, 0, sizeof(*ret_options));
	_allocation(snapshot, job_ptr, mark, ret_options);
	/* Of its submit day: a group that has gained a member since must not let the job go there. */
	if (aif_restag_expand(mark->residency, ret_options->residency, sizeof(ret_options->residency)))
		snprintf(ret_options->residency, sizeof(ret_options->residency), "%s", mark->residency);
	snprintf(ret_options->datasets, sizeof(ret_options->datasets), "%s", mark->datasets);
	snprintf(ret_options->placement, sizeof(ret_options->placement), "%s", mark->placement);
	snprintf(ret_options->purpose, sizeof(ret_options->purpose), "%s", mark->purpose);
}

static void _own(const struct aif_snapshot *snapshot, const job_record_t *job_ptr, struct aif_usage_own *ret_own)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK };

	memset(ret_own, 0, sizeof(*ret_own));
	if (!IS_JOB_PENDING(job_ptr))
		return;
	assoc_mgr_lock(&locks);
	ret_own->alloc = aif_job_alloc(snapshot, job_ptr);
	if (ret_own->alloc)
		aif_tally_of_job(snapshot, job_ptr, ret_own->alloc, &ret_own->usage);
	assoc_mgr_unlock(&locks);
	ret_own->usage.submits = aif_job_fields_tasks(job_ptr);
	ret_own->usage.user_submits = ret_own->usage.submits;
}

/* Records have it as long as nothing changes that it rests on. */
static uint64_t _billing(const job_desc_msg_t *update, const job_desc_msg_t *merged, const job_record_t *job_ptr,
			 const struct aif_view *view)
{
	if (!aif_redecide_sizes(update) && !update->partition && job_ptr->tres_req_cnt)
		return job_ptr->tres_req_cnt[TRES_ARRAY_BILLING];
	return aif_billing(merged, view->partition, view->request.nodes, view->request.gpus);
}

/* A job that exists is counted by its record; only a size that changes is left to the parser of submissions. */
static void _fill_size(const job_desc_msg_t *update, const job_desc_msg_t *merged, const job_record_t *job_ptr,
		       struct aif_view *view)
{
	view->request.array_tasks = aif_job_fields_tasks(job_ptr);
	view->request.interactive = !job_ptr->batch_flag;
	if (!_sizes_gpus(update))
		view->request.gpus = aif_exclusive_gpus(merged, view->partition, view->request.nodes,
							aif_job_fields_gpus(job_ptr));
	view->request.billing = _billing(update, merged, job_ptr, view);
}

extern void aif_redecide(const struct aif_snapshot *snapshot, const struct aif_options *options,
			 const job_desc_msg_t *update, job_record_t *job_ptr, struct aif_decision *ret_decision)
{
	struct aif_usage_own own;
	job_desc_msg_t merged;
	struct aif_view view;

	_own(snapshot, job_ptr, &own);
	aif_job_fields_merge(update, job_ptr, &merged);
	aif_view_init(&merged, options, &view);
	_fill_size(update, &merged, job_ptr, &view);
	aif_verdict(snapshot, &view.request, job_ptr->user_id, &own, ret_decision);
	aif_view_clear(&view);
	aif_job_fields_clear(&merged);
}

extern void aif_redecide_unchanged(const struct aif_snapshot *snapshot, job_record_t *job_ptr,
				   struct aif_decision *ret_decision)
{
	struct aif_admincomment mark;
	struct aif_options options;
	job_desc_msg_t nothing;

	(void) aif_job_mark(job_ptr, &mark);
	aif_redecide_options(snapshot, job_ptr, &mark, &options);
	slurm_init_job_desc_msg(&nothing);
	aif_redecide(snapshot, &options, &nothing, job_ptr, ret_decision);
	if (ret_decision->rule && aif_job_is_overruled(&mark, ret_decision->rule))
		ret_decision->verdict = AIF_ACCEPT;
}

extern void aif_redecide_count(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
			       const struct aif_decision *decision)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK };
	struct aif_usage before = { 0 };

	if (decision->free || (decision->verdict == AIF_HOLD && !aif_tally_counts(decision->rule)))
		return;
	assoc_mgr_lock(&locks);
	if (aif_job_alloc(snapshot, job_ptr) == decision->alloc)
		aif_tally_of_job(snapshot, job_ptr, decision->alloc, &before);
	assoc_mgr_unlock(&locks);
	aif_tally_grow(snapshot->policy, decision->alloc, decision->asked_secs, decision->inference, &before);
}
