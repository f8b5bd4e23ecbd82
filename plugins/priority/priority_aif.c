/*
 * priority_aif.c - priority/aif: priority/multifactor with the lanes of slurm-aif
 *
 * Everything is multifactor's, but before a job's priority is computed its site factor gets the lane of its mode, and
 * after that it is levelled with its lane. A thread of its own brings waiting jobs up to date.
 */
#include "priority_api.h"
#include "job_env.h"
#include "lane_apply.h"
#include "lane_thread.h"
#include "snapwatch.h"

AIF_EXPORT const char plugin_name[] = "Priority plugin of slurm-aif around multifactor";
AIF_EXPORT const char plugin_type[] = "priority/aif";
AIF_EXPORT const uint32_t plugin_version = AIF_PLUGIN_VERSION;

extern AIF_EXPORT int init(void)
{
	if (aif_snapwatch_start(plugin_type) != SLURM_SUCCESS)
		return SLURM_ERROR;
	if (aif_multifactor_open() == SLURM_SUCCESS) {
		if (aif_lane_thread_start(plugin_type) == SLURM_SUCCESS)
			return SLURM_SUCCESS;
		aif_multifactor_close();
	}
	aif_snapwatch_stop();
	return SLURM_ERROR;
}

extern AIF_EXPORT int fini(void)
{
	aif_lane_thread_stop();
	aif_multifactor_close();
	aif_snapwatch_stop();
	return SLURM_SUCCESS;
}

extern AIF_EXPORT uint32_t priority_p_set(uint32_t last_prio, job_record_t *job_ptr)
{
	(void) aif_lane_apply(job_ptr);
	aif_job_env_apply(job_ptr);
	return aif_lane_apply_level(job_ptr, aif_multifactor.set(last_prio, job_ptr));
}

extern AIF_EXPORT void priority_p_reconfig(bool assoc_clear)
{
	aif_multifactor.reconfig(assoc_clear);
}

extern AIF_EXPORT void priority_p_set_assoc_usage(slurmdb_assoc_rec_t *assoc)
{
	aif_multifactor.set_assoc_usage(assoc);
}

extern AIF_EXPORT void priority_p_job_end(job_record_t *job_ptr)
{
	aif_multifactor.job_end(job_ptr);
}

AIF_FORWARD_FACTORS
AIF_FORWARD_FS_FACTOR
AIF_FORWARD_RECOVER
AIF_FORWARD_THREAD_START
