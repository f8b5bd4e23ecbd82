/* job_start.c - see job_start.h */
#include "job_start.h"

#include "job_alloc.h"

#include <string.h>

extern bool aif_job_is_overruled(const struct aif_admincomment *mark, const char *rule)
{
	size_t length = strlen(rule);

	return !strncmp(mark->override, rule, length) && mark->override[length] == ' ';
}

extern bool aif_job_may_start(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc,
			      const job_record_t *job_ptr, struct aif_decision *ret_decision)
{
	const char *user = job_ptr->assoc_ptr ? job_ptr->assoc_ptr->user : NULL;
	struct aif_admincomment mark;

	aif_decide_start(snapshot, alloc, user, aif_job_minutes(job_ptr), time(NULL), ret_decision);
	if (ret_decision->verdict != AIF_REJECT)
		return true;
	return aif_job_mark_with(job_ptr, "over", &mark) && aif_job_is_overruled(&mark, ret_decision->rule);
}
