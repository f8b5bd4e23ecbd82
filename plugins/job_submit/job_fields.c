/* job_fields.c - see job_fields.h */
#include "job_fields.h"

#include "gres_count.h"

#include <string.h>

static char *_qos_of(job_record_t *job_ptr)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK };
	char *name = NULL;

	assoc_mgr_lock(&locks);
	if (job_ptr->qos_ptr)
		name = xstrdup(job_ptr->qos_ptr->name);
	assoc_mgr_unlock(&locks);
	return name;
}

static char *_or(char *asked, char *now)
{
	return asked ? asked : now;
}

static uint32_t _or32(uint32_t asked, uint32_t now)
{
	return asked != NO_VAL ? asked : (now ? now : NO_VAL);
}

static uint16_t _or16(uint16_t asked, uint16_t now)
{
	return asked != NO_VAL16 ? asked : (now ? now : NO_VAL16);
}

static void _merge_size(const job_desc_msg_t *update, const job_record_t *job_ptr,
			job_desc_msg_t *merged)
{
	const job_details_t *details = job_ptr->details;

	if (details->whole_node == WHOLE_NODE_REQUIRED)
		merged->shared = JOB_SHARED_NONE;
	if (update->shared != NO_VAL16)
		merged->shared = update->shared;
	merged->min_nodes = _or32(update->min_nodes, details->min_nodes);
	merged->max_nodes = _or32(update->max_nodes, details->max_nodes);
	merged->num_tasks = _or32(update->num_tasks, details->num_tasks);
	merged->min_cpus = _or32(update->min_cpus, details->min_cpus);
	merged->pn_min_cpus = _or16(update->pn_min_cpus, details->pn_min_cpus);
	merged->pn_min_memory = update->pn_min_memory != NO_VAL64 ? update->pn_min_memory
								  : details->pn_min_memory;
	merged->cpus_per_task = _or16(update->cpus_per_task, details->cpus_per_task);
	merged->ntasks_per_node = _or16(update->ntasks_per_node, details->ntasks_per_node);
	merged->ntasks_per_tres = _or16(update->ntasks_per_tres, details->ntasks_per_tres);
	merged->cpus_per_tres = _or(update->cpus_per_tres, job_ptr->cpus_per_tres);
	merged->tres_per_job = _or(update->tres_per_job, job_ptr->tres_per_job);
	merged->tres_per_node = _or(update->tres_per_node, job_ptr->tres_per_node);
	merged->tres_per_socket = _or(update->tres_per_socket, job_ptr->tres_per_socket);
	merged->tres_per_task = _or(update->tres_per_task, job_ptr->tres_per_task);
}

extern void aif_job_fields_merge(const job_desc_msg_t *update, job_record_t *job_ptr,
				 job_desc_msg_t *ret_merged)
{
	slurm_init_job_desc_msg(ret_merged);
	ret_merged->user_id = job_ptr->user_id;
	ret_merged->account = _or(update->account, job_ptr->account);
	ret_merged->partition = _or(update->partition, job_ptr->partition);
	ret_merged->time_limit = _or32(update->time_limit, job_ptr->time_limit);
	ret_merged->begin_time = update->begin_time ? update->begin_time
						    : job_ptr->details->begin_time;
	/*
	 * The QOS is owned here. It stays out when the account changes without it: then the new account's allocation
	 * brings its own.
	 */
	if (update->qos)
		ret_merged->qos = xstrdup(update->qos);
	else if (!update->account)
		ret_merged->qos = _qos_of(job_ptr);
	_merge_size(update, job_ptr, ret_merged);
}

extern void aif_job_fields_clear(job_desc_msg_t *merged)
{
	xfree(merged->qos);
}

extern uint32_t aif_job_fields_tasks(const job_record_t *job_ptr)
{
	uint32_t tasks = job_ptr->array_recs ? job_ptr->array_recs->task_cnt : 1;

	return tasks ? tasks : 1;
}

extern uint64_t aif_job_fields_gpus(const job_record_t *job_ptr)
{
	return aif_gres_count_list(job_ptr->gres_list_req);
}
