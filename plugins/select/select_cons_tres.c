/*
 * select_cons_tres.c - the wrapper around select/cons_tres: what Slurm sees of it
 *
 * In slurmctld it gives no nodes to a job that may not start any more (start_check.h), removes nodes
 * outside of a job's data residency before cons_tres sees them (residency_mask.h), lets a tagged job start with a sealed
 * ticket only (sealer.h), offers cons_tres the nodes of the fewest islands first (narrow.h) and keeps count
 * of free GPUs (view.h). Everything else, and everything in other processes, goes straight to the
 * stock plugin (delegate.h).
 */
#include "select_api.h"

#include "audit.h"
#include "audit_job.h"
#include "counters.h"
#include "delegate.h"
#include "devices.h"
#include "gpu_counts.h"
#include "narrow.h"
#include "plan.h"
#include "residency_mask.h"
#include "score.h"
#include "sealer.h"
#include "select_held.h"
#include "snapwatch.h"
#include "stamp.h"
#include "start_check.h"
#include "view.h"

AIF_EXPORT const char plugin_name[] = "slurm-aif wrapper of select/cons_tres";
AIF_EXPORT const char plugin_type[] = "select/" AIF_SELECT_NAME;
AIF_EXPORT const uint32_t plugin_id = SELECT_PLUGIN_CONS_TRES;
AIF_EXPORT const uint32_t plugin_version = AIF_PLUGIN_VERSION;

/* Loaded into slurmctld; set once in init(). Anywhere else the wrapper only delegates. */
static bool active;

extern AIF_EXPORT int init(void);
extern AIF_EXPORT int fini(void);

static int _start(void)
{
	if (aif_snapwatch_start("select/" AIF_SELECT_NAME) != SLURM_SUCCESS)
		return SLURM_ERROR;
	if (aif_audit_start("select") == SLURM_SUCCESS && sealer_start() == SLURM_SUCCESS)
		return SLURM_SUCCESS;
	aif_audit_stop();
	aif_snapwatch_stop();
	return SLURM_ERROR;
}

extern int init(void)
{
	if (delegate_open() != SLURM_SUCCESS)
		return SLURM_ERROR;
	active = aif_compat_in_slurmctld();
	if (!active)
		return SLURM_SUCCESS;
	if (_start() != SLURM_SUCCESS) {
		error("aif: the select wrapper cannot watch its configuration, memory or threads "
		      "are out");
		delegate_close();
		return SLURM_ERROR;
	}
	info("aif: select wrapper in front of %s", delegate_path());
	return SLURM_SUCCESS;
}

extern int fini(void)
{
	if (active) {
		stamp_set_active(false);
		sealer_stop();
		aif_audit_stop();
		aif_snapwatch_stop();
		view_destroy();
		plan_destroy();
		score_destroy();
		residency_mask_destroy();
		gpu_counts_forget();
		active = false;
	}
	delegate_close();
	return SLURM_SUCCESS;
}

/* What the wrapper only hands on. */
#define FORWARD(ret, name, params, args)                                                           \
	extern AIF_EXPORT ret name params;                                                         \
	extern ret name params                                                                     \
	{                                                                                          \
		return stock.name args;                                                            \
	}
AIF_SELECT_PLAIN(FORWARD)
#undef FORWARD

#define DECLARE(ret, name, params, args) extern AIF_EXPORT ret name params;
AIF_SELECT_HOOKED(DECLARE)
#undef DECLARE

extern int select_p_node_init(void)
{
	int rc = stock.select_p_node_init();

	if (active) {
		view_forget();
		residency_mask_forget();
		gpu_counts_forget();
		stamp_set_active(rc == SLURM_SUCCESS);
	}
	return rc;
}

extern int select_p_reconfigure(void)
{
	int rc = stock.select_p_reconfigure();

	if (active) {
		/* slurmctld ends without calling fini(); so who wants to read the counts has a way to have them. */
		counters_log(LOG_LEVEL_DEBUG);
		view_renew();
		residency_mask_renew();
		gpu_counts_renew();
		stamp_set_active(rc == SLURM_SUCCESS);
	}
	return rc;
}

#if AIF_SELECT_HAS_INFO
/* Every five minutes and at the end, when fini() is not called. */
extern int select_p_state_save(char *dir_name)
{
	if (active)
		counters_log(LOG_LEVEL_INFO);
	return stock.select_p_state_save(dir_name);
}
#endif

/* Asked for at the submission already, so that it is there soon. */
static bool _has_ticket(const job_record_t *job_ptr, uint16_t mode)
{
	switch (mode & SELECT_MODE_BASE) {
	case SELECT_MODE_RUN_NOW:
		return sealer_allows(job_ptr);
	case SELECT_MODE_TEST_ONLY:
		(void) sealer_allows(job_ptr);
		return true;
	default:
		return true;
	}
}

extern int select_p_job_test AIF_JOB_TEST_PARAMS
{
	struct aif_job_test test = AIF_JOB_TEST_INIT;
	int rc;

	if (!active)
		return aif_compat_job_test(&stock, &test);
	if ((mode & SELECT_MODE_BASE) == SELECT_MODE_RUN_NOW && !start_check_allows(job_ptr))
		return SLURM_ERROR;
	if (!residency_mask_apply(job_ptr, (mode & SELECT_MODE_BASE) == SELECT_MODE_TEST_ONLY, bitmap))
		return SLURM_ERROR;
	if (!_has_ticket(job_ptr, mode))
		return SLURM_ERROR;
	rc = narrow_job_test(&test);
	if (rc == SLURM_SUCCESS)
		devices_correct(&test);
	return rc;
}

/* Last line of defence: however the nodes were found, a tagged job does not begin outside of its
 * tag. */
extern int select_p_job_begin(job_record_t *job_ptr)
{
	int rc;

	if (active && !residency_mask_allows(job_ptr, job_ptr->node_bitmap)) {
		info("aif: %pJ does not begin: it was given nodes outside of its data residency "
		     "(AIF-R003)",
		     job_ptr);
		audit_job_outside(job_ptr, job_ptr->node_bitmap);
		return SLURM_ERROR;
	}
	rc = stock.select_p_job_begin(job_ptr);
	if (active && rc == SLURM_SUCCESS) {
		view_job_holds(job_ptr);
		score_begin(job_ptr);
		audit_job_placed(job_ptr);
	}
	return rc;
}

extern int select_p_job_expand(job_record_t *from_job_ptr, job_record_t *to_job_ptr)
{
	int rc;

	if (active && !residency_mask_allows(to_job_ptr, from_job_ptr->node_bitmap)) {
		info("aif: %pJ does not grow by the nodes of %pJ: they lie outside of its data "
		     "residency (AIF-R003)",
		     to_job_ptr, from_job_ptr);
		audit_job_outside(to_job_ptr, from_job_ptr->node_bitmap);
		return ESLURM_REQUESTED_NODE_CONFIG_UNAVAILABLE;
	}
	rc = stock.select_p_job_expand(from_job_ptr, to_job_ptr);
	if (active)
		view_forget();
	return rc;
}

extern int select_p_job_resized(job_record_t *job_ptr, node_record_t *node_ptr)
{
	int rc = stock.select_p_job_resized(job_ptr, node_ptr);

	if (active)
		view_job_left(job_ptr, node_ptr);
	return rc;
}

extern int select_p_job_fini(job_record_t *job_ptr)
{
	int rc = stock.select_p_job_fini(job_ptr);

	if (active)
		view_job_ended(job_ptr);
	return rc;
}

extern int select_p_job_suspend(job_record_t *job_ptr, bool indf_susp)
{
	int rc = stock.select_p_job_suspend(job_ptr, indf_susp);

	if (active && indf_susp)
		view_job_cores(job_ptr, false);
	return rc;
}

extern int select_p_job_resume(job_record_t *job_ptr, bool indf_susp)
{
	int rc = stock.select_p_job_resume(job_ptr, indf_susp);

	if (active && indf_susp)
		view_job_cores(job_ptr, true);
	return rc;
}

extern int select_p_select_nodeinfo_set(job_record_t *job_ptr)
{
	int rc = stock.select_p_select_nodeinfo_set(job_ptr);

	if (active && aif_compat_job_holds(job_ptr))
		view_job_holds(job_ptr);
	return rc;
}
