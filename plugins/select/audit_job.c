/* audit_job.c - see audit_job.h */
#include "audit_job.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "job_alloc.h"
#include "job_tag.h"
#include "job_ticket.h"
#include "rules.h"
#include "snapwatch.h"

#define SLOTS 16384 /* a job has the one of its number */

struct slot {
	uint32_t job_id; /* 0: empty */
	uint32_t restarts;
	char rule[16];
};

static struct {
	pthread_mutex_t mutex;
	struct slot slots[SLOTS];
} refused = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool _is_new(const job_record_t *job_ptr, const char *rule)
{
	struct slot *slot = &refused.slots[job_ptr->job_id % SLOTS];
	bool known;

	pthread_mutex_lock(&refused.mutex);
	known = slot->job_id == job_ptr->job_id && slot->restarts == job_ptr->restart_cnt && !strcmp(slot->rule, rule);
	slot->job_id = job_ptr->job_id;
	slot->restarts = job_ptr->restart_cnt;
	snprintf(slot->rule, sizeof(slot->rule), "%s", rule);
	pthread_mutex_unlock(&refused.mutex);
	return !known;
}

/* ---- what gave the tag ---- */

/* What has been found to apply so far, all together. */
struct sum {
	struct aif_auditevent *event;
	struct aif_restag tag;
	bool any;
};

static void _add(struct sum *sum, const struct aif_restag *tag, const char *word)
{
	if (!tag)
		return;
	if (!sum->any)
		sum->tag = *tag;
	else
		(void) aif_restag_intersect(&sum->tag, tag);
	sum->any = true;
	if (word)
		aif_auditevent_add_source(sum->event, word);
}

static void _add_datasets(struct sum *sum, const struct aif_snapshot *snapshot)
{
	const char *at = sum->event->datasets;
	const char *word = "datasets";
	char id[AIF_DATASETIDS_ID_SIZE];

	while (aif_datasetids_next(&at, id)) {
		const struct aif_dataset *dataset = aif_datasets_find(snapshot->datasets, id);

		_add(sum, dataset ? dataset->residency : NULL, word);
		word = dataset ? NULL : word;
	}
}

/* Nothing tells what the user asked for but a tag that is narrower than the rest. */
static void _add_sources(struct aif_auditevent *event, const job_record_t *job_ptr, const struct aif_snapshot *snapshot)
{
	assoc_mgr_lock_t locks = {.assoc = READ_LOCK, .qos = READ_LOCK};
	struct sum sum = {.event = event};
	const struct aif_alloc *alloc;
	struct aif_restag tag;

	assoc_mgr_lock(&locks);
	alloc = aif_job_alloc(snapshot, job_ptr);
	assoc_mgr_unlock(&locks);
	if (alloc) {
		_add(&sum, alloc->residency, "allocation");
		_add(&sum, alloc->mode->residency, "mode");
	}
	_add_datasets(&sum, snapshot);
	if (!aif_restag_parse(event->tag, NULL, 0, &tag, NULL) && (!sum.any || !aif_restag_equal(&sum.tag, &tag)))
		aif_auditevent_add_source(event, "user");
}

static void _fill(struct aif_auditevent *event, const job_record_t *job_ptr, const struct aif_ticket *ticket)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();

	if (ticket->alloc[0])
		aif_auditevent_set(event->allocation, sizeof(event->allocation), ticket->alloc);
	if (ticket->mode[0])
		aif_auditevent_set(event->mode, sizeof(event->mode), ticket->mode);
	if (ticket->policy[0])
		aif_auditevent_set(event->policy, sizeof(event->policy), ticket->policy);
	aif_auditevent_set(event->tag, sizeof(event->tag), ticket->tag);
	if (snapshot)
		_add_sources(event, job_ptr, snapshot);
	aif_snapshot_put(snapshot);
}

static void _set_nodes(struct aif_auditevent *event, const bitstr_t *nodes)
{
	char *list = bitmap2node_name((bitstr_t *) nodes);

	aif_auditevent_set_nodes(event, list);
	xfree(list);
}

/* ---- events ---- */

extern void audit_job_sealed(const job_record_t *job_ptr, const struct aif_ticket *ticket, time_t since)
{
	struct aif_auditevent *event;

	/* A slurmctld that starts seals anew what waits: that has been accepted before. */
	if (job_ptr->details->submit_time < since && job_ticket_has(job_ptr, ticket, 0))
		return;
	event = aif_audit_of_job(AIF_AUDIT_ACCEPT, job_ptr);
	if (event)
		_fill(event, job_ptr, ticket);
	aif_audit_note(event);
}

extern void audit_job_placed(const job_record_t *job_ptr)
{
	struct aif_auditevent *event;
	struct aif_ticket ticket;

	if (!job_ticket_needed(job_ptr, &ticket))
		return;
	event = aif_audit_of_job(AIF_AUDIT_PLACE, job_ptr);
	if (event) {
		_fill(event, job_ptr, &ticket);
		_set_nodes(event, job_ptr->node_bitmap);
	}
	aif_audit_note(event);
}

/* Why the job gets no node, whichever. */
static void _say_outside(struct aif_auditevent *event, const job_record_t *job_ptr)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	struct aif_restag tag;
	enum job_tag kind = job_tag_of(job_ptr, snapshot, &tag);

	if (kind == JOB_TAG_CLASH)
		aif_audit_say(event, AIF_R_EMPTY, "no place satisfies the tags of job, allocation and mode together");
	else if (kind == JOB_TAG_UNREADABLE)
		aif_audit_say(event, AIF_R_SYNTAX, "the job's tag cannot be read");
	else
		aif_audit_say(event, AIF_R_NOWHERE, "the nodes lie outside of the job's tag");
	aif_snapshot_put(snapshot);
}

extern void audit_job_outside(const job_record_t *job_ptr, const bitstr_t *nodes)
{
	struct aif_auditevent *event;
	struct aif_ticket ticket;

	if (!nodes && !_is_new(job_ptr, AIF_R_NOWHERE))
		return;
	event = aif_audit_of_job(AIF_AUDIT_REFUSE, job_ptr);
	if (event) {
		if (job_ticket_needed(job_ptr, &ticket))
			_fill(event, job_ptr, &ticket);
		_say_outside(event, job_ptr);
		if (nodes)
			_set_nodes(event, nodes);
		else if (job_ptr->details)
			aif_auditevent_set_nodes(event, job_ptr->details->req_nodes);
	}
	aif_audit_note(event);
}

extern void audit_job_not_started(const job_record_t *job_ptr, const char *rule, const char *why)
{
	struct aif_auditevent *event;
	struct aif_ticket ticket;

	if (!job_ticket_needed(job_ptr, &ticket) || !_is_new(job_ptr, rule))
		return;
	event = aif_audit_of_job(AIF_AUDIT_REFUSE, job_ptr);
	if (event) {
		_fill(event, job_ptr, &ticket);
		aif_audit_say(event, rule, why);
	}
	aif_audit_note(event);
}
