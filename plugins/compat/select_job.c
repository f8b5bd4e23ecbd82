/* select_job.c - see select_job.h */
#include "select_job.h"

#include <string.h>

static int _add_request(void *x, void *arg)
{
	const gres_state_t *state = x;
	const gres_job_state_t *gres = state->gres_data;
	struct aif_job_gpus *gpus = arg;
	bool second = gpus->per_node || gpus->per_job;

	if (!gres || xstrcmp(state->gres_name, "gpu") || second || gres->gres_per_socket) {
		gpus->other = true;
		return 0;
	}
	gpus->per_node = gres->gres_per_node;
	gpus->per_job = gres->gres_per_job ? gres->gres_per_job : gres->total_gres;
	return 0;
}

extern void aif_compat_job_gpus(const job_record_t *job_ptr, struct aif_job_gpus *ret_gpus)
{
	memset(ret_gpus, 0, sizeof(*ret_gpus));
	if (job_ptr->gres_list_req)
		(void)list_for_each(job_ptr->gres_list_req, _add_request, ret_gpus);
}

extern bool aif_compat_job_is_exclusive(const job_record_t *job_ptr)
{
	if (job_ptr->details->whole_node == 1)
		return true;
	return job_ptr->part_ptr && job_ptr->part_ptr->max_share == 0;
}

/* Options that exist only in some versions. */
static bool _is_bound_by_newer(const job_record_t *job_ptr)
{
	bool bound = false;

#if AIF_SLURM_AT_LEAST(23, 2)
	bound = bound || job_ptr->details->job_size_bitmap;
#endif
#if AIF_SLURM_AT_LEAST(24, 11)
	bound = bound || job_ptr->details->segment_size || IS_JOB_WHOLE_TOPO(job_ptr);
#endif
#ifdef NEED_MORE_FEATURES
	bound = bound || (job_ptr->bit_flags & NEED_MORE_FEATURES);
#endif
	(void)job_ptr;
	return bound;
}

extern bool aif_compat_job_is_bound(const job_record_t *job_ptr)
{
	const char *features = job_ptr->details->features;

	return job_ptr->details->req_node_bitmap || job_ptr->details->contiguous ||
	       job_ptr->details->expanding_jobid || job_ptr->req_switch || job_ptr->het_job_id ||
	       (job_ptr->bit_flags & SPREAD_JOB) ||
	       (job_ptr->details->task_dist & SLURM_DIST_STATE_BASE) == SLURM_DIST_ARBITRARY ||
	       job_ptr->details->core_spec != NO_VAL16 || (features && strpbrk(features, "[*")) ||
	       _is_bound_by_newer(job_ptr);
}

extern job_record_t *aif_compat_job_expanded(const job_record_t *job_ptr)
{
	uint32_t job_id = job_ptr->details ? job_ptr->details->expanding_jobid : 0;

	return job_id ? find_job_record(job_id) : NULL;
}

extern void aif_compat_job_save(const job_record_t *job_ptr, struct aif_job_saved *ret_saved)
{
	ret_saved->pn_min_memory = job_ptr->details->pn_min_memory;
	ret_saved->min_cpus = job_ptr->details->min_cpus;
	ret_saved->min_gres_cpu = job_ptr->details->min_gres_cpu;
	ret_saved->min_job_gres_cpu = job_ptr->details->min_job_gres_cpu;
	ret_saved->bit_flags = job_ptr->bit_flags;
	ret_saved->best_switch = job_ptr->best_switch;
	ret_saved->wait4switch_start = job_ptr->wait4switch_start;
	ret_saved->start_time = job_ptr->start_time;
}

extern void aif_compat_job_restore(job_record_t *job_ptr, const struct aif_job_saved *saved)
{
	job_ptr->details->pn_min_memory = saved->pn_min_memory;
	job_ptr->details->min_cpus = saved->min_cpus;
	job_ptr->details->min_gres_cpu = saved->min_gres_cpu;
	job_ptr->details->min_job_gres_cpu = saved->min_job_gres_cpu;
	job_ptr->bit_flags = saved->bit_flags;
	job_ptr->best_switch = saved->best_switch;
	job_ptr->wait4switch_start = saved->wait4switch_start;
	job_ptr->start_time = saved->start_time;
}
