/* imprint.c - see imprint.h */
#include "imprint.h"

#include "admincomment.h"
#include "env_list.h"
#include "options.h"
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>

static void _placement(const struct aif_decision *decision, char *ret_text, size_t size)
{
	if (decision->placement == AIF_PLACE_DEFAULT)
		ret_text[0] = '\0';
	else
		snprintf(ret_text, size, "%s%s", aif_placement_name(decision->placement),
			 decision->placement_strict ? ",strict" : "");
}

extern int aif_imprint_comment(const struct aif_snapshot *snapshot,
			       const struct aif_decision *decision, char **comment,
			       struct aif_error *err)
{
	struct aif_admincomment ours = { 0 };
	char *text = NULL;
	int rc;

	snprintf(ours.mode, sizeof(ours.mode), "%s", decision->alloc->mode->name);
	snprintf(ours.alloc, sizeof(ours.alloc), "%s", decision->alloc->id);
	snprintf(ours.residency, sizeof(ours.residency), "%s", decision->residency_text);
	snprintf(ours.policy, sizeof(ours.policy), "%.16s", snapshot->hash);
	_placement(decision, ours.placement, sizeof(ours.placement));
	rc = aif_admincomment_merge(*comment, &ours, &text, err);
	if (rc > 0 && decision->has_residency)
		return aif_error_set(err, AIF_EINVAL,
				     "aif: admin_comment is no JSON object, so the residency tag "
				     "has no place in it (%s); submit without --admin-comment",
				     AIF_C_OPTION);
	if (rc < 0)
		return -1;
	if (text) {
		xfree(*comment);
		*comment = xstrdup(text);
	}
	free(text);
	return 0;
}

/* Jobs without a script get theirs from the job record: see plugins/priority/job_env.h. */
static void _environment(const struct aif_decision *decision, job_desc_msg_t *job_desc)
{
	char ***list = &job_desc->environment;
	uint32_t *count = &job_desc->env_size;

	if (!*list || !*count)
		return;
	aif_env_list_set(list, count, "AIF_MODE", decision->alloc->mode->name);
	aif_env_list_set(list, count, "AIF_ALLOCATION", decision->alloc->id);
	if (decision->has_residency)
		aif_env_list_set(list, count, "AIF_RESIDENCY", decision->residency_text);
	else
		aif_env_list_unset(*list, count, "AIF_RESIDENCY");
}

static void _spank_environment(const struct aif_decision *decision, job_desc_msg_t *job_desc)
{
	struct aif_options decided = { 0 };
	char text[AIF_OPTIONS_TEXT_MAX];

	snprintf(decided.mode, sizeof(decided.mode), "%s", decision->alloc->mode->name);
	snprintf(decided.allocation, sizeof(decided.allocation), "%s", decision->alloc->id);
	snprintf(decided.residency, sizeof(decided.residency), "%s", decision->residency_text);
	_placement(decision, decided.placement, sizeof(decided.placement));
	if (!aif_options_format(&decided, text, sizeof(text)))
		aif_env_list_set(&job_desc->spank_job_env, &job_desc->spank_job_env_size,
				 AIF_OPTIONS_ENV, text);
}

/* A limit that came from the partition is written down too: the QOS would otherwise put its own in its place. */
static void _time_limit(const struct aif_decision *decision, job_desc_msg_t *job_desc)
{
	if (decision->minutes == AIF_MINUTES_UNKNOWN)
		return;
	job_desc->time_limit = decision->minutes;
	if (job_desc->time_min != NO_VAL && job_desc->time_min > decision->minutes)
		job_desc->time_min = decision->minutes;
}

static void _replace(char **field, const char *value)
{
	if (!xstrcmp(*field, value))
		return;
	xfree(*field);
	*field = xstrdup(value);
}

extern int aif_imprint(const struct aif_snapshot *snapshot, const struct aif_decision *decision,
		       job_desc_msg_t *job_desc, struct aif_error *err)
{
	if (aif_imprint_comment(snapshot, decision, &job_desc->admin_comment, err))
		return -1;
	_replace(&job_desc->account, decision->alloc->account);
	_replace(&job_desc->qos, decision->alloc->qos);
	_time_limit(decision, job_desc);
	_environment(decision, job_desc);
	_spank_environment(decision, job_desc);
	return 0;
}
