/* job_tag.c - see job_tag.h */
#include "job_tag.h"

#include <string.h>

#include "admincomment.h"
#include "env_list.h"
#include "options.h"

#define QOS_NAME_MAX 256 /* longer names are no allocation's, see aif_alloctable_load() */

static bool _qos_name(const job_record_t *job_ptr, char *ret_name, size_t size)
{
	assoc_mgr_lock_t locks = {.qos = READ_LOCK};
	const slurmdb_qos_rec_t *qos;
	bool found = false;

	assoc_mgr_lock(&locks);
	qos = job_ptr->qos_ptr;
	if (qos && qos->name && strlen(qos->name) < size) {
		strcpy(ret_name, qos->name);
		found = true;
	}
	assoc_mgr_unlock(&locks);
	return found;
}

/* Does the QOS mirror an allocation? Asked when there is no configuration to look it up in. */
static bool _has_our_qos(const job_record_t *job_ptr)
{
	assoc_mgr_lock_t locks = {.qos = READ_LOCK};
	const slurmdb_qos_rec_t *qos;
	bool ours;

	assoc_mgr_lock(&locks);
	qos = job_ptr->qos_ptr;
	ours = qos && !xstrncasecmp(qos->description, AIF_QOS_MARK, strlen(AIF_QOS_MARK));
	assoc_mgr_unlock(&locks);
	return ours;
}

static const struct aif_alloc *_alloc(const job_record_t *job_ptr, const char *alloc_id,
				      const struct aif_alloctable *allocs)
{
	const struct aif_alloc *alloc = NULL;
	char qos[QOS_NAME_MAX];

	if (_qos_name(job_ptr, qos, sizeof(qos)))
		alloc = aif_alloctable_by_qos(allocs, qos);
	if (!alloc && alloc_id[0])
		alloc = aif_alloctable_by_id(allocs, alloc_id);
	return alloc;
}

/* Two tags that clash leave nothing: the job may run nowhere. */
static void _narrow(enum job_tag *kind, struct aif_restag *tag, const struct aif_restag *more)
{
	if (*kind == JOB_TAG_NONE) {
		*tag = *more;
		*kind = JOB_TAG_SET;
	} else if (*kind == JOB_TAG_SET && aif_restag_intersect(tag, more) != AIF_RESTAG_FITS) {
		*kind = JOB_TAG_CLASH;
	}
}

/* What was decided is written without the site's groups, which may mean something else by now. */
static enum job_tag _from_text(const char *text, struct aif_restag *ret_tag)
{
	struct aif_error err = {0};

	if (!text[0])
		return JOB_TAG_NONE;
	return aif_restag_parse(text, NULL, 0, ret_tag, &err) ? JOB_TAG_UNREADABLE : JOB_TAG_SET;
}

/* A text that has nothing but the score of a placement does not say that anybody has decided about the job. */
static bool _is_of_submission(const struct aif_admincomment *mark)
{
	return mark->policy[0] || mark->mode[0] || mark->alloc[0] || mark->residency[0] || mark->rule[0];
}

/* 1 if there is one, 0 if not, -1 if somebody has damaged a text that had a tag. */
static int _read_mark(const char *text, struct aif_admincomment *ret_mark)
{
	/* Most jobs have no admin_comment or none of ours: do not parse JSON for them. */
	if (!text || !strstr(text, "\"aif\""))
		return 0;
	if (aif_admincomment_read(text, ret_mark) > 0)
		return _is_of_submission(ret_mark);
	return strstr(text, "\"res\"") ? -1 : 0;
}

/* By the submission, which only job_submit/aif can answer. */
static bool _asks_tag(const job_record_t *job_ptr)
{
	const char *request =
	    aif_env_list_get(job_ptr->spank_job_env, job_ptr->spank_job_env_size, AIF_OPTIONS_ENV);
	struct aif_options asked;
	int found;

	if (request && (strstr(request, "residency=") || strstr(request, "dataset=")))
		return true;
	if (!job_ptr->comment || !strstr(job_ptr->comment, "aif:"))
		return false;
	found = aif_options_from_comment(job_ptr->comment, &asked, NULL);
	return found < 0 || (found && (asked.residency[0] || asked.datasets[0]));
}

/* Nobody has decided where the job may run, and it is not to run anywhere: job_submit/aif was not there, or had no policy. */
static bool _is_undecided(const job_record_t *job_ptr, const struct aif_snapshot *snapshot)
{
	if (!snapshot && _has_our_qos(job_ptr))
		return true;
	return !xstrstr(job_ptr->admin_comment, "\"aif\"") && _asks_tag(job_ptr);
}

extern enum job_tag job_tag_of(const job_record_t *job_ptr, const struct aif_snapshot *snapshot,
			       struct aif_restag *ret_tag)
{
	struct aif_admincomment comment = {0};
	const struct aif_alloc *alloc = NULL;
	struct aif_restag tag;
	enum job_tag kind;
	int marked = _read_mark(job_ptr->admin_comment, &comment);

	if (marked < 0 || (!marked && _is_undecided(job_ptr, snapshot)))
		return JOB_TAG_UNREADABLE;
	kind = _from_text(comment.residency, &tag);
	if (kind == JOB_TAG_UNREADABLE)
		return kind;
	if (snapshot)
		alloc = _alloc(job_ptr, comment.alloc, snapshot->allocs);
	if (alloc && alloc->residency)
		_narrow(&kind, &tag, alloc->residency);
	if (alloc && alloc->mode->residency)
		_narrow(&kind, &tag, alloc->mode->residency);
	if (kind == JOB_TAG_SET)
		*ret_tag = tag;
	return kind;
}
