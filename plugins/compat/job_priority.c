/* job_priority.c - see job_priority.h */
#include "job_priority.h"

/* Data of slurmctld: weak, since sshare loads priority plugins as well. */
extern time_t last_job_update __attribute__((weak));

/* One for each partition of a list (and, from 24.11 on, each QOS of one); NULL where there is no list. */
static uint32_t *_priorities(const job_record_t *job_ptr, int *ret_count)
{
	int count = job_ptr->part_ptr_list ? list_count(job_ptr->part_ptr_list) : 1;
	uint32_t *priorities;

#if AIF_SLURM_AT_LEAST(24, 11)
	if (job_ptr->qos_list)
		count *= list_count(job_ptr->qos_list);
	if (!job_ptr->qos_list && !job_ptr->part_ptr_list)
		return NULL;
#else
	if (!job_ptr->part_ptr_list)
		return NULL;
#endif
#if AIF_SLURM_AT_LEAST(25, 5)
	priorities = job_ptr->prio_mult ? job_ptr->prio_mult->priority_array : NULL;
#elif AIF_SLURM_AT_LEAST(24, 5)
	priorities = job_ptr->part_prio ? job_ptr->part_prio->priority_array : NULL;
#else
	priorities = job_ptr->priority_array;
#endif
	*ret_count = count;
	return priorities;
}

/* Slurm cuts priorities off at both ends: those tell nothing of their sum. */
static bool _is_inside(int64_t priority)
{
	return priority > 1 && priority < NO_VAL;
}

extern bool aif_job_has_turn(const job_record_t *job_ptr)
{
	return job_ptr->priority && !job_ptr->direct_set_prio && job_ptr->details;
}

/* From the parts that Slurm keeps for sprio, weighted already. */
static double _sum(const job_record_t *job_ptr)
{
	double sum = job_ptr->prio_factors->priority_age + job_ptr->prio_factors->priority_assoc +
		     job_ptr->prio_factors->priority_fs + job_ptr->prio_factors->priority_js +
		     job_ptr->prio_factors->priority_part + job_ptr->prio_factors->priority_qos;

	for (uint32_t i = 0; job_ptr->prio_factors->priority_tres && i < job_ptr->prio_factors->tres_cnt; i++)
		sum += job_ptr->prio_factors->priority_tres[i];
	return sum;
}

/* "scontrol top" moves nice and priority together. */
static int64_t _rest(const job_record_t *job_ptr, uint32_t priority)
{
	return (int64_t) priority - ((int64_t) job_ptr->prio_factors->priority_site - NICE_OFFSET) +
	       ((int64_t) job_ptr->details->nice - NICE_OFFSET);
}

extern bool aif_job_own_priority(const job_record_t *job_ptr, uint32_t priority, int32_t *ret_own)
{
	int64_t own;

	if (!job_ptr->prio_factors || !job_ptr->prio_factors->priority_site || !job_ptr->details)
		return false;
	own = _is_inside(priority) ? _rest(job_ptr, priority) : (int64_t) MIN(_sum(job_ptr), (double) INT32_MAX);
	*ret_own = (int32_t) MIN(MAX(own, -INT32_MAX), INT32_MAX);
	return true;
}

static bool _can_shift(const uint32_t *priorities, int count, int64_t by)
{
	for (int i = 0; i < count; i++) {
		if (!_is_inside(priorities[i]) || !_is_inside(priorities[i] + by))
			return false;
	}
	return true;
}

extern bool aif_job_shift(job_record_t *job_ptr, uint32_t *priority, uint32_t site_factor)
{
	int count = 0;
	uint32_t *priorities = _priorities(job_ptr, &count);
	int64_t by;

	if (!job_ptr->prio_factors || !job_ptr->prio_factors->priority_site)
		return false;
	by = (int64_t) site_factor - job_ptr->prio_factors->priority_site;
	if (by < 0 && (slurm_conf.priority_flags & PRIORITY_FLAGS_INCR_ONLY)) {
		job_ptr->site_factor = site_factor;
		return true;
	}
	if (!_can_shift(priority, 1, by) || (priorities && !_can_shift(priorities, count, by)))
		return false;
	for (int i = 0; priorities && i < count; i++)
		priorities[i] = (uint32_t) (priorities[i] + by);
	*priority = (uint32_t) (*priority + by);
	job_ptr->site_factor = job_ptr->prio_factors->priority_site = site_factor;
	return true;
}

extern void aif_job_set_site(job_record_t *job_ptr, uint32_t site_factor)
{
	uint32_t priority = job_ptr->priority;

	if (aif_job_shift(job_ptr, &priority, site_factor)) {
		job_ptr->priority = priority;
	} else {
		job_ptr->site_factor = site_factor;
		set_job_prio(job_ptr);
	}
	last_job_update = time(NULL);
}
