/*
 * plugin.c - job_submit/aif: accept a job with its allocation, or refuse it in one sentence
 *
 * The hooks run in RPC threads, several at once from 23.02 on, under slurmctld read locks: no I/O, no waiting, no
 * state but the snapshot, which is taken once per call. See doc/architecture.md and job_submit_aif(8).
 */
#include "job_submit_api.h"
#include "imprint.h"
#include "may_update.h"
#include "modify.h"
#include "options_of.h"
#include "snapwatch.h"
#include "verdict.h"
#include "view.h"
#include "wrapper_probe.h"

AIF_EXPORT const char plugin_name[] = "Job submit plugin of slurm-aif";
AIF_EXPORT const char plugin_type[] = "job_submit/aif";
AIF_EXPORT const uint32_t plugin_version = AIF_PLUGIN_VERSION;

extern AIF_EXPORT int init(void)
{
	return aif_snapwatch_start(plugin_type);
}

extern AIF_EXPORT int fini(void)
{
	aif_snapwatch_stop();
	aif_wrapper_probe_fini();
	return SLURM_SUCCESS;
}

/* Other job_submit plugins may have said something already. */
static void _say(char **err_msg, const char *text)
{
	if (err_msg && text[0])
		xstrfmtcat(*err_msg, "%s%s", *err_msg ? "\n" : "", text);
}

static int _refuse(const struct aif_decision *decision, char **err_msg)
{
	_say(err_msg, decision->message);
	return aif_verdict_code(decision);
}

static int _accept(const struct aif_snapshot *snapshot, const struct aif_decision *decision,
		   job_desc_msg_t *job_desc, char **err_msg)
{
	struct aif_error err = { 0 };

	if (aif_imprint(snapshot, decision, job_desc, &err)) {
		_say(err_msg, err.text);
		return ESLURM_ACCESS_DENIED;
	}
	_say(err_msg, decision->message);
	return SLURM_SUCCESS;
}

static void _decide(const struct aif_snapshot *snapshot, const struct aif_options *options,
		    const job_desc_msg_t *job_desc, struct aif_decision *ret_decision)
{
	struct aif_view view;

	aif_view_init(job_desc, options, &view);
	aif_verdict(snapshot, &view.request, ret_decision);
	aif_view_clear(&view);
}

static int _submit(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc, char **err_msg)
{
	struct aif_decision decision = { .verdict = AIF_IGNORE };
	struct aif_options options;
	struct aif_error err = { 0 };

	if (aif_options_of(job_desc, &options, &err))
		aif_verdict_bad_options(err.text, &decision);
	else if (snapshot)
		_decide(snapshot, &options, job_desc, &decision);
	else
		aif_verdict_no_policy(&options, &decision);
	if (decision.verdict == AIF_REJECT)
		return _refuse(&decision, err_msg);
	if (decision.verdict == AIF_ACCEPT)
		return _accept(snapshot, &decision, job_desc, err_msg);
	return SLURM_SUCCESS;
}

extern AIF_EXPORT int job_submit(job_desc_msg_t *job_desc, uint32_t submit_uid, char **err_msg)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	int rc = _submit(snapshot, job_desc, err_msg);

	(void) submit_uid;
	aif_snapshot_put(snapshot);
	return rc;
}

static int _modify(job_desc_msg_t *job_desc, job_record_t *job_ptr, uint32_t submit_uid,
		   char **err_msg)
{
	struct aif_decision decision = { .verdict = AIF_IGNORE };
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	int rc = SLURM_SUCCESS;

	if (validate_operator(submit_uid)) {
		aif_modify_keep_tag(job_desc, job_ptr, &decision);
		if (decision.verdict != AIF_REJECT)
			aif_modify_by_operator(snapshot, job_desc, job_ptr);
	} else if (aif_may_update(job_desc, job_ptr, submit_uid)) /* else slurmctld refuses, but after us */
		aif_modify(snapshot, job_desc, job_ptr, &decision);
	if (decision.verdict == AIF_REJECT) {
		info("%s: update of %pJ by uid %u refused: %s", plugin_type, job_ptr, submit_uid,
		     decision.message);
		rc = _refuse(&decision, err_msg);
	}
	aif_snapshot_put(snapshot);
	return rc;
}

AIF_DEFINE_JOB_MODIFY(_modify)
