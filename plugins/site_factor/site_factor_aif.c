/*
 * site_factor_aif.c - site_factor/aif: the lanes of slurm-aif for priority/multifactor
 *
 * multifactor calls it for each job whose priority it computes, and once per PriorityCalcPeriod before it recomputes
 * all of them, both under the job write lock. A thread of its own brings waiting jobs up to date in between. Beside
 * priority/aif, which does the same, it does nothing.
 */
#include "slurmctld.h"
#include "job_env.h"
#include "lane_apply.h"
#include "lane_thread.h"
#include "rules.h"
#include "snapwatch.h"

AIF_EXPORT const char plugin_name[] = "Site factor plugin of slurm-aif";
AIF_EXPORT const char plugin_type[] = "site_factor/aif";
AIF_EXPORT const uint32_t plugin_version = AIF_PLUGIN_VERSION;

static bool passive;

extern AIF_EXPORT int init(void)
{
	passive = !xstrcasecmp(slurm_conf.priority_type, "priority/aif");
	if (passive) {
		info("%s: PriorityType=priority/aif gives the points of lanes, this plugin none (" AIF_C_TWICE
		     "); remove PrioritySiteFactorPlugin from slurm.conf", plugin_type);
		return SLURM_SUCCESS;
	}
	if (aif_snapwatch_start(plugin_type) != SLURM_SUCCESS)
		return SLURM_ERROR;
	if (aif_lane_thread_start(plugin_type) == SLURM_SUCCESS)
		return SLURM_SUCCESS;
	aif_snapwatch_stop();
	return SLURM_ERROR;
}

extern AIF_EXPORT int fini(void)
{
	aif_lane_thread_stop();
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
	if (passive)
		return;
	if (aif_lane_apply(job_ptr))
		aif_lane_apply_hurry();
	aif_job_env_apply(job_ptr);
}

extern AIF_EXPORT void site_factor_p_update(void);
extern AIF_EXPORT void site_factor_p_update(void)
{
	aif_lane_apply_pending();
}
