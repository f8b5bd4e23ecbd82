/* job_env.c - see job_env.h */
#include "job_env.h"

#include "admincomment.h"
#include "env_list.h"

static void _set(job_details_t *details, const char *name, const char *value)
{
	uint32_t count = details->env_cnt;

	if (!value[0])
		return;
	aif_env_list_set(&details->env_sup, &count, name, value);
	details->env_cnt = (uint16_t) count;
}

extern void aif_job_env_apply(job_record_t *job_ptr)
{
	job_details_t *details = job_ptr->details;
	struct aif_admincomment ours;

	if (!details || job_ptr->batch_flag || !IS_JOB_PENDING(job_ptr))
		return;
	if (aif_admincomment_read(job_ptr->admin_comment, &ours) <= 0)
		return;
	_set(details, "AIF_MODE", ours.mode);
	_set(details, "AIF_ALLOCATION", ours.alloc);
	_set(details, "AIF_RESIDENCY", ours.residency);
}
