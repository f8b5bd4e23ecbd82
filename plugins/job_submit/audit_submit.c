/* audit_submit.c - see audit_submit.h */
#include "audit_submit.h"

#include "job_alloc.h"
#include "rules.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- submissions ---- */

static bool _is_about_residency(const char *rule)
{
	return rule && !strncmp(rule, "AIF-R", strlen("AIF-R"));
}

static bool _is_tagged(const struct aif_options *options, const struct aif_decision *decision)
{
	const struct aif_alloc *alloc = decision->alloc;

	return decision->has_residency || (options && (options->residency[0] || options->datasets[0])) ||
	       (alloc && (alloc->residency || alloc->mode->residency)) || _is_about_residency(decision->rule);
}

static void _fill_alloc(struct aif_auditevent *event, const struct aif_alloc *alloc)
{
	aif_auditevent_set(event->allocation, sizeof(event->allocation), alloc->id);
	aif_auditevent_set(event->account, sizeof(event->account), alloc->account);
	aif_auditevent_set(event->mode, sizeof(event->mode), alloc->mode->name);
	if (alloc->residency)
		aif_auditevent_add_source(event, "allocation");
	if (alloc->mode->residency)
		aif_auditevent_add_source(event, "mode");
}

/* Where they clash there is no tag: then it is what the user asked for, and the reason names both. */
static void _fill_options(struct aif_auditevent *event, const struct aif_options *options)
{
	aif_auditevent_set(event->mode, sizeof(event->mode), options->mode);
	aif_auditevent_set(event->tag, sizeof(event->tag), options->residency);
	aif_auditevent_set(event->datasets, sizeof(event->datasets), options->datasets);
	if (options->datasets[0])
		aif_auditevent_add_source(event, "datasets");
	if (options->residency[0])
		aif_auditevent_add_source(event, "user");
}

static void _fill(struct aif_auditevent *event, const struct aif_options *options, const struct aif_decision *decision)
{
	if (options)
		_fill_options(event, options);
	if (decision->alloc)
		_fill_alloc(event, decision->alloc);
	if (decision->residency_text[0])
		aif_auditevent_set(event->tag, sizeof(event->tag), decision->residency_text);
	aif_audit_say(event, decision->rule, decision->message);
}

extern void aif_audit_submission(const struct aif_snapshot *snapshot, const job_desc_msg_t *job_desc,
				 const struct aif_options *options, const struct aif_decision *decision)
{
	struct aif_auditevent *event;

	if (!_is_tagged(options, decision))
		return;
	event = aif_auditevent_create(decision->verdict == AIF_HOLD ? AIF_AUDIT_HOLD : AIF_AUDIT_REFUSE, time(NULL));
	if (event) {
		aif_audit_set_user(event->user, job_desc->user_id);
		aif_auditevent_set(event->account, sizeof(event->account), job_desc->account);
		if (snapshot)
			snprintf(event->policy, sizeof(event->policy), "%.16s", snapshot->hash);
		aif_auditevent_set_nodes(event, job_desc->req_nodes);
		_fill(event, options, decision);
	}
	aif_audit_note(event);
}

/* ---- updates ---- */

extern void aif_audit_update_begin(const job_record_t *job_ptr, struct aif_audit_update *ret_update)
{
	(void) aif_job_mark(job_ptr, &ret_update->before);
	ret_update->tagged = ret_update->before.residency[0];
}

static void _note(enum aif_auditevent_kind kind, const job_record_t *job_ptr, const struct aif_admincomment *mark,
		  uint32_t uid, const char *rule, const char *reason)
{
	struct aif_auditevent *event = aif_audit_of_job(kind, job_ptr);
	char node[sizeof(mark->node)];

	if (event) {
		aif_auditevent_set(event->tag, sizeof(event->tag), mark->residency);
		aif_auditevent_set(event->datasets, sizeof(event->datasets), mark->datasets);
		snprintf(node, sizeof(node), "%.*s", (int) strcspn(mark->node, " "), mark->node);
		aif_auditevent_set_nodes(event, kind == AIF_AUDIT_NODE ? node : job_ptr->nodes);
		if (uid != job_ptr->user_id)
			aif_audit_set_user(event->by, uid);
		aif_audit_say(event, rule, reason);
	}
	aif_audit_note(event);
}

static bool _is_of_node(const char *rule)
{
	return !strcmp(rule, AIF_R_TICKET) || !strcmp(rule, AIF_R_NODE) || !strcmp(rule, AIF_R_GATING);
}

static void _note_node(const job_record_t *job_ptr, const struct aif_admincomment *mark, uint32_t uid)
{
	const struct aif_rule *rule = aif_rules_find(mark->rule);
	char reason[192];

	snprintf(reason, sizeof(reason), "refused by the node's own check: %s", rule ? rule->title : mark->rule);
	_note(AIF_AUDIT_NODE, job_ptr, mark, uid, mark->rule, reason);
}

/* Words of an operator's override: "AIF-M007 by 0 at ...". */
static void _note_override(const job_record_t *job_ptr, const struct aif_admincomment *mark, uint32_t uid)
{
	char rule[sizeof(mark->rule)];

	snprintf(rule, sizeof(rule), "%.*s", (int) strcspn(mark->override, " "), mark->override);
	_note(AIF_AUDIT_OVERRIDE, job_ptr, mark, uid, rule, "an operator's update goes through against the rule");
}

static void _note_changed(const struct aif_audit_update *update, const struct aif_admincomment *now,
			  const job_record_t *job_ptr, uint32_t uid)
{
	char reason[AIF_RESTAG_TEXT_MAX + 64];

	snprintf(reason, sizeof(reason), "an update changed the tag from %s", update->before.residency);
	_note(validate_operator(uid) ? AIF_AUDIT_OVERRIDE : AIF_AUDIT_NARROW, job_ptr, now, uid, "", reason);
}

static void _note_accepted(const struct aif_audit_update *update, const struct aif_admincomment *now,
			   const job_record_t *job_ptr, uint32_t uid)
{
	const struct aif_admincomment *before = &update->before;

	if (now->node[0] && _is_of_node(now->rule) && strcmp(now->node, before->node))
		_note_node(job_ptr, now, uid);
	if (strcmp(now->override, before->override))
		_note_override(job_ptr, now, uid);
	if (strcmp(now->residency, before->residency) || strcmp(now->datasets, before->datasets))
		_note_changed(update, now, job_ptr, uid);
}

extern void aif_audit_update_end(const struct aif_audit_update *update, const job_desc_msg_t *job_desc,
				 const job_record_t *job_ptr, uint32_t uid, const struct aif_decision *decision)
{
	const char *comment = job_ptr->admin_comment;
	struct aif_admincomment now = {.rule = ""};

	if (decision->verdict == AIF_REJECT && (update->tagged || _is_about_residency(decision->rule))) {
		_note(AIF_AUDIT_REFUSE, job_ptr, &update->before, uid, decision->rule, decision->message);
		return;
	}
	if (decision->verdict == AIF_REJECT)
		return;
	/* Slurm refuses that of a user, whatever it says. */
	if (job_desc->admin_comment && validate_operator(uid))
		comment = job_desc->admin_comment;
	if (comment && strstr(comment, "\"aif\""))
		(void) aif_admincomment_read(comment, &now);
	/* Nodes refuse forged tickets of jobs without a tag, too. */
	if (update->tagged || now.residency[0] || now.node[0])
		_note_accepted(update, &now, job_ptr, uid);
}

/* ---- the guard ---- */

extern void aif_audit_held(const job_record_t *job_ptr, const char *rule, const char *why)
{
	struct aif_audit_update update;

	aif_audit_update_begin(job_ptr, &update);
	if (update.tagged)
		_note(AIF_AUDIT_HOLD, job_ptr, &update.before, job_ptr->user_id, rule, why);
}
