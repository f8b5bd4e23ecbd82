/*
 * site_factor_aif.c - site_factor/aif: the lanes of slurm-aif for priority/multifactor
 *
 * multifactor calls it for each job whose priority it computes, and once per PriorityCalcPeriod before it recomputes
 * all of them, both under the job write lock.
 */
#include "slurmctld.h"
#include "job_env.h"
#include "lane_apply.h"
#include "snapwatch.h"

AIF_EXPORT const char plugin_name[] = "Site factor plugin of slurm-aif";
AIF_EXPORT const char plugin_type[] = "site_factor/aif";
AIF_EXPORT const uint32_t plugin_version = AIF_PLUGIN_VERSION;

extern AIF_EXPORT int init(void)
{
	return aif_snapwatch_start(plugin_type);
}

extern AIF_EXPORT int fini(void)
{
	aif_snapwatch_stop();
	return SLURM_SUCCESS;
}

/* Required up to 23.11; the configuration is watched anyway. */
extern AIF_EXPORT void site_factor_p_reconfig(void);
extern AIF_EXPORT void site_factor_p_reconfig(void)
{
}

extern AIF_EXPORT void site_factor_p_set(job_record_t *job_ptr);
extern AIF_EXPORT void site_factor_p_set(job_record_t *job_ptr)
{
	aif_lane_apply(job_ptr);
	aif_job_env_apply(job_ptr);
}

extern AIF_EXPORT void site_factor_p_update(void);
extern AIF_EXPORT void site_factor_p_update(void)
{
	aif_lane_apply_pending();
}
