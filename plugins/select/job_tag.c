/* job_tag.c - see job_tag.h */
#include "job_tag.h"

#include <string.h>

#include "admincomment.h"

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

static void _narrow(enum job_tag *kind, struct aif_residency *tag, const struct aif_residency *more)
{
	if (*kind == JOB_TAG_SET)
		aif_residency_intersect(tag, more);
	else
		*tag = *more;
	*kind = JOB_TAG_SET;
}

static enum job_tag _from_text(const char *text, const struct aif_policy *policy,
			       struct aif_residency *ret_tag)
{
	struct aif_error err = {0};

	if (!text[0])
		return JOB_TAG_NONE;
	if (aif_residency_parse(text, policy ? policy->groups : NULL,
				policy ? policy->group_count : 0, ret_tag, &err))
		return JOB_TAG_UNREADABLE;
	return JOB_TAG_SET;
}

/* 1 if there is one, 0 if not, -1 if somebody has damaged a text that had a tag. */
static int _read_mark(const char *text, struct aif_admincomment *ret_mark)
{
	/* Most jobs have no admin_comment or none of ours: do not parse JSON for them. */
	if (!text || !strstr(text, "\"aif\""))
		return 0;
	if (aif_admincomment_read(text, ret_mark) > 0)
		return 1;
	return strstr(text, "\"res\"") ? -1 : 0;
}

extern enum job_tag job_tag_of(const job_record_t *job_ptr, const struct aif_snapshot *snapshot,
			       struct aif_residency *ret_tag)
{
	struct aif_admincomment comment = {0};
	const struct aif_alloc *alloc = NULL;
	struct aif_residency tag;
	enum job_tag kind;
	int marked = _read_mark(job_ptr->admin_comment, &comment);

	/* Without a mark and a policy: job_submit/aif had none either, so nobody has decided yet where it may run. */
	if (marked < 0 || (!marked && !snapshot && _has_our_qos(job_ptr)))
		return JOB_TAG_UNREADABLE;
	kind = _from_text(comment.residency, snapshot ? snapshot->policy : NULL, &tag);
	if (kind == JOB_TAG_UNREADABLE)
		return kind;
	if (snapshot)
		alloc = _alloc(job_ptr, comment.alloc, snapshot->allocs);
	if (alloc && alloc->has_residency)
		_narrow(&kind, &tag, &alloc->residency);
	if (alloc && alloc->mode->has_residency)
		_narrow(&kind, &tag, &alloc->mode->residency);
	if (kind == JOB_TAG_SET)
		*ret_tag = tag;
	return kind;
}
