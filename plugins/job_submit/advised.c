/* advised.c - see advised.h */
#include "advised.h"

#include "audit.h"
#include "rules.h"

#include <stdio.h>
#include <time.h>

static const char *_text(const struct aif_decision *decision, size_t index)
{
	const char *text = aif_decision_advised(decision, index);

	return text[0] ? text : aif_rules_find(decision->advised.items[index].rule)->title;
}

/* "would have been ..." */
static const char *_become(const struct aif_decision *decision, size_t index)
{
	static const char *const words[] = { "refused", "held", "given less time" };

	return words[decision->advised.items[index].would];
}

static void _fill(struct aif_auditevent *event, const struct aif_snapshot *snapshot,
		  const struct aif_decision *decision, size_t index)
{
	const struct aif_advised *advised = &decision->advised;

	event->gpu_secs = advised->gpu_secs;
	aif_auditevent_set(event->would, sizeof(event->would), aif_would_name(advised->items[index].would));
	aif_auditevent_set(event->account, sizeof(event->account), advised->account);
	aif_auditevent_set(event->mode, sizeof(event->mode), advised->mode ? advised->mode->name : "");
	if (decision->alloc)
		aif_auditevent_set(event->allocation, sizeof(event->allocation), decision->alloc->id);
	snprintf(event->policy, sizeof(event->policy), "%.16s", snapshot->hash);
	aif_audit_say(event, advised->items[index].rule, _text(decision, index));
}

extern void aif_advised_submission(const struct aif_snapshot *snapshot, const job_desc_msg_t *job_desc,
				   const struct aif_decision *decision)
{
	for (size_t i = 0; i < decision->advised_count; i++) {
		struct aif_auditevent *event = aif_auditevent_create(AIF_AUDIT_ADVISE, time(NULL));

		info("job_submit/aif: advise: a job of uid %u would have been %s: %s", job_desc->user_id,
		     _become(decision, i), _text(decision, i));
		if (event) {
			aif_audit_set_user(event->user, job_desc->user_id);
			_fill(event, snapshot, decision, i);
		}
		aif_audit_note(event);
	}
}

extern void aif_advised_update(const struct aif_snapshot *snapshot, const job_record_t *job_ptr, uint32_t uid,
			       const struct aif_decision *decision)
{
	for (size_t i = 0; i < decision->advised_count; i++) {
		struct aif_auditevent *event = aif_audit_of_job(AIF_AUDIT_ADVISE, job_ptr);

		info("job_submit/aif: advise: update of %pJ by uid %u would have been %s: %s", job_ptr, uid,
		     _become(decision, i), _text(decision, i));
		if (event) {
			if (uid != job_ptr->user_id)
				aif_audit_set_user(event->by, uid);
			_fill(event, snapshot, decision, i);
		}
		aif_audit_note(event);
	}
}
