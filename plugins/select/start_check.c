/* start_check.c - see start_check.h */
#include "start_check.h"

#include "audit_job.h"
#include "job_alloc.h"
#include "job_start.h"
#include "snapwatch.h"

static bool _allows(const struct aif_snapshot *snapshot, const job_record_t *job_ptr)
{
	assoc_mgr_lock_t locks = {.assoc = READ_LOCK, .qos = READ_LOCK};
	const struct aif_alloc *alloc;
	struct aif_decision decision;
	bool allowed = true;

	assoc_mgr_lock(&locks);
	alloc = aif_job_alloc(snapshot, job_ptr);
	if (alloc)
		allowed = aif_job_may_start(snapshot, alloc, job_ptr, &decision);
	assoc_mgr_unlock(&locks);
	if (!allowed) {
		debug("%pJ does not start: %s", job_ptr, decision.message);
		audit_job_not_started(job_ptr, decision.rule, decision.message);
	}
	return allowed;
}

extern bool start_check_allows(const job_record_t *job_ptr)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	bool allowed = !snapshot || _allows(snapshot, job_ptr);

	aif_snapshot_put(snapshot);
	return allowed;
}
