/* audit.c - see audit.h */
#include "audit.h"

#include "auditqueue.h"
#include "auditspool.h"
#include "job_alloc.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define QUEUE_MAX 8192 /* events, some 14 MB */
#define RETRY_MS 1000
#define ADVICE_PART 4 /* of the spool is for advice */

static struct {
	struct aif_auditqueue *queue; /* NULL: not started */
	struct aif_auditspool *spool; /* the thread's, as all below */
	struct aif_auditspool *advice; /* for what rules would have done: may fill a part of the directory only */
	pthread_t thread;
	struct aif_auditevent *first; /* taken from the queue, not yet written */
	struct aif_auditevent **end;
	uint64_t lost; /* not yet told */
	bool advice_fails;
	char complaint[sizeof(((struct aif_error *) 0)->text)]; /* the last one */
} audit;

/* ---- the thread ---- */

static void _complain(const struct aif_error *err)
{
	if (!strcmp(audit.complaint, err->text))
		return;
	snprintf(audit.complaint, sizeof(audit.complaint), "%s", err->text);
	error("aif: decisions about data residency cannot be written down: %s", err->text);
}

static struct aif_auditspool *_spool_of(const struct aif_auditevent *event)
{
	return event->kind == AIF_AUDIT_ADVISE ? audit.advice : audit.spool;
}

static bool _write(const struct aif_auditevent *event, struct aif_error *err)
{
	struct aif_text text = { 0 };
	int rc = aif_auditevent_write(event, &text);

	if (!rc)
		rc = aif_text_append(&text, "\n", 1);
	if (rc)
		aif_error_set(err, AIF_ENOMEM, "out of memory");
	else
		rc = aif_auditspool_append(_spool_of(event), text.data, text.length, err);
	aif_text_free(&text);
	return !rc;
}

static bool _write_lost(struct aif_error *err)
{
	struct aif_auditevent event = { .kind = AIF_AUDIT_LOST, .at = time(NULL), .lost = audit.lost };

	if (!audit.lost)
		return true;
	aif_audit_say(&event, NULL, "more decisions than could be written down in time");
	if (!_write(&event, err))
		return false;
	audit.lost = 0;
	return true;
}

/* Nothing waits for what rules would have done: where it cannot be written it is in the log alone. */
static bool _write_or_drop(const struct aif_auditevent *event, struct aif_error *err)
{
	bool written = _write(event, err);

	if (event->kind != AIF_AUDIT_ADVISE)
		return written;
	if (!written && !audit.advice_fails)
		error("aif: what rules would have done cannot be written down: %s", err->text);
	audit.advice_fails = !written;
	return true;
}

static bool _write_events(struct aif_error *err)
{
	while (audit.first) {
		struct aif_auditevent *event = audit.first;

		if (!_write_or_drop(event, err))
			return false;
		audit.first = event->next;
		aif_auditevent_destroy(event);
	}
	audit.end = &audit.first;
	return true;
}

/* What could not be written stays for the next time. */
static void _write_down(void)
{
	struct aif_error err = { 0 };

	if (!audit.first && !audit.lost)
		return;
	if (_write_events(&err) && _write_lost(&err) && !aif_auditspool_sync(audit.spool, &err) &&
	    !aif_auditspool_sync(audit.advice, &err))
		audit.complaint[0] = '\0';
	else
		_complain(&err);
}

static size_t _length(const struct aif_auditevent *event)
{
	size_t length = 0;

	for (; event; event = event->next)
		length++;
	return length;
}

/* What waits here has as much room as the queue, no more, and as there only half of it is for advice. */
static void _take_over(struct aif_auditevent *list)
{
	size_t room = QUEUE_MAX - MIN(_length(audit.first), QUEUE_MAX);

	while (list) {
		struct aif_auditevent *event = list;
		bool advice = event->kind == AIF_AUDIT_ADVISE;

		list = event->next;
		event->next = NULL;
		if (room > (advice ? QUEUE_MAX / 2 : 0)) {
			room--;
			*audit.end = event;
			audit.end = &event->next;
		} else {
			audit.lost += !advice;
			aif_auditevent_destroy(event);
		}
	}
}

static void *_run(void *arg)
{
	struct aif_auditevent *list;
	uint64_t lost;

	(void) arg;
	while (aif_auditqueue_take(audit.queue, RETRY_MS, &list, &lost)) {
		_take_over(list);
		audit.lost += lost;
		_write_down();
	}
	return NULL;
}

/* ---- life ---- */

static void _clear(void)
{
	while (audit.first) {
		struct aif_auditevent *event = audit.first;

		audit.first = event->next;
		aif_auditevent_destroy(event);
		audit.lost++;
	}
	if (audit.lost)
		error("aif: %" PRIu64 " decisions about data residency are lost", audit.lost);
	aif_auditqueue_destroy(audit.queue);
	aif_auditspool_destroy(audit.spool);
	aif_auditspool_destroy(audit.advice);
	memset(&audit, 0, sizeof(audit));
}

extern int aif_audit_start(const char *writer)
{
	struct aif_auditspool_limits limits = aif_auditspool_limits;
	char *dir;

	if (audit.queue || !running_in_slurmctld())
		return SLURM_SUCCESS;
	dir = xstrdup_printf("%s/" AIF_AUDITSPOOL_DIR, slurm_conf.state_save_location);
	limits.total /= ADVICE_PART;
	audit.end = &audit.first;
	audit.spool = aif_auditspool_create(dir, writer, &aif_auditspool_limits);
	audit.advice = aif_auditspool_create(dir, writer, &limits);
	audit.queue = aif_auditqueue_create(QUEUE_MAX);
	xfree(dir);
	if (audit.spool && audit.advice && audit.queue && !pthread_create(&audit.thread, NULL, _run, NULL))
		return SLURM_SUCCESS;
	_clear();
	return SLURM_ERROR;
}

extern void aif_audit_stop(void)
{
	if (!audit.queue)
		return;
	aif_auditqueue_close(audit.queue);
	pthread_join(audit.thread, NULL);
	_clear();
}

/* ---- what hooks call ---- */

extern void aif_audit_note(struct aif_auditevent *event)
{
	if (audit.queue)
		aif_auditqueue_put(audit.queue, event);
	else
		aif_auditevent_destroy(event);
}

extern void aif_audit_set_user(char ret_user[AIF_AUDITEVENT_NAME], uint32_t uid)
{
	snprintf(ret_user, AIF_AUDITEVENT_NAME, "%u", uid);
}

extern void aif_audit_say(struct aif_auditevent *event, const char *rule, const char *reason)
{
	if (event && rule)
		aif_auditevent_set(event->rule, sizeof(event->rule), rule);
	if (event && reason)
		aif_auditevent_set(event->reason, sizeof(event->reason), reason);
}

static void _set_mark(struct aif_auditevent *event, const job_record_t *job_ptr)
{
	struct aif_admincomment mark;

	if (!aif_job_mark(job_ptr, &mark))
		return;
	aif_auditevent_set(event->allocation, sizeof(event->allocation), mark.alloc);
	aif_auditevent_set(event->mode, sizeof(event->mode), mark.mode);
	aif_auditevent_set(event->policy, sizeof(event->policy), mark.policy);
	aif_auditevent_set(event->tag, sizeof(event->tag), mark.residency);
	aif_auditevent_set(event->datasets, sizeof(event->datasets), mark.datasets);
}

extern struct aif_auditevent *aif_audit_of_job(enum aif_auditevent_kind kind, const job_record_t *job_ptr)
{
	struct aif_auditevent *event = aif_auditevent_create(kind, time(NULL));

	if (!event)
		return NULL;
	event->job = job_ptr->job_id;
	event->parent = job_ptr->array_job_id ? job_ptr->array_job_id : job_ptr->het_job_id;
	aif_audit_set_user(event->user, job_ptr->user_id);
	aif_auditevent_set(event->account, sizeof(event->account), job_ptr->account);
	_set_mark(event, job_ptr);
	return event;
}
