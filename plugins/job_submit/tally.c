/* tally.c - see tally.h */
#include "tally.h"

#include "charge.h"
#include "exclusive.h"
#include "job_alloc.h"
#include "job_fields.h"
#include "rules.h"
#include "tally_table.h"

#include <pthread.h>
#include <string.h>

static struct {
	pthread_mutex_t mutex; /* the last one taken, see tally_table.h for what it need not guard */
	struct aif_tally_table *table;
	bool looking;
} tally = { .mutex = PTHREAD_MUTEX_INITIALIZER };

extern bool aif_tally_needed(const struct aif_policy *policy)
{
	bool needed = policy->count_pending;

	for (size_t i = 0; i < policy->mode_count && !needed; i++)
		needed = policy->modes[i].has_inference_share;
	return needed;
}

extern bool aif_tally_counts(const char *held_for)
{
	return !held_for || (strcmp(held_for, AIF_Q_LEFT) && strcmp(held_for, AIF_Q_PACE));
}

static struct aif_tally_table *_table(void)
{
	if (!tally.table)
		tally.table = aif_tally_table_create();
	return tally.table;
}

extern void aif_tally_add(const struct aif_policy *policy, const struct aif_alloc *alloc, uint64_t secs,
			  bool inference)
{
	struct aif_tally_sum asked = { .pending = secs, .inference = inference ? secs : 0 };

	if (!policy->count_pending && !(inference && alloc->mode->has_inference_share))
		return;
	pthread_mutex_lock(&tally.mutex);
	if (_table())
		aif_tally_table_note(tally.table, alloc->id, &asked, time(NULL));
	pthread_mutex_unlock(&tally.mutex);
}

static uint64_t _more(uint64_t after, uint64_t before)
{
	return after > before ? after - before : 0;
}

extern void aif_tally_grow(const struct aif_policy *policy, const struct aif_alloc *alloc, uint64_t asked_secs,
			   bool inference, const struct aif_usage *before)
{
	struct aif_tally_sum more = { 0 };

	if (policy->count_pending)
		more.pending = _more(asked_secs, before->pending_secs);
	if (inference && alloc->mode->has_inference_share)
		more.inference = _more(asked_secs, before->inference_secs);
	if (!more.pending && !more.inference)
		return;
	pthread_mutex_lock(&tally.mutex);
	if (_table())
		aif_tally_table_grow(tally.table, alloc->id, &more);
	pthread_mutex_unlock(&tally.mutex);
}

extern void aif_tally_fill(const struct aif_policy *policy, const struct aif_alloc *alloc, struct aif_usage *usage)
{
	struct aif_tally_sum sum = { 0 };

	if (policy->count_pending || alloc->mode->has_inference_share) {
		pthread_mutex_lock(&tally.mutex);
		if (tally.table)
			aif_tally_table_get(tally.table, alloc->id, &sum);
		pthread_mutex_unlock(&tally.mutex);
	}
	usage->pending_secs = policy->count_pending ? sum.pending : 0;
	usage->inference_secs = alloc->mode->has_inference_share ? sum.inference : 0;
}

/* ---- what one record costs ---- */

/* As at submission: a job that gets whole nodes is counted with all GPUs of them. */
static uint64_t _with_whole_nodes(const job_record_t *job_ptr, uint64_t gpus)
{
	job_desc_msg_t desc;

	if (job_ptr->details->whole_node != WHOLE_NODE_REQUIRED && (!job_ptr->part_ptr || job_ptr->part_ptr->max_share))
		return gpus;
	slurm_init_job_desc_msg(&desc);
	if (job_ptr->details->whole_node == WHOLE_NODE_REQUIRED)
		desc.shared = JOB_SHARED_NONE;
	return aif_exclusive_gpus(&desc, job_ptr->partition, job_ptr->details->min_nodes, gpus);
}

static uint64_t _count_at(const uint64_t *counts, int position)
{
	if (!counts || position < 0 || counts[position] >= NO_CONSUME_VAL64)
		return 0;
	return counts[position];
}

static uint64_t _product(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t _units(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
		       const struct aif_charge *charge)
{
	const uint64_t *counts = IS_JOB_PENDING(job_ptr) ? job_ptr->tres_req_cnt : job_ptr->tres_alloc_cnt;
	assoc_mgr_lock_t locks = { .tres = READ_LOCK };
	uint64_t units;

	assoc_mgr_lock(&locks);
	units = _count_at(counts, aif_charge_position(charge, snapshot->policy->gpu_tres));
	assoc_mgr_unlock(&locks);
	if (charge->tres == AIF_CHARGE_GPU && IS_JOB_PENDING(job_ptr) && job_ptr->details)
		units = _with_whole_nodes(job_ptr, units);
	return units;
}

/* Up to the time limit, all waiting tasks of an array together; for a job that ended, what it used. */
static uint64_t _cost(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
		      const struct aif_charge *charge)
{
	uint32_t minutes = aif_job_minutes(job_ptr);
	uint64_t secs = minutes == AIF_MINUTES_UNKNOWN ? 0 : (uint64_t) minutes * 60;

	if (IS_JOB_FINISHED(job_ptr) && job_ptr->start_time)
		secs = MAX(job_ptr->end_time - job_ptr->start_time, 0);
	else if (IS_JOB_FINISHED(job_ptr))
		secs = 0;
	secs = _product(_units(snapshot, job_ptr, charge), secs);
	if (IS_JOB_PENDING(job_ptr))
		secs = _product(secs, aif_job_fields_tasks(job_ptr));
	return aif_charge_cost(charge, secs);
}

static bool _is_inference(const job_record_t *job_ptr)
{
	struct aif_admincomment mark;

	return aif_job_mark_with(job_ptr, "inference", &mark) && !strcmp(mark.purpose, "inference");
}

/* Above 100 % of the amount: what waits there takes nothing from the amount. */
static bool _is_free(const job_record_t *job_ptr, const struct aif_alloc *alloc)
{
	return alloc->free_qos && job_ptr->qos_ptr && !xstrcasecmp(job_ptr->qos_ptr->name, alloc->free_qos);
}

static bool _waits_for_budget(const job_record_t *job_ptr)
{
	struct aif_admincomment mark;

	return !job_ptr->priority && aif_job_mark_with(job_ptr, "\"hold\"", &mark) && !aif_tally_counts(mark.hold);
}

/* Jobs that ended count until the balances have them. */
static bool _is_booked(const struct aif_snapshot *snapshot, const job_record_t *job_ptr)
{
	return IS_JOB_FINISHED(job_ptr) && snapshot->balances &&
	       job_ptr->end_time < aif_balances_at(snapshot->balances);
}

static void _sum(const struct aif_snapshot *snapshot, const job_record_t *job_ptr, const struct aif_alloc *alloc,
		 uint64_t cost, struct aif_tally_sum *ret_sum)
{
	ret_sum->pending = ret_sum->inference = 0;
	if (IS_JOB_PENDING(job_ptr) && !_is_free(job_ptr, alloc) && !_waits_for_budget(job_ptr))
		ret_sum->pending = cost;
	if (alloc->mode->has_inference_share && !_is_booked(snapshot, job_ptr) && _is_inference(job_ptr))
		ret_sum->inference = cost;
}

extern void aif_tally_of_job(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
			     const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
	struct aif_tally_sum sum;

	memset(ret_usage, 0, sizeof(*ret_usage));
	_sum(snapshot, job_ptr, alloc, _cost(snapshot, job_ptr, &alloc->charge), &sum);
	ret_usage->pending_secs = snapshot->policy->count_pending ? sum.pending : 0;
	ret_usage->inference_secs = sum.inference;
}

/* ---- a look at the queue ---- */

extern void aif_tally_begin(const struct aif_snapshot *snapshot)
{
	pthread_mutex_lock(&tally.mutex);
	tally.looking = aif_tally_needed(snapshot->policy) && _table();
	if (tally.looking)
		aif_tally_table_begin(tally.table);
	pthread_mutex_unlock(&tally.mutex);
}

extern void aif_tally_see(const struct aif_snapshot *snapshot, const job_record_t *job_ptr,
			  const struct aif_alloc *alloc)
{
	struct aif_tally_sum sum;
	uint64_t cost;

	if (!tally.looking)
		return;
	cost = _cost(snapshot, job_ptr, &alloc->charge);
	_sum(snapshot, job_ptr, alloc, cost, &sum);
	aif_tally_table_see(tally.table, alloc->id, cost, &sum,
			    job_ptr->details ? job_ptr->details->submit_time : 0);
}

extern void aif_tally_end(void)
{
	if (!tally.looking)
		return;
	pthread_mutex_lock(&tally.mutex);
	aif_tally_table_end(tally.table);
	tally.looking = false;
	pthread_mutex_unlock(&tally.mutex);
}

extern void aif_tally_forget(void)
{
	pthread_mutex_lock(&tally.mutex);
	aif_tally_table_destroy(tally.table);
	tally.table = NULL;
	tally.looking = false;
	pthread_mutex_unlock(&tally.mutex);
}
