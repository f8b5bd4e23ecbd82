/* job_alloc.c - see job_alloc.h */
#include "job_alloc.h"

#include "decide.h"

#include <string.h>

static const struct aif_alloc *_of_account(const struct aif_snapshot *snapshot, const job_record_t *job_ptr)
{
	const struct aif_alloc *alloc = NULL;
	struct aif_admincomment mark;

	if (job_ptr->account)
		alloc = aif_alloctable_by_account(snapshot->allocs, job_ptr->account);
	if (!alloc || !alloc->next_of_account)
		return alloc;
	if (!aif_job_mark(job_ptr, &mark))
		return NULL;
	while (alloc && xstrcasecmp(alloc->id, mark.alloc))
		alloc = alloc->next_of_account;
	return alloc;
}

extern const struct aif_alloc *aif_job_alloc(const struct aif_snapshot *snapshot, const job_record_t *job_ptr)
{
	const struct aif_alloc *alloc = NULL;

	if (job_ptr->qos_ptr && job_ptr->qos_ptr->name)
		alloc = aif_alloctable_by_qos(snapshot->allocs, job_ptr->qos_ptr->name);
	if (!alloc && snapshot->policy->carrier == AIF_CARRIER_ASSOCIATION)
		alloc = _of_account(snapshot, job_ptr);
	return alloc;
}

extern bool aif_job_mark(const job_record_t *job_ptr, struct aif_admincomment *ret_mark)
{
	return aif_job_mark_with(job_ptr, "aif", ret_mark);
}

/* Users cannot write admin_comment, so looking for the word first is as good as parsing. */
extern bool aif_job_mark_with(const job_record_t *job_ptr, const char *word, struct aif_admincomment *ret_mark)
{
	memset(ret_mark, 0, sizeof(*ret_mark));
	return job_ptr->admin_comment && strstr(job_ptr->admin_comment, "\"aif\"") &&
	       strstr(job_ptr->admin_comment, word) &&
	       aif_admincomment_read(job_ptr->admin_comment, ret_mark) > 0;
}

extern uint32_t aif_job_minutes(const job_record_t *job_ptr)
{
	const part_record_t *part = job_ptr->part_ptr;
	uint32_t minutes = job_ptr->time_limit;

	if (minutes == NO_VAL && part)
		minutes = part->default_time != NO_VAL ? part->default_time : part->max_time;
	return minutes && minutes < NO_VAL ? minutes : AIF_MINUTES_UNKNOWN;
}

static int _named_position(const char *tres)
{
	char *type = xstrdup(tres), *name = strchr(type, '/');
	slurmdb_tres_rec_t key = { .type = type };
	int position;

	if (name)
		*name++ = '\0';
	key.name = name;
	position = assoc_mgr_find_tres_pos(&key, true);
	xfree(type);
	return position;
}

extern int aif_charge_position(const struct aif_charge *charge, const char *gpu_tres)
{
	switch (charge->tres) {
	case AIF_CHARGE_NODE:
		return TRES_ARRAY_NODE;
	case AIF_CHARGE_BILLING:
		return TRES_ARRAY_BILLING;
	case AIF_CHARGE_GPU:
		break;
	}
	return _named_position(gpu_tres);
}
