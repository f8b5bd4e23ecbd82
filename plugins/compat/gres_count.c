/* gres_count.c - see gres_count.h */
#include "gres_count.h"

#include <string.h>

#if AIF_SLURM_AT_LEAST(23, 11)
#define AIF_GRES_PREFIX "gres/"
#else
#define AIF_GRES_PREFIX "gres:"
#endif

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

/* "-N0-4" is one node at least: Slurm takes it, and runs it so. */
static uint32_t _min_nodes(const job_desc_msg_t *job_desc)
{
	return job_desc->min_nodes ? job_desc->min_nodes : 1;
}

static void _copy_numbers(const job_desc_msg_t *job_desc, struct numbers *ret_n)
{
	ret_n->num_tasks = job_desc->num_tasks;
	ret_n->min_nodes = _min_nodes(job_desc);
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

static uint64_t _sum(list_t *gres_list, int (*add)(void *state, void *sum))
{
	uint64_t sum = 0;

	if (gres_list)
		(void) list_for_each(gres_list, add, &sum);
	return sum;
}

extern uint64_t aif_gres_count_list(list_t *gres_list)
{
	return _sum(gres_list, _add_gpus);
}

extern bool aif_gres_list(const job_desc_msg_t *job_desc, list_t **ret_list, uint32_t *ret_nodes)
{
	struct numbers n;
	list_t *list = NULL;

	_copy_numbers(job_desc, &n);
	if (_parse(job_desc, &n, &list) != SLURM_SUCCESS) {
		FREE_NULL_LIST(list);
		return false;
	}
	*ret_list = list;
	*ret_nodes = n.min_nodes;
	return true;
}

__attribute__((hot)) static bool _asks_nothing(const job_desc_msg_t *job_desc)
{
	return !job_desc->cpus_per_tres && !job_desc->tres_per_job && !job_desc->tres_per_socket &&
	       !job_desc->tres_per_task && !job_desc->mem_per_tres &&
	       (!job_desc->ntasks_per_tres || job_desc->ntasks_per_tres == NO_VAL16);
}

/* A number up to UINT32_MAX without a sign or zeroes in front; 0: it is none. */
static uint64_t _number(const char *text)
{
	uint64_t number = 0;

	if (*text == '0')
		return 0;
	for (; *text >= '0' && *text <= '9' && number <= UINT32_MAX; text++)
		number = 10 * number + (uint64_t) (*text - '0');
	return *text || number > UINT32_MAX ? 0 : number;
}

/*
 * "gres:gpu:4" (from 23.11 on "gres/gpu:4"), any type in between, and nothing else about GRES: what most jobs ask. 0: it
 * is something else. The parser makes of it just that many for each node, and takes longer than all the rest of a
 * decision.
 */
static uint64_t _plain_per_node(const job_desc_msg_t *job_desc)
{
	static const char prefix[] = AIF_GRES_PREFIX "gpu:";
	const char *at = job_desc->tres_per_node, *count;

	if (!_asks_nothing(job_desc))
		return 0;
	for (size_t i = 0; i < sizeof(prefix) - 1; i++, at++) {
		if (*at != prefix[i])
			return 0;
	}
	for (count = at; *at; at++) {
		if (*at == ',')
			return 0;
		if (*at == ':')
			count = at + 1;
	}
	return _number(count);
}

static bool _count_plain(const job_desc_msg_t *job_desc, uint64_t *ret_gpus, uint32_t *ret_nodes)
{
	uint64_t each;

	if (!job_desc->tres_per_node) {
		if (!_asks_nothing(job_desc))
			return false;
		*ret_gpus = 0;
	} else {
		each = _plain_per_node(job_desc);
		if (!each)
			return false;
		*ret_gpus = each * (job_desc->min_nodes == NO_VAL ? 1 : _min_nodes(job_desc));
	}
	*ret_nodes = _min_nodes(job_desc);
	return true;
}

__attribute__((cold)) static bool _count_parsed(const job_desc_msg_t *job_desc, uint64_t *ret_gpus, uint32_t *ret_nodes)
{
	list_t *list = NULL;

	if (!aif_gres_list(job_desc, &list, ret_nodes))
		return false;
	*ret_gpus = aif_gres_count_list(list);
	FREE_NULL_LIST(list);
	return true;
}

extern bool aif_gres_count(const job_desc_msg_t *job_desc, uint64_t *ret_gpus, uint32_t *ret_nodes)
{
	return _count_plain(job_desc, ret_gpus, ret_nodes) || _count_parsed(job_desc, ret_gpus, ret_nodes);
}

/* Typed GRES count twice: under their type and without. */
static void _add_tres(const gres_state_t *state, char *name, uint64_t *tres)
{
	const gres_job_state_t *job = state->gres_data;
	slurmdb_tres_rec_t key = { .type = "gres", .name = name };
	int at = assoc_mgr_find_tres_pos(&key, true);

	if (at >= 0)
		tres[at] += MAX(job->total_gres, job->gres_per_job);
}

static int _add_all_tres(void *x, void *arg)
{
	const gres_state_t *state = x;
	const gres_job_state_t *job = state->gres_data;
	char *typed = NULL;

	_add_tres(state, state->gres_name, arg);
	if (job->type_name) {
		typed = xstrdup_printf("%s:%s", state->gres_name, job->type_name);
		_add_tres(state, typed, arg);
		xfree(typed);
	}
	return 0;
}

extern void aif_gres_tres(list_t *gres_list, uint64_t *tres)
{
	if (gres_list)
		(void) list_for_each(gres_list, _add_all_tres, tres);
}

static int _add_memory(void *x, void *arg)
{
	const gres_state_t *state = x;
	const gres_job_state_t *job = state->gres_data;
	uint64_t *sum = arg;

	*sum += job->mem_per_gres * MAX(job->total_gres, job->gres_per_job);
	return 0;
}

extern uint64_t aif_gres_memory(list_t *gres_list)
{
	return _sum(gres_list, _add_memory);
}
