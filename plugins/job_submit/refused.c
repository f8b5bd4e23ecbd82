/* refused.c - see refused.h */
#include "refused.h"

#include "own_thread.h"
#include "state_file.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILE_NAME "aif_refused"
#define FILE_MAX ((size_t) AIF_REFUSALS_USERS * AIF_REFUSALS_EACH * AIF_REFUSALS_LINE_MAX)
#define SAVE_SECONDS 3

static struct {
	pthread_mutex_t mutex; /* of refusals and unsaved; never held while anything else is waited for */
	struct aif_refusals *refusals; /* NULL: not started */
	bool unsaved;
} memory = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* The thread's own. */
struct keeper {
	char *path;
	bool loaded;
	uint32_t ticks;
	char complaint[sizeof(((struct aif_error *) 0)->text)]; /* the last one */
};

static struct aif_own_thread *thread;

/* ---- remembering ---- */

static void _fill(struct aif_refusal *refusal, const char *name, const char *account, const char *rule, const char *text)
{
	refusal->at = time(NULL);
	refusal->times = 1;
	aif_refusal_set(refusal->name, sizeof(refusal->name), name);
	aif_refusal_set(refusal->account, sizeof(refusal->account), account);
	aif_refusal_set(refusal->rule, sizeof(refusal->rule), rule);
	aif_refusal_set(refusal->text, sizeof(refusal->text), text);
}

static void _add(const struct aif_refusal *refusal)
{
	pthread_mutex_lock(&memory.mutex);
	if (memory.refusals) {
		aif_refusals_add(memory.refusals, refusal);
		memory.unsaved = true;
	}
	pthread_mutex_unlock(&memory.mutex);
}

extern void aif_refused_submission(const job_desc_msg_t *job_desc, uint32_t by, const char *rule, const char *text)
{
	struct aif_refusal refusal = { .uid = job_desc->user_id, .by = by };

	_fill(&refusal, job_desc->name, job_desc->account, rule, text);
	_add(&refusal);
}

extern void aif_refused_update(const job_record_t *job_ptr, uint32_t by, const char *rule, const char *text)
{
	struct aif_refusal refusal = { .uid = job_ptr->user_id, .by = by, .job = job_ptr->job_id };

	_fill(&refusal, job_ptr->name, job_ptr->account, rule, text);
	_add(&refusal);
}

/* ---- answering ---- */

/* Those of one place, copied, so that nobody waits for more than that. */
static size_t _copy(size_t place, struct aif_refusal list[AIF_REFUSALS_EACH])
{
	size_t count = 0;

	pthread_mutex_lock(&memory.mutex);
	if (memory.refusals)
		count = aif_refusals_at(memory.refusals, place, list);
	pthread_mutex_unlock(&memory.mutex);
	return count;
}

static int _place(uint32_t uid)
{
	int place = -1;

	pthread_mutex_lock(&memory.mutex);
	if (memory.refusals)
		place = aif_refusals_place(memory.refusals, uid);
	pthread_mutex_unlock(&memory.mutex);
	return place;
}

static size_t _collect(bool all, uint32_t uid, struct aif_refusal *newest)
{
	struct aif_refusal list[AIF_REFUSALS_EACH];
	int first = all ? 0 : _place(uid);
	int end = all ? AIF_REFUSALS_USERS : first + 1;
	size_t count = 0;

	for (int place = first; place >= 0 && place < end; place++) {
		size_t found = _copy((size_t) place, list);

		if (found && (all || list[0].uid == uid)) /* in between it may have become somebody else's */
			count = aif_refusals_newest(list, found, time(NULL) - AIF_REFUSALS_KEPT, newest, count,
						    AIF_REFUSALS_TOLD);
	}
	return count;
}

static char *_write(const struct aif_refusal *newest, size_t count)
{
	struct aif_text text = { 0 };
	char *answer;
	bool fine = !aif_text_printf(&text, AIF_REFUSALS_ANSWER "%zu\n", count);

	for (size_t i = 0; fine && i < count; i++)
		fine = !aif_refusal_write(&newest[i], &text);
	answer = xstrdup(fine ? text.data : "aif: out of memory");
	aif_text_free(&text);
	return answer;
}

static char *_tell(bool all, uint32_t uid)
{
	struct aif_refusal *newest = calloc(AIF_REFUSALS_TOLD, sizeof(*newest));
	char *answer = newest ? _write(newest, _collect(all, uid, newest)) : xstrdup("aif: out of memory");

	free(newest);
	return answer;
}

extern char *aif_refused_answer(const char *question, uint32_t uid)
{
	const char *whose = question + strlen(AIF_REFUSALS_QUESTION);
	uint64_t other = uid;
	bool all = !strcmp(whose, "=all");

	if (whose[0] && !all && (whose[0] != '=' || aif_text_to_u64(whose + 1, &other) < 0 || other >= NO_VAL))
		return xstrdup("aif: refusals of whom? Say " AIF_REFUSALS_QUESTION ", or behind it =all or =UID");
	if ((all || other != uid) && !validate_operator(uid))
		return xstrdup("aif: only operators of Slurm are told what others were refused");
	return _tell(all, (uint32_t) other);
}

/* ---- the file ---- */

static void _complain(struct keeper *keeper, const struct aif_error *err)
{
	if (strcmp(keeper->complaint, err->text))
		error("aif: refusals will be forgotten at a restart: %s", err->text);
	snprintf(keeper->complaint, sizeof(keeper->complaint), "%s", err->text);
}

static void _load(struct keeper *keeper)
{
	struct aif_error err = { 0 };
	char *text = NULL;

	keeper->loaded = true;
	if (aif_state_file_read(keeper->path, FILE_MAX, &text, &err))
		_complain(keeper, &err);
	if (!text)
		return;
	pthread_mutex_lock(&memory.mutex);
	if (memory.refusals)
		(void) aif_refusals_read(memory.refusals, text);
	pthread_mutex_unlock(&memory.mutex);
	free(text);
}

static bool _take_unsaved(void)
{
	bool unsaved;

	pthread_mutex_lock(&memory.mutex);
	unsaved = memory.unsaved;
	memory.unsaved = false;
	pthread_mutex_unlock(&memory.mutex);
	return unsaved;
}

static bool _write_all(struct aif_text *text)
{
	struct aif_refusal list[AIF_REFUSALS_EACH];
	int64_t since = time(NULL) - AIF_REFUSALS_KEPT;
	bool fine = true;

	for (size_t place = 0; place < AIF_REFUSALS_USERS; place++) {
		size_t count = _copy(place, list);

		for (size_t i = 0; fine && i < count; i++)
			if (list[i].at >= since)
				fine = !aif_refusal_write(&list[i], text);
	}
	return fine;
}

static void _save(struct keeper *keeper)
{
	struct aif_error err = { 0 };
	struct aif_text text = { 0 };
	bool fine = _write_all(&text);

	if (!fine)
		aif_error_set(&err, AIF_ENOMEM, "out of memory");
	else if (text.length && aif_state_file_write(keeper->path, 0600, text.data, &err))
		fine = false;
	if (fine)
		keeper->complaint[0] = '\0';
	else
		_complain(keeper, &err);
	aif_text_free(&text);
}

/* It ends, or another slurmctld is in control from now on and may come to know of more. */
static void _leave(struct keeper *keeper)
{
	struct aif_refusals *seen, *fresh;

	if (!keeper->loaded)
		return;
	if (_take_unsaved())
		_save(keeper);
	keeper->loaded = false;
	fresh = aif_refusals_create();
	pthread_mutex_lock(&memory.mutex);
	seen = memory.refusals;
	memory.refusals = fresh;
	pthread_mutex_unlock(&memory.mutex);
	aif_refusals_destroy(seen);
}

static void _tick(struct aif_own_thread *own, void *arg)
{
	struct keeper *keeper = arg;

	(void) own;
	if (!aif_own_thread_in_control()) {
		_leave(keeper);
		return;
	}
	if (!keeper->loaded)
		_load(keeper);
	if (++keeper->ticks % SAVE_SECONDS == 0 && _take_unsaved())
		_save(keeper);
}

/* ---- life ---- */

static void _done(void *arg)
{
	struct keeper *keeper = arg;

	if (keeper->loaded && _take_unsaved())
		_save(keeper);
	xfree(keeper->path);
	free(keeper);
}

static void _forget(void)
{
	pthread_mutex_lock(&memory.mutex);
	aif_refusals_destroy(memory.refusals);
	memory.refusals = NULL;
	memory.unsaved = false;
	pthread_mutex_unlock(&memory.mutex);
}

extern int aif_refused_start(void)
{
	struct keeper *keeper;

	if (thread || !running_in_slurmctld())
		return SLURM_SUCCESS;
	keeper = calloc(1, sizeof(*keeper));
	memory.refusals = aif_refusals_create();
	if (keeper && memory.refusals) {
		keeper->path = xstrdup_printf("%s/" FILE_NAME, slurm_conf.state_save_location);
		thread = aif_own_thread_start(_tick, _done, keeper);
	}
	if (thread)
		return SLURM_SUCCESS;
	if (keeper)
		_done(keeper);
	_forget();
	return SLURM_ERROR;
}

extern void aif_refused_stop(void)
{
	if (!thread)
		return;
	aif_own_thread_stop(thread);
	thread = NULL;
	_forget();
}
