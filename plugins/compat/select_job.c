/* select_job.c - see select_job.h */
#include "select_job.h"

#include <string.h>

/* Outside of slurmctld these do not exist, and the wrapper must load there as well. */
#pragma weak avail_node_bitmap
#pragma weak share_node_bitmap

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
	gpus->per_job = gres->gres_per_job;
	/* The total is that of the submission, when the job may have asked more nodes than now. */
	if (!gpus->per_node && !gpus->per_job)
		gpus->per_job = gres->total_gres;
	gpus->type_id = gres->type_name ? (int64_t)gres->type_id : -1;
	gpus->cpus_per_gpu = gres->cpus_per_gres ? gres->cpus_per_gres : gres->def_cpus_per_gres;
	gpus->memory_per_gpu = gres->mem_per_gres ? gres->mem_per_gres : gres->def_mem_per_gres;
	return 0;
}

extern void aif_compat_job_gpus(const job_record_t *job_ptr, struct aif_job_gpus *ret_gpus)
{
	memset(ret_gpus, 0, sizeof(*ret_gpus));
	ret_gpus->type_id = -1;
	if (job_ptr->gres_list_req)
		(void)list_for_each(job_ptr->gres_list_req, _add_request, ret_gpus);
}

/* As cons_tres sees it (_get_job_node_req()). */
static uint8_t _sharing(const job_record_t *job_ptr)
{
	int shares = job_ptr->part_ptr ? job_ptr->part_ptr->max_share : 1;

	if (!shares)
		return AIF_SHARING_NOTHING;
	if ((shares & SHARED_FORCE) || (shares > 1 && job_ptr->details->share_res == 1))
		return AIF_SHARING_CORES;
	return AIF_SHARING_NODE;
}

static bool _memory_counts(const job_record_t *job_ptr)
{
	uint32_t select = slurm_conf.select_type_param;

	if (job_ptr->part_ptr && job_ptr->part_ptr->cr_type)
		select = job_ptr->part_ptr->cr_type;
	return select & CR_MEMORY;
}

static uint32_t _given(uint32_t value)
{
	return value == NO_VAL || value == NO_VAL16 || value == INFINITE || value == INFINITE16 ? 0 : value;
}

/* Minutes; 0: without limit. */
static uint32_t _time_limit(const job_record_t *job_ptr)
{
	const part_record_t *part = job_ptr->part_ptr;

	if (job_ptr->time_limit != NO_VAL)
		return _given(job_ptr->time_limit);
	if (part && part->default_time != NO_VAL)
		return _given(part->default_time);
	return part ? _given(part->max_time) : 0;
}

extern void aif_compat_job_size(const job_record_t *job_ptr, struct aif_job_size *ret_size)
{
	const job_details_t *details = job_ptr->details;
	uint32_t per_task = MAX(_given(details->cpus_per_task), 1);
	uint32_t minutes = _time_limit(job_ptr);

	memset(ret_size, 0, sizeof(*ret_size));
	ret_size->sharing = _sharing(job_ptr);
	ret_size->cpus = _given(details->min_cpus);
	ret_size->cpus_per_node = MAX(_given(details->pn_min_cpus), 1);
	if (!details->overcommit) {
		ret_size->cpus = MAX(ret_size->cpus, _given(details->num_tasks) * per_task);
		ret_size->cpus_per_node =
		    MAX(ret_size->cpus_per_node, _given(details->ntasks_per_node) * per_task);
	}
	ret_size->memory = details->pn_min_memory & ~MEM_PER_CPU;
	ret_size->memory_by_cpu = (details->pn_min_memory & MEM_PER_CPU) != 0;
	ret_size->memory_counts = _memory_counts(job_ptr);
	ret_size->memory_by_gpu = !(job_ptr->bit_flags & JOB_MEM_SET);
	ret_size->seconds = minutes ? MIN(minutes, UINT32_MAX / 60) * 60 : 30 * 24 * 3600;
}

extern bool aif_compat_job_is_exclusive(const job_record_t *job_ptr)
{
	if (job_ptr->details->whole_node == 1)
		return true;
	return job_ptr->part_ptr && job_ptr->part_ptr->max_share == 0;
}

/* By its own wish, not since its partition gives nothing else. */
static bool _wants_nodes_alone(const job_record_t *job_ptr)
{
	return job_ptr->details->whole_node == 1 && (!job_ptr->part_ptr || job_ptr->part_ptr->max_share);
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
	       (job_ptr->bit_flags & SPREAD_JOB) || _wants_nodes_alone(job_ptr) ||
	       (job_ptr->details->task_dist & SLURM_DIST_STATE_BASE) == SLURM_DIST_ARBITRARY ||
	       job_ptr->details->core_spec != NO_VAL16 || (features && strpbrk(features, "[*")) ||
	       _is_bound_by_newer(job_ptr);
}

extern time_t aif_compat_job_eligible(const job_record_t *job_ptr)
{
	const job_details_t *details = job_ptr->details;

	return details->begin_time ? details->begin_time : details->submit_time;
}

extern bitstr_t *aif_compat_job_nodes(const job_record_t *job_ptr, const bitstr_t *offered)
{
	bitstr_t *nodes = bit_copy((bitstr_t *)offered), *taken;
	const part_record_t *part = job_ptr->part_ptr;

	/* Excluded nodes and features: which nodes they leave is not ours to work out. */
	if (job_ptr->details->exc_node_bitmap || job_ptr->details->features || !part || !part->node_bitmap ||
	    !avail_node_bitmap || !share_node_bitmap)
		return nodes;
	taken = bit_copy(part->node_bitmap);
	bit_and(taken, avail_node_bitmap);
	bit_and_not(taken, share_node_bitmap);
	if (job_ptr->resv_ptr && job_ptr->resv_ptr->node_bitmap)
		bit_and(taken, job_ptr->resv_ptr->node_bitmap);
	bit_or(nodes, taken);
	FREE_NULL_BITMAP(taken);
	return nodes;
}

extern job_record_t *aif_compat_job_expanded(const job_record_t *job_ptr)
{
	uint32_t job_id = job_ptr->details ? job_ptr->details->expanding_jobid : 0;

	return job_id ? find_job_record(job_id) : NULL;
}

static int _is_uneven(void *x, void *arg)
{
	const gres_state_t *state = x;
	const gres_job_state_t *gres = state->gres_data;

	(void)arg;
	return !gres || !gres->gres_per_node || gres->gres_per_job || gres->gres_per_socket || gres->gres_per_task ||
	       _given(gres->ntasks_per_gres);
}

extern bool aif_compat_job_is_even(const job_record_t *job_ptr, uint32_t nodes)
{
	const job_details_t *details = job_ptr->details;

	return job_ptr->gres_list_req && !list_find_first(job_ptr->gres_list_req, _is_uneven, NULL) &&
	       !details->overcommit && !_given(details->ntasks_per_tres) && !_given(details->max_cpus) &&
	       _given(details->min_cpus) % nodes == 0 && _given(details->num_tasks) % nodes == 0;
}

static uint32_t _share(uint32_t total, uint32_t nodes, uint32_t fewer)
{
	return _given(total) ? total / nodes * fewer : total;
}

extern void aif_compat_job_shrink(job_record_t *job_ptr, uint32_t nodes, uint32_t fewer)
{
	job_details_t *details = job_ptr->details;

	details->min_cpus = _share(details->min_cpus, nodes, fewer);
	details->num_tasks = _share(details->num_tasks, nodes, fewer);
	details->min_nodes = fewer;
	details->max_nodes = fewer;
}

extern void aif_compat_job_save(const job_record_t *job_ptr, struct aif_job_saved *ret_saved)
{
	ret_saved->pn_min_memory = job_ptr->details->pn_min_memory;
	ret_saved->min_cpus = job_ptr->details->min_cpus;
	ret_saved->num_tasks = job_ptr->details->num_tasks;
	ret_saved->min_nodes = job_ptr->details->min_nodes;
	ret_saved->max_nodes = job_ptr->details->max_nodes;
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
	job_ptr->details->num_tasks = saved->num_tasks;
	job_ptr->details->min_nodes = saved->min_nodes;
	job_ptr->details->max_nodes = saved->max_nodes;
	job_ptr->details->min_gres_cpu = saved->min_gres_cpu;
	job_ptr->details->min_job_gres_cpu = saved->min_job_gres_cpu;
	job_ptr->bit_flags = saved->bit_flags;
	job_ptr->best_switch = saved->best_switch;
	job_ptr->wait4switch_start = saved->wait4switch_start;
	job_ptr->start_time = saved->start_time;
}
