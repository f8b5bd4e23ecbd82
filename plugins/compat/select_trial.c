/* select_trial.c - see select_trial.h */
#include "select_trial.h"

#include <stdlib.h>

/* Outside of slurmctld these do not exist. */
#pragma weak cg_node_bitmap
#pragma weak node_record_count
#pragma weak node_record_table_ptr
#pragma weak rs_node_bitmap

/* What a call may change, beside what the wrapper itself puts back after a proposal. */
struct trace {
	struct aif_job_saved saved;
	uint32_t total_cpus;
	uint32_t req_switch;
	uint16_t cpus_per_task;
	job_resources_t *job_resrcs;
	list_t *gres_req;
	list_t *gres_accum;
#if AIF_SLURM_AT_LEAST(24, 11)
	bitstr_t *node_bitmap_preempt;
	list_t *licenses_to_preempt;
#endif
	uint64_t *sched_weights;
	uint32_t *usable_nodes; /* of the candidates for preemption, in their order */
};

static int _append(void *x, void *list)
{
	list_append(list, x);
	return 0;
}

static list_t *_copy_list(list_t *from)
{
	list_t *to = from ? list_create(NULL) : NULL;

	if (to)
		(void)list_for_each(from, _append, to);
	return to;
}

/* Each visit of a list of jobs takes the next number. */
struct usable {
	uint32_t *numbers;
	size_t next;
};

static int _usable_save(void *x, void *arg)
{
	const job_record_t *job_ptr = x;
	struct usable *usable = arg;

	usable->numbers[usable->next++] = job_ptr->details ? job_ptr->details->usable_nodes : 0;
	return 0;
}

static int _usable_restore(void *x, void *arg)
{
	job_record_t *job_ptr = x;
	struct usable *usable = arg;

	if (job_ptr->details)
		job_ptr->details->usable_nodes = usable->numbers[usable->next];
	usable->next++;
	return 0;
}

static void _visit_usable(list_t *jobs, uint32_t *numbers, ListForF visit)
{
	struct usable usable = {.numbers = numbers};

	if (jobs)
		(void)list_for_each(jobs, visit, &usable);
}

static void _save_weights(struct trace *trace)
{
	trace->sched_weights = xcalloc(node_record_count + 1, sizeof(*trace->sched_weights));
	for (int i = 0; i < node_record_count; i++) {
		if (node_record_table_ptr[i])
			trace->sched_weights[i] = node_record_table_ptr[i]->sched_weight;
	}
}

static void _restore_weights(struct trace *trace)
{
	for (int i = 0; i < node_record_count; i++) {
		if (node_record_table_ptr[i])
			node_record_table_ptr[i]->sched_weight = trace->sched_weights[i];
	}
	xfree(trace->sched_weights);
}

static void _save(const struct aif_job_test *test, struct trace *ret_trace)
{
	job_record_t *job_ptr = test->job_ptr;
	list_t *jobs = test->preemptee_candidates;

	aif_compat_job_save(job_ptr, &ret_trace->saved);
	ret_trace->total_cpus = job_ptr->total_cpus;
	ret_trace->req_switch = job_ptr->req_switch;
	ret_trace->cpus_per_task = job_ptr->details->cpus_per_task;
	ret_trace->job_resrcs = job_ptr->job_resrcs;
	job_ptr->job_resrcs = NULL;
	/* The choice of devices is written into the request itself. */
	ret_trace->gres_req = job_ptr->gres_list_req;
	ret_trace->gres_accum = job_ptr->gres_list_req_accum;
	job_ptr->gres_list_req = gres_job_state_list_dup(job_ptr->gres_list_req);
	job_ptr->gres_list_req_accum = NULL;
#if AIF_SLURM_AT_LEAST(24, 11)
	ret_trace->node_bitmap_preempt = job_ptr->node_bitmap_preempt;
	ret_trace->licenses_to_preempt = job_ptr->licenses_to_preempt;
	job_ptr->node_bitmap_preempt = NULL;
	job_ptr->licenses_to_preempt = NULL;
#endif
	_save_weights(ret_trace);
	ret_trace->usable_nodes = xcalloc((jobs ? list_count(jobs) : 0) + 1,
					  sizeof(*ret_trace->usable_nodes));
	_visit_usable(jobs, ret_trace->usable_nodes, _usable_save);
}

static void _put_back(const struct aif_job_test *test, struct trace *trace)
{
	job_record_t *job_ptr = test->job_ptr;

	aif_compat_job_restore(job_ptr, &trace->saved);
	job_ptr->total_cpus = trace->total_cpus;
	job_ptr->req_switch = trace->req_switch;
	job_ptr->details->cpus_per_task = trace->cpus_per_task;
	free_job_resources(&job_ptr->job_resrcs);
	job_ptr->job_resrcs = trace->job_resrcs;
	FREE_NULL_LIST(job_ptr->gres_list_req);
	FREE_NULL_LIST(job_ptr->gres_list_req_accum);
	job_ptr->gres_list_req = trace->gres_req;
	job_ptr->gres_list_req_accum = trace->gres_accum;
#if AIF_SLURM_AT_LEAST(24, 11)
	FREE_NULL_BITMAP(job_ptr->node_bitmap_preempt);
	FREE_NULL_LIST(job_ptr->licenses_to_preempt);
	job_ptr->node_bitmap_preempt = trace->node_bitmap_preempt;
	job_ptr->licenses_to_preempt = trace->licenses_to_preempt;
#endif
	_restore_weights(trace);
	_visit_usable(test->preemptee_candidates, trace->usable_nodes, _usable_restore);
	xfree(trace->usable_nodes);
}

/* GPUs that were chosen on a set of nodes. */
struct gpus {
	bitstr_t *nodes;
	uint64_t count;
};

static int _add_gpus(void *x, void *arg)
{
	const gres_state_t *state = x;
	const gres_job_state_t *gres = state->gres_data;
	struct gpus *gpus = arg;

	if (!gres || xstrcmp(state->gres_name, "gpu"))
		return 0;
	for (uint32_t i = 0; i < gres->total_node_cnt && i < bit_size(gpus->nodes); i++) {
		if (!bit_test(gpus->nodes, i))
			continue;
		if (gres->gres_bit_select && gres->gres_bit_select[i])
			gpus->count += bit_set_count(gres->gres_bit_select[i]);
		else if (gres->gres_cnt_node_select)
			gpus->count += gres->gres_cnt_node_select[i];
	}
	return 0;
}

extern void aif_compat_trial_read(const struct aif_job_test *test, int rc,
				  struct aif_trial *ret_trial)
{
	struct gpus gpus = {.nodes = test->bitmap};

	if (rc == SLURM_SUCCESS && test->job_ptr->gres_list_req)
		(void)list_for_each(test->job_ptr->gres_list_req, _add_gpus, &gpus);
	*ret_trial = (struct aif_trial){
	    .rc = rc,
	    .nodes = bit_copy(test->bitmap),
	    .start_time = test->job_ptr->start_time,
	    .total_cpus = test->job_ptr->total_cpus,
	    .gpus = gpus.count,
	};
	if (test->preemptee_job_list && *test->preemptee_job_list)
		ret_trial->preempted = (uint32_t)list_count(*test->preemptee_job_list);
}

extern void aif_compat_trial(const struct aif_select_ops *ops, const struct aif_job_test *test,
			     struct aif_trial *ret_trial)
{
	list_t *preempted = NULL;
	struct aif_job_test copy = *test;
	struct trace trace;

	copy.bitmap = bit_copy(test->bitmap);
	copy.preemptee_candidates = _copy_list(test->preemptee_candidates);
	if (test->preemptee_job_list) {
		preempted = _copy_list(*test->preemptee_job_list);
		copy.preemptee_job_list = &preempted;
	}
	_save(test, &trace);
	aif_compat_trial_read(&copy, aif_compat_job_test(ops, &copy), ret_trial);
	_put_back(test, &trace);
	FREE_NULL_LIST(preempted);
	FREE_NULL_LIST(copy.preemptee_candidates);
	FREE_NULL_BITMAP(copy.bitmap);
}

extern void aif_compat_trial_clear(struct aif_trial *trial)
{
	FREE_NULL_BITMAP(trial->nodes);
}

extern bool aif_compat_nodes_hold_up(bitstr_t *nodes)
{
	return (cg_node_bitmap && bit_overlap_any(nodes, cg_node_bitmap)) ||
	       (rs_node_bitmap && bit_overlap_any(nodes, rs_node_bitmap));
}

/* SLURM_ERROR where the code says that the nodes lack room below one switch. */
static int _plain_refusal(int rc)
{
#if AIF_SLURM_AT_LEAST(24, 11)
	if (rc == ESLURM_REQUESTED_TOPO_CONFIG_UNAVAILABLE)
		return SLURM_ERROR;
#endif
#if AIF_SLURM_AT_LEAST(26, 5)
	if (IS_TOPO_ERROR(rc))
		return SLURM_ERROR;
#endif
	return rc;
}

extern bool aif_compat_is_same_refusal(int one, int other)
{
	return _plain_refusal(one) == _plain_refusal(other);
}
