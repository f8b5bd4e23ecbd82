/*
 * select_cons_tres.c - the wrapper around select/cons_tres: what Slurm sees of it
 *
 * In slurmctld it removes nodes outside of a job's data residency before cons_tres sees them
 * (residency.h), offers cons_tres the nodes of the fewest islands first (narrow.h) and keeps count
 * of free GPUs (nodes.h). Everything else, and everything in other processes, goes straight to the
 * stock plugin (delegate.h).
 */
#include "select_api.h"

#include "delegate.h"
#include "narrow.h"
#include "nodes.h"
#include "probe.h"
#include "residency_mask.h"
#include "snapwatch.h"

AIF_EXPORT const char plugin_name[] = "slurm-aif wrapper of select/cons_tres";
AIF_EXPORT const char plugin_type[] = "select/" AIF_SELECT_NAME;
AIF_EXPORT const uint32_t plugin_id = SELECT_PLUGIN_CONS_TRES;
AIF_EXPORT const uint32_t plugin_version = AIF_PLUGIN_VERSION;

/* Loaded into slurmctld; set once in init(). Anywhere else the wrapper only delegates. */
static bool active;

extern AIF_EXPORT int init(void);
extern AIF_EXPORT int fini(void);

extern int init(void)
{
	if (delegate_open() != SLURM_SUCCESS)
		return SLURM_ERROR;
	active = aif_compat_in_slurmctld();
	if (!active)
		return SLURM_SUCCESS;
	if (aif_snapwatch_start("select/" AIF_SELECT_NAME) != SLURM_SUCCESS) {
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
		probe_set_ready(false);
		aif_snapwatch_stop();
		nodes_destroy();
		residency_mask_destroy();
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
		nodes_forget();
		residency_mask_forget();
		probe_set_ready(rc == SLURM_SUCCESS);
	}
	return rc;
}

extern int select_p_reconfigure(void)
{
	int rc = stock.select_p_reconfigure();

	if (active) {
		nodes_forget();
		residency_mask_forget();
		probe_set_ready(rc == SLURM_SUCCESS);
	}
	return rc;
}

extern int select_p_job_test AIF_JOB_TEST_PARAMS
{
	struct aif_job_test test = {
		.job_ptr = job_ptr,
		.bitmap = bitmap,
		.min_nodes = min_nodes,
		.max_nodes = max_nodes,
		.req_nodes = req_nodes,
		.mode = mode,
		.preemptee_candidates = preemptee_candidates,
		.preemptee_job_list = preemptee_job_list,
		.exc = exc,
#if AIF_SELECT_HAS_WILL_RUN
		.will_run_ptr = will_run_ptr,
#endif
	};

	if (!active)
		return aif_compat_job_test(&stock, &test);
	if (!residency_mask_apply(job_ptr, (mode & SELECT_MODE_BASE) == SELECT_MODE_TEST_ONLY, bitmap))
		return SLURM_ERROR;
	return narrow_job_test(&test);
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
		return SLURM_ERROR;
	}
	rc = stock.select_p_job_begin(job_ptr);
	if (active)
		nodes_refresh(job_ptr->node_bitmap);
	return rc;
}

extern int select_p_job_expand(job_record_t *from_job_ptr, job_record_t *to_job_ptr)
{
	int rc;

	if (active && !residency_mask_allows(to_job_ptr, from_job_ptr->node_bitmap)) {
		info("aif: %pJ does not grow by the nodes of %pJ: they lie outside of its data "
		     "residency (AIF-R003)",
		     to_job_ptr, from_job_ptr);
		return ESLURM_REQUESTED_NODE_CONFIG_UNAVAILABLE;
	}
	rc = stock.select_p_job_expand(from_job_ptr, to_job_ptr);
	if (active) {
		nodes_refresh(from_job_ptr->node_bitmap);
		nodes_refresh(to_job_ptr->node_bitmap);
	}
	return rc;
}

extern int select_p_job_resized(job_record_t *job_ptr, node_record_t *node_ptr)
{
	int rc = stock.select_p_job_resized(job_ptr, node_ptr);

	if (active)
		nodes_refresh_one(node_ptr);
	return rc;
}

extern int select_p_job_fini(job_record_t *job_ptr)
{
	int rc = stock.select_p_job_fini(job_ptr);

	if (active)
		nodes_refresh(job_ptr->node_bitmap);
	return rc;
}

extern int select_p_job_suspend(job_record_t *job_ptr, bool indf_susp)
{
	int rc = stock.select_p_job_suspend(job_ptr, indf_susp);

	if (active)
		nodes_refresh(job_ptr->node_bitmap);
	return rc;
}

extern int select_p_job_resume(job_record_t *job_ptr, bool indf_susp)
{
	int rc = stock.select_p_job_resume(job_ptr, indf_susp);

	if (active)
		nodes_refresh(job_ptr->node_bitmap);
	return rc;
}

extern int select_p_select_nodeinfo_set(job_record_t *job_ptr)
{
	int rc = stock.select_p_select_nodeinfo_set(job_ptr);

	if (active)
		nodes_refresh(job_ptr->node_bitmap);
	return rc;
}
