/* select_held.c - see select_held.h */
#include "select_held.h"

#include "src/common/job_resources.h"

#pragma weak job_list

extern bool aif_compat_job_holds(const job_record_t *job_ptr)
{
	return (IS_JOB_RUNNING(job_ptr) || IS_JOB_SUSPENDED(job_ptr)) && aif_compat_job_given(job_ptr);
}

extern const bitstr_t *aif_compat_job_given(const job_record_t *job_ptr)
{
	const job_resources_t *held = job_ptr->job_resrcs;

	return held && held->cpus && held->core_bitmap ? held->node_bitmap : NULL;
}

static int _is_gpu(void *x, void *key)
{
	const gres_state_t *state = x;

	(void)key;
	return state->gres_data && !xstrcmp(state->gres_name, "gpu");
}

struct gpus_on {
	uint32_t given;
	uint64_t count;
};

static int _add_gpus(void *x, void *arg)
{
	const gres_state_t *state = x;
	const gres_job_state_t *gres = state->gres_data;
	struct gpus_on *on = arg;

	if (!_is_gpu(x, NULL) || on->given >= gres->node_cnt)
		return 0;
	if (gres->gres_bit_alloc && gres->gres_bit_alloc[on->given])
		on->count += (uint64_t)bit_set_count(gres->gres_bit_alloc[on->given]);
	else if (gres->gres_cnt_node_alloc)
		on->count += gres->gres_cnt_node_alloc[on->given];
	return 0;
}

static uint8_t _gpus_on(const job_record_t *job_ptr, uint32_t given)
{
	struct gpus_on on = {.given = given};

	if (job_ptr->gres_list_alloc)
		(void)list_for_each(job_ptr->gres_list_alloc, _add_gpus, &on);
	return (uint8_t)MIN(on.count, UINT8_MAX);
}

extern uint32_t aif_compat_job_end(const job_record_t *job_ptr)
{
	return (uint32_t)MIN(MAX(job_ptr->end_time, 0), UINT32_MAX);
}

extern bool aif_compat_job_held(const job_record_t *job_ptr, uint32_t given, struct aif_held *ret_held)
{
	const job_resources_t *held = job_ptr->job_resrcs;

	if (given >= held->nhosts || !held->cpus[given])
		return false;
	ret_held->job_id = job_ptr->job_id;
	ret_held->until = aif_compat_job_end(job_ptr);
	ret_held->memory = held->memory_allocated ? held->memory_allocated[given] : 0;
	ret_held->gpus = _gpus_on(job_ptr, given);
	ret_held->sharing = AIF_SHARING_CORES;
	if (held->node_req == NODE_CR_ONE_ROW)
		ret_held->sharing = AIF_SHARING_NODE;
	else if (held->node_req == NODE_CR_RESERVED)
		ret_held->sharing = AIF_SHARING_NOTHING;
	/* Priority 0 is how slurmctld marks jobs that wait for an operator, not for a time slice. */
	ret_held->has_no_cores = IS_JOB_SUSPENDED(job_ptr) && !job_ptr->priority;
	return true;
}

extern int aif_compat_job_given_number(const job_record_t *job_ptr, uint32_t node)
{
	bitstr_t *given = (bitstr_t *)aif_compat_job_given(job_ptr);

	if (!given || node >= bit_size(given) || !bit_test(given, node))
		return -1;
	return bit_set_count_range(given, 0, node);
}

static uint16_t _cores_between(bitstr_t *cores, bitoff_t from, bitoff_t to)
{
	to = MIN(to, bit_size(cores));
	return from < to ? (uint16_t)bit_set_count_range(cores, (int32_t)from, (int32_t)to) : 0;
}

extern uint16_t aif_compat_job_cores(const job_record_t *job_ptr, uint32_t given,
				     const struct aif_node_shape *shape, uint16_t *ret_by_socket)
{
	job_resources_t *held = job_ptr->job_resrcs;
	int first = get_job_resources_offset(held, given, 0, 0);

	if (first < 0)
		return 0;
	for (int s = 0; s < shape->sockets; s++)
		ret_by_socket[s] = _cores_between(held->core_bitmap, first + s * shape->socket_cores,
						  first + (s + 1) * shape->socket_cores);
	return _cores_between(held->core_bitmap, first, first + shape->all_cores);
}

extern const job_record_t *aif_compat_job_by_id(uint32_t job_id)
{
	return find_job_record(job_id);
}

extern void aif_compat_jobs_each(int (*see)(void *job_ptr, void *arg), void *arg)
{
	if (job_list)
		(void)list_for_each(job_list, see, arg);
}

extern uint32_t aif_compat_node_running(const node_record_t *node)
{
	return node->run_job_cnt;
}
