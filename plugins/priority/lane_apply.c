/* lane_apply.c - see lane_apply.h */
#include "lane_apply.h"

#include "lane.h"
#include "snapwatch.h"

#include <string.h>

/* Data of slurmctld: weak, since sshare loads priority plugins as well. */
extern list_t *job_list __attribute__((weak));

/* Cheaper than reading JSON, and as good: users cannot write admin_comment. */
static bool _was_ours(const job_record_t *job_ptr)
{
	return job_ptr->admin_comment && strstr(job_ptr->admin_comment, "\"aif\"");
}

static void _apply(const struct aif_snapshot *snapshot, job_record_t *job_ptr)
{
	const char *qos = job_ptr->qos_ptr ? job_ptr->qos_ptr->name : NULL;

	if (qos && aif_alloctable_by_qos(snapshot->allocs, qos))
		job_ptr->site_factor = NICE_OFFSET + aif_lane_factor(snapshot, qos);
	else if (_was_ours(job_ptr))
		job_ptr->site_factor = NICE_OFFSET;
}

extern void aif_lane_apply(job_record_t *job_ptr)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK };
	struct aif_snapshot *snapshot = aif_snapwatch_get();

	if (!snapshot)
		return;
	assoc_mgr_lock(&locks);
	_apply(snapshot, job_ptr);
	assoc_mgr_unlock(&locks);
	aif_snapshot_put(snapshot);
}

static int _apply_if_pending(void *x, void *arg)
{
	job_record_t *job_ptr = x;

	if (IS_JOB_PENDING(job_ptr))
		_apply(arg, job_ptr);
	return 0;
}

extern void aif_lane_apply_pending(void)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK };
	struct aif_snapshot *snapshot;

	if (!&job_list || !job_list || !(snapshot = aif_snapwatch_get()))
		return;
	assoc_mgr_lock(&locks);
	(void) list_for_each(job_list, _apply_if_pending, snapshot);
	assoc_mgr_unlock(&locks);
	aif_snapshot_put(snapshot);
}
