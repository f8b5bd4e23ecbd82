/* gres_count.c - see gres_count.h */
#include "gres_count.h"

#include <string.h>

/*
 * The parser writes to every number that it is given and to none of the strings. So it gets copies of the numbers,
 * as one struct for readability.
 */
struct numbers {
	uint32_t num_tasks;
	uint32_t min_nodes;
	uint32_t max_nodes;
	uint32_t min_cpus;
	uint16_t ntasks_per_node;
	uint16_t ntasks_per_socket;
	uint16_t sockets_per_node;
	uint16_t cpus_per_task;
	uint16_t ntasks_per_tres;
};

static void _copy_numbers(const job_desc_msg_t *job_desc, struct numbers *ret_n)
{
	ret_n->num_tasks = job_desc->num_tasks;
	ret_n->min_nodes = job_desc->min_nodes;
	ret_n->max_nodes = job_desc->max_nodes;
	ret_n->min_cpus = job_desc->min_cpus;
	ret_n->ntasks_per_node = job_desc->ntasks_per_node;
	ret_n->ntasks_per_socket = job_desc->ntasks_per_socket;
	ret_n->sockets_per_node = job_desc->sockets_per_node;
	ret_n->cpus_per_task = job_desc->cpus_per_task;
	ret_n->ntasks_per_tres = job_desc->ntasks_per_tres;
}

#if AIF_SLURM_AT_LEAST(24, 5)
static int _parse(const job_desc_msg_t *job_desc, struct numbers *n, list_t **ret_list)
{
	gres_job_state_validate_t request = {
		.cpus_per_tres = job_desc->cpus_per_tres,
		.mem_per_tres = job_desc->mem_per_tres,
		.tres_freq = job_desc->tres_freq,
		.tres_per_job = job_desc->tres_per_job,
		.tres_per_node = job_desc->tres_per_node,
		.tres_per_socket = job_desc->tres_per_socket,
		.tres_per_task = job_desc->tres_per_task,
		.cpus_per_task = &n->cpus_per_task,
		.max_nodes = &n->max_nodes,
		.min_cpus = &n->min_cpus,
		.min_nodes = &n->min_nodes,
		.ntasks_per_node = &n->ntasks_per_node,
		.ntasks_per_socket = &n->ntasks_per_socket,
		.ntasks_per_tres = &n->ntasks_per_tres,
		.num_tasks = &n->num_tasks,
		.sockets_per_node = &n->sockets_per_node,
		.gres_list = ret_list,
	};

	return gres_job_state_validate(&request);
}
#else
static int _parse(const job_desc_msg_t *job_desc, struct numbers *n, list_t **ret_list)
{
	return gres_job_state_validate(job_desc->cpus_per_tres, job_desc->tres_freq,
				       job_desc->tres_per_job, job_desc->tres_per_node,
				       job_desc->tres_per_socket, job_desc->tres_per_task,
				       job_desc->mem_per_tres, &n->num_tasks, &n->min_nodes,
				       &n->max_nodes, &n->ntasks_per_node, &n->ntasks_per_socket,
				       &n->sockets_per_node, &n->cpus_per_task,
				       &n->ntasks_per_tres, ret_list);
}
#endif

static int _add_gpus(void *x, void *arg)
{
	const gres_state_t *state = x;
	const gres_job_state_t *job = state->gres_data;
	uint64_t *sum = arg;

	if (!xstrcmp(state->gres_name, "gpu"))
		*sum += MAX(job->total_gres, job->gres_per_job);
	return 0;
}

extern uint64_t aif_gres_count_list(list_t *gres_list)
{
	uint64_t sum = 0;

	if (gres_list)
		(void) list_for_each(gres_list, _add_gpus, &sum);
	return sum;
}

extern bool aif_gres_count(const job_desc_msg_t *job_desc, uint64_t *ret_gpus, uint32_t *ret_nodes)
{
	struct numbers n;
	list_t *list = NULL;
	bool understood;

	_copy_numbers(job_desc, &n);
	understood = _parse(job_desc, &n, &list) == SLURM_SUCCESS;
	if (understood) {
		*ret_gpus = aif_gres_count_list(list);
		*ret_nodes = n.min_nodes;
	}
	FREE_NULL_LIST(list);
	return understood;
}
