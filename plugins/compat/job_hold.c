/* job_hold.c - see job_hold.h */
#include "job_hold.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include "src/slurmctld/acct_policy.h"
#pragma GCC diagnostic pop

/* Data of slurmctld: weak, so that the plugin can be loaded (and inspected) where there is none. */
extern time_t last_job_update __attribute__((weak));

/* One priority for each partition of a list. */
static uint32_t *_part_priorities(job_record_t *job_ptr)
{
#if AIF_SLURM_AT_LEAST(25, 5)
	return job_ptr->prio_mult ? job_ptr->prio_mult->priority_array : NULL;
#elif AIF_SLURM_AT_LEAST(24, 5)
	return job_ptr->part_prio ? job_ptr->part_prio->priority_array : NULL;
#else
	return job_ptr->priority_array;
#endif
}

static void _zero_part_priorities(job_record_t *job_ptr)
{
	uint32_t *priorities = _part_priorities(job_ptr);
	int count = job_ptr->part_ptr_list ? list_count(job_ptr->part_ptr_list) : 0;

	for (int i = 0; priorities && i < count; i++)
		priorities[i] = 0;
}

/* The wait so far does not count as waiting for its turn. */
static void _forget_begin(job_record_t *job_ptr)
{
	if (job_ptr->details && job_ptr->details->begin_time < time(NULL))
		job_ptr->details->begin_time = 0;
}

extern void aif_job_hold_reason(job_record_t *job_ptr, const char *reason)
{
	job_ptr->state_reason = WAIT_HELD;
	if (xstrcmp(job_ptr->state_desc, reason)) {
		xfree(job_ptr->state_desc);
		job_ptr->state_desc = xstrdup(reason);
	}
	last_job_update = time(NULL);
}

extern void aif_job_hold_to_user(job_record_t *job_ptr)
{
	job_ptr->state_reason = WAIT_HELD_USER;
	xfree(job_ptr->state_desc);
	last_job_update = time(NULL);
}

extern void aif_job_hold(job_record_t *job_ptr, const char *reason)
{
	job_ptr->direct_set_prio = 1;
	job_ptr->priority = 0;
	_forget_begin(job_ptr);
	acct_policy_remove_accrue_time(job_ptr, false);
	_zero_part_priorities(job_ptr);
	aif_job_hold_reason(job_ptr, reason);
}

static int _is_named(void *x, void *key)
{
	const slurmdb_qos_rec_t *qos = x;

	return !xstrcasecmp(qos->name, key);
}

/* Who removes a QOS waits for the job write lock before it frees the record. */
static slurmdb_qos_rec_t *_allowed_qos(const job_record_t *job_ptr, const char *name)
{
	assoc_mgr_lock_t locks = { .assoc = READ_LOCK, .qos = READ_LOCK };
	const slurmdb_assoc_rec_t *assoc = job_ptr->assoc_ptr;
	slurmdb_qos_rec_t *qos = NULL;

	assoc_mgr_lock(&locks);
	if (assoc_mgr_qos_list)
		qos = list_find_first_ro(assoc_mgr_qos_list, _is_named, (void *) name);
	if (qos && (!assoc || !assoc->usage || !assoc->usage->valid_qos ||
		    qos->id >= bit_size(assoc->usage->valid_qos) || !bit_test(assoc->usage->valid_qos, qos->id)))
		qos = NULL;
	assoc_mgr_unlock(&locks);
	return qos;
}

static void _set_qos(job_record_t *job_ptr, slurmdb_qos_rec_t *qos)
{
	job_ptr->qos_id = qos->id;
	job_ptr->qos_ptr = qos;
#if AIF_SLURM_AT_LEAST(24, 11)
	FREE_NULL_LIST(job_ptr->qos_list);
	xfree(job_ptr->details->qos_req);
	job_ptr->details->qos_req = xstrdup(qos->name);
#endif
}

extern bool aif_job_move_qos(job_record_t *job_ptr, const char *name)
{
	slurmdb_qos_rec_t *qos = _allowed_qos(job_ptr, name);

	if (!qos)
		return false;
	if (qos == job_ptr->qos_ptr)
		return true;
#if AIF_SLURM_AT_LEAST(23, 11)
	acct_policy_remove_job_submit(job_ptr, false);
	_set_qos(job_ptr, qos);
	acct_policy_add_job_submit(job_ptr, false);
#else
	acct_policy_remove_job_submit(job_ptr);
	_set_qos(job_ptr, qos);
	acct_policy_add_job_submit(job_ptr);
#endif
	last_job_update = time(NULL);
	return true;
}

extern void aif_job_release(job_record_t *job_ptr)
{
	_forget_begin(job_ptr);
	job_ptr->direct_set_prio = 0;
	set_job_prio(job_ptr);
	job_ptr->state_reason = WAIT_NO_REASON;
	xfree(job_ptr->state_desc);
	last_job_update = time(NULL);
}
