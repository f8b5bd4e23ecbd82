/*
 * plugin.c - job_submit/aif: accept a job with its allocation, or refuse it in one sentence
 *
 * The hooks run in RPC threads, several at once from 23.02 on, under slurmctld read locks: no I/O, no waiting, no
 * state but the snapshot, which is taken once per call. See doc/architecture.md and job_submit_aif(8).
 */
#include "job_submit_api.h"
#include "advised.h"
#include "audit_submit.h"
#include "guard.h"
#include "imprint.h"
#include "keep_siblings.h"
#include "may_update.h"
#include "modify.h"
#include "no_policy.h"
#include "options_of.h"
#include "override.h"
#include "refused.h"
#include "snapwatch.h"
#include "submission.h"
#include "usage_table.h"
#include "verdict.h"
#include "wrapper_probe.h"

AIF_EXPORT const char plugin_name[] = "Job submit plugin of slurm-aif";
AIF_EXPORT const char plugin_type[] = "job_submit/aif";
AIF_EXPORT const uint32_t plugin_version = AIF_PLUGIN_VERSION;

extern AIF_EXPORT int init(void)
{
	if (aif_snapwatch_start(plugin_type) != SLURM_SUCCESS)
		return SLURM_ERROR;
	if (aif_audit_start("job_submit") == SLURM_SUCCESS && aif_usage_table_start() == SLURM_SUCCESS &&
	    aif_refused_start() == SLURM_SUCCESS && aif_guard_start() == SLURM_SUCCESS)
		return SLURM_SUCCESS;
	aif_refused_stop();
	aif_usage_table_stop();
	aif_audit_stop();
	aif_snapwatch_stop();
	return SLURM_ERROR;
}

extern AIF_EXPORT int fini(void)
{
	aif_guard_stop();
	aif_refused_stop();
	aif_usage_table_stop();
	aif_audit_stop();
	aif_snapwatch_stop();
	aif_wrapper_probe_fini();
	return SLURM_SUCCESS;
}

/* Other job_submit plugins may have said something already. */
__attribute__((cold)) static void _add_text(char **err_msg, const char *text)
{
	xstrfmtcat(*err_msg, "%s%s", *err_msg ? "\n" : "", text);
}

static void _say(char **err_msg, const char *text)
{
	if (err_msg && text[0])
		_add_text(err_msg, text);
}

__attribute__((cold)) static int _refuse(const struct aif_decision *decision, char **err_msg)
{
	_say(err_msg, decision->message);
	return aif_verdict_code(decision);
}

__attribute__((hot)) static int _accept(const struct aif_snapshot *snapshot, const struct aif_decision *decision,
		   job_desc_msg_t *job_desc, uint32_t submit_uid, char **err_msg)
{
	struct aif_error err; /* filled where it is read */

	if (aif_imprint(snapshot, decision, job_desc, &err)) {
		aif_refused_submission(job_desc, submit_uid, NULL, err.text);
		_say(err_msg, err.text);
		return ESLURM_ACCESS_DENIED;
	}
	aif_submission_count(snapshot, job_desc, decision);
	_say(err_msg, decision->message);
	return SLURM_SUCCESS;
}

__attribute__((hot)) static int _submit(const struct aif_snapshot *snapshot, job_desc_msg_t *job_desc, uint32_t submit_uid,
					   char **err_msg)
{
	struct aif_decision decision; /* all of these are filled by what comes first, and large */
	struct aif_options options;
	struct aif_alloctable_hint hint = { 0 };
	struct aif_error err;
	int bad;

	if (snapshot)
		aif_alloctable_expect(snapshot->allocs, job_desc->qos, job_desc->account, &hint);
	bad = aif_options_of(job_desc, &options, &err);
	if (bad)
		aif_verdict_bad_options(err.text, &decision);
	else if (snapshot)
		aif_submission_decide(snapshot, &options, job_desc, &hint, &decision);
	else
		aif_no_policy(job_desc, &options, &decision);
	if (decision.has_residency && (decision.verdict == AIF_ACCEPT || decision.verdict == AIF_HOLD))
		aif_keep_siblings(snapshot, job_desc->clusters, &job_desc->clusters, &decision);
	if (decision.verdict == AIF_REJECT || decision.verdict == AIF_HOLD)
		aif_audit_submission(snapshot, job_desc, bad ? NULL : &options, &decision);
	if (decision.verdict == AIF_REJECT) {
		aif_refused_submission(job_desc, submit_uid, decision.rule, decision.message);
		return _refuse(&decision, err_msg);
	}
	if (decision.advised_count)
		aif_advised_submission(snapshot, job_desc, &decision);
	if (decision.verdict == AIF_ACCEPT || decision.verdict == AIF_HOLD)
		return _accept(snapshot, &decision, job_desc, submit_uid, err_msg);
	_say(err_msg, decision.message);
	return SLURM_SUCCESS;
}

/* "aif explain --refused" asks; nothing shall be queued. */
__attribute__((cold)) static int _answer(const job_desc_msg_t *job_desc, uint32_t submit_uid, char **err_msg)
{
	char *answer = aif_refused_answer(job_desc->comment, submit_uid);

	_say(err_msg, answer);
	xfree(answer);
	return ESLURM_ACCESS_DENIED;
}

__attribute__((hot)) extern AIF_EXPORT int job_submit(job_desc_msg_t *job_desc, uint32_t submit_uid, char **err_msg)
{
	struct aif_snapshot *snapshot;
	int rc;

	if (aif_refused_is_question(job_desc))
		return _answer(job_desc, submit_uid, err_msg);
	snapshot = aif_snapwatch_get();
	rc = _submit(snapshot, job_desc, submit_uid, err_msg);
	aif_snapshot_put(snapshot);
	return rc;
}

static int _modify(job_desc_msg_t *job_desc, job_record_t *job_ptr, uint32_t submit_uid,
		   char **err_msg)
{
	struct aif_decision decision = { .verdict = AIF_IGNORE };
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	struct aif_audit_update audit;
	int rc = SLURM_SUCCESS;

	aif_audit_update_begin(job_ptr, &audit);
	if (validate_operator(submit_uid)) {
		aif_override_keep_mark(job_desc, job_ptr, &decision);
		if (decision.verdict != AIF_REJECT)
			aif_override(snapshot, job_desc, job_ptr, submit_uid);
	} else if (aif_may_update(job_desc, job_ptr, submit_uid)) /* else slurmctld refuses, but after us */
		aif_modify(snapshot, job_desc, job_ptr, &decision);
	if (decision.verdict == AIF_REJECT) {
		info("%s: update of %pJ by uid %u refused: %s", plugin_type, job_ptr, submit_uid,
		     decision.message);
		aif_refused_update(job_ptr, submit_uid, decision.rule, decision.message);
		rc = _refuse(&decision, err_msg);
	} else if (decision.advised_count) {
		aif_advised_update(snapshot, job_ptr, submit_uid, &decision);
	}
	aif_audit_update_end(&audit, job_desc, job_ptr, submit_uid, &decision);
	aif_snapshot_put(snapshot);
	return rc;
}

AIF_DEFINE_JOB_MODIFY(_modify)
