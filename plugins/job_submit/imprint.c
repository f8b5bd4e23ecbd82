/* imprint.c - see imprint.h */
#include "imprint.h"

#include "admincomment.h"
#include "env_list.h"
#include "options.h"
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Faster than snprintf(), which the hook would otherwise mostly consist of. */
static void _copy(char *to, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);

	memcpy(to, text, length);
	to[length] = '\0';
}

static void _placement(const struct aif_decision *decision, char ret_text[AIF_PLACEMENT_SIZE])
{
	if (decision->placement.placement != AIF_PLACE_DEFAULT)
		aif_placement_format(&decision->placement, ret_text);
}

__attribute__((cold)) static void _fill_comment(const struct aif_snapshot *snapshot,
						const struct aif_decision *decision,
						struct aif_admincomment *ret_ours)
{
	memset(ret_ours, 0, sizeof(*ret_ours));
	_copy(ret_ours->mode, sizeof(ret_ours->mode), decision->alloc->mode->name);
	_copy(ret_ours->alloc, sizeof(ret_ours->alloc), decision->alloc->id);
	_copy(ret_ours->residency, sizeof(ret_ours->residency), decision->residency_text);
	_copy(ret_ours->datasets, sizeof(ret_ours->datasets), decision->datasets);
	_copy(ret_ours->policy, MIN(sizeof(ret_ours->policy), 17), snapshot->hash);
	_placement(decision, ret_ours->placement);
	if (decision->inference)
		_copy(ret_ours->purpose, sizeof(ret_ours->purpose), "inference");
	if (decision->free)
		_copy(ret_ours->rule, sizeof(ret_ours->rule), AIF_Q_FREE);
}

/* A hold that goes on keeps its begin. */
__attribute__((cold)) static void _hold(const struct aif_decision *decision, const char *existing,
					struct aif_admincomment *ours)
{
	struct aif_admincomment before;

	if (aif_admincomment_read(existing, &before) == 1) {
		_copy(ours->hold, sizeof(ours->hold), before.hold);
		_copy(ours->held, sizeof(ours->held), before.held);
	}
	aif_admincomment_hold(ours, decision->rule, time(NULL));
}

__attribute__((cold)) static int _merge_comment(const struct aif_admincomment *ours, char **comment,
						struct aif_error *err)
{
	char *text = NULL;
	int rc = aif_admincomment_merge(*comment, ours, &text, err);

	if (rc > 0 && ours->residency[0])
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

/* The texts that are ready: the allocation's, or for a job with a tag those of its tag. */
static const struct aif_marks *_plain(const struct aif_decision *decision, bool holds)
{
	bool special = decision->placement.placement != AIF_PLACE_DEFAULT || decision->inference || decision->free || holds;

	if (special)
		return NULL;
	return decision->has_residency ? decision->marks : decision->alloc->marks;
}

__attribute__((cold)) static int _write_comment(const struct aif_snapshot *snapshot,
						const struct aif_decision *decision, bool holds, char **comment,
						struct aif_error *err)
{
	struct aif_admincomment ours;
	char text[AIF_ADMINCOMMENT_MAX];

	_fill_comment(snapshot, decision, &ours);
	if (holds)
		_hold(decision, *comment, &ours);
	if (*comment || aif_admincomment_format(&ours, text, sizeof(text)))
		return _merge_comment(&ours, comment, err);
	*comment = xstrdup(text);
	return 0;
}

__attribute__((hot)) extern int aif_imprint_comment(const struct aif_snapshot *snapshot,
			       const struct aif_decision *decision, bool holds, char **comment,
			       struct aif_error *err)
{
	const struct aif_marks *marks = _plain(decision, holds);

	if (*comment || !marks)
		return _write_comment(snapshot, decision, holds, comment, err);
	*comment = xmalloc_nz(marks->comment_length + AIF_MARKS_MORE);
	aif_marks_comment(marks, snapshot->hash, *comment);
	return 0;
}

/* Jobs without a script get theirs from the job record: see plugins/priority/job_env.h. */
static void _environment(const struct aif_decision *decision, job_desc_msg_t *job_desc)
{
	const struct aif_env_setting settings[] = {
		{ "AIF_MODE", decision->alloc->mode->name },
		{ "AIF_ALLOCATION", decision->alloc->id },
		{ "AIF_RESIDENCY", decision->has_residency ? decision->residency_text : NULL },
	};

	if (job_desc->environment && job_desc->env_size)
		aif_env_list_apply(&job_desc->environment, &job_desc->env_size, settings,
				   sizeof(settings) / sizeof(settings[0]));
}

__attribute__((cold)) static void _spank_special(const struct aif_decision *decision, job_desc_msg_t *job_desc)
{
	struct aif_options decided = { 0 };
	char text[AIF_OPTIONS_TEXT_MAX];

	_copy(decided.mode, sizeof(decided.mode), decision->alloc->mode->name);
	_copy(decided.allocation, sizeof(decided.allocation), decision->alloc->id);
	_copy(decided.residency, sizeof(decided.residency), decision->residency_text);
	_copy(decided.datasets, sizeof(decided.datasets), decision->datasets);
	_placement(decision, decided.placement);
	if (decision->inference)
		_copy(decided.purpose, sizeof(decided.purpose), "inference");
	if (!aif_options_format(&decided, text, sizeof(text)))
		aif_env_list_set(&job_desc->spank_job_env, &job_desc->spank_job_env_size,
				 AIF_OPTIONS_ENV, text);
}

static void _spank_environment(const struct aif_decision *decision, job_desc_msg_t *job_desc)
{
	const struct aif_marks *marks = _plain(decision, false);

	if (marks)
		aif_env_list_set(&job_desc->spank_job_env, &job_desc->spank_job_env_size, AIF_OPTIONS_ENV,
				 marks->request);
	else
		_spank_special(decision, job_desc);
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

__attribute__((noinline)) static void _set(char **field, const char *value)
{
	xfree(*field);
	*field = xstrdup(value);
}

static void _replace(char **field, const char *value)
{
	if (!*field || strcmp(*field, value))
		_set(field, value);
}

extern int aif_imprint(const struct aif_snapshot *snapshot, const struct aif_decision *decision,
		       job_desc_msg_t *job_desc, struct aif_error *err)
{
	/* Who holds his job himself wants to release it himself: then it is looked at again. */
	bool holds = decision->verdict == AIF_HOLD && job_desc->priority != 0;

	if (aif_imprint_comment(snapshot, decision, holds, &job_desc->admin_comment, err))
		return -1;
	_replace(&job_desc->account, decision->alloc->account);
	if (decision->qos)
		_replace(&job_desc->qos, decision->qos);
	if (holds)
		job_desc->priority = 0;
	_time_limit(decision, job_desc);
	_environment(decision, job_desc);
	_spank_environment(decision, job_desc);
	return 0;
}
