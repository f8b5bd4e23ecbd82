/* sealer.c - see sealer.h */
#include "sealer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audit_job.h"
#include "gpu_counts.h"
#include "job_ticket.h"
#include "own_thread.h"
#include "seal.h"

#define WANTED_MAX 4096 /* jobs that are remembered between two rounds; the others ask again */
#define SOCKET_MAX 108	/* sun_path */

/* Who wants a ticket. */
static struct {
	pthread_mutex_t mutex;
	uint32_t jobs[WANTED_MAX];
	size_t count;
} wanted = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* One ticket on its way into a record. */
struct order {
	struct aif_ticket ticket;
	char text[AIF_TICKET_TEXT_MAX];
	char *seal;
	uint32_t job_id; /* of the record */
};

/* What the thread works on; its own, as it may be left behind. */
struct sealer {
	struct order *orders;
	size_t count;
	char socket[SOCKET_MAX];
	uid_t reader;
	char said[sizeof(((struct aif_error *)0)->text)]; /* what is wrong, so that it is said once */
};

static struct aif_own_thread *own;
static time_t started;

static const slurmctld_lock_t look_lock = {.conf = READ_LOCK, .job = READ_LOCK};
static const slurmctld_lock_t count_lock = {.node = READ_LOCK};
static const slurmctld_lock_t put_lock = {.conf = READ_LOCK, .job = WRITE_LOCK};

/* ---- who wants one ---- */

static void _want(uint32_t job_id)
{
	size_t i = 0;

	pthread_mutex_lock(&wanted.mutex);
	while (i < wanted.count && wanted.jobs[i] != job_id)
		i++;
	if (i == wanted.count && i < WANTED_MAX)
		wanted.jobs[wanted.count++] = job_id;
	pthread_mutex_unlock(&wanted.mutex);
}

static bool _allows(const job_record_t *job_ptr)
{
	struct aif_ticket ticket;

	if (!job_ticket_needed(job_ptr, &ticket) || job_ticket_has(job_ptr, &ticket, started))
		return true;
	_want(job_ptr->job_id);
	debug("aif: %pJ has no ticket yet for its data residency", job_ptr);
	return false;
}

/* Of a heterogeneous job Slurm starts one part after the other, and ends those that run if one cannot: so all wait for all. */
extern bool sealer_allows(const job_record_t *job_ptr)
{
	uint32_t first = job_ptr->het_job_id, next = first;
	const job_record_t *part;
	bool allowed = _allows(job_ptr);

	while (first && (part = find_job_record(next++)) && part->het_job_id == first) {
		if (part != job_ptr && IS_JOB_PENDING(part) && !_allows(part))
			allowed = false;
	}
	return allowed;
}

/* ---- a round ---- */

static void _complain(struct sealer *sealer, const struct aif_error *err)
{
	if (!strcmp(sealer->said, err->text))
		return;
	strcpy(sealer->said, err->text);
	error("aif: %s; jobs with a data residency wait until then", err->text);
}

/* Those who wait, as orders without anything in them yet. */
static bool _take_wanted(struct sealer *sealer)
{
	pthread_mutex_lock(&wanted.mutex);
	sealer->count = wanted.count;
	sealer->orders = wanted.count ? calloc(wanted.count, sizeof(*sealer->orders)) : NULL;
	for (size_t i = 0; sealer->orders && i < wanted.count; i++)
		sealer->orders[i].job_id = wanted.jobs[i];
	wanted.count = 0;
	pthread_mutex_unlock(&wanted.mutex);
	return sealer->orders != NULL;
}

static void _drop_orders(struct sealer *sealer)
{
	for (size_t i = 0; sealer->orders && i < sealer->count; i++)
		free(sealer->orders[i].seal);
	free(sealer->orders);
	sealer->orders = NULL;
	sealer->count = 0;
}

/* The record, if the job waits and still needs another ticket than it has. */
static job_record_t *_find(uint32_t job_id, struct aif_ticket *ret_ticket)
{
	job_record_t *job_ptr = find_job_record(job_id);

	if (!job_ptr || !IS_JOB_PENDING(job_ptr) || !job_ticket_needed(job_ptr, ret_ticket) ||
	    job_ticket_has(job_ptr, ret_ticket, started))
		return NULL;
	return job_ptr;
}

static bool _write_texts(struct aif_own_thread *thread, struct sealer *sealer)
{
	struct aif_error err = {0};
	int rc;

	if (!aif_own_thread_lock(thread, look_lock))
		return false;
	sealer->reader = slurm_conf.slurmd_user_id;
	rc = aif_seal_socket(slurm_conf.authinfo, sealer->socket, sizeof(sealer->socket));
	for (size_t i = 0; !rc && i < sealer->count; i++) {
		struct order *order = &sealer->orders[i];

		if (_find(order->job_id, &order->ticket) &&
		    aif_ticket_format(&order->ticket, order->text, sizeof(order->text), &err))
			_complain(sealer, &err);
	}
	unlock_slurmctld(look_lock);
	return !rc;
}

/* One failure is enough to know that MUNGE does not work. */
static bool _seal(struct sealer *sealer)
{
	struct aif_error err = {0};

	for (size_t i = 0; i < sealer->count; i++) {
		struct order *order = &sealer->orders[i];

		if (!order->text[0])
			continue;
		if (aif_seal_make(order->text, sealer->socket, sealer->reader, &order->seal, &err)) {
			_complain(sealer, &err);
			return i > 0;
		}
		sealer->said[0] = '\0';
	}
	return true;
}

static void _put(struct aif_own_thread *thread, struct sealer *sealer)
{
	bool any = false;

	if (!aif_own_thread_lock(thread, put_lock))
		return;
	for (size_t i = 0; i < sealer->count; i++) {
		const struct order *order = &sealer->orders[i];
		struct aif_ticket ticket;
		job_record_t *job_ptr = order->seal ? _find(order->job_id, &ticket) : NULL;

		if (!job_ptr || !aif_ticket_same(&ticket, &order->ticket))
			continue;
		audit_job_sealed(job_ptr, &ticket, started);
		job_ticket_put(job_ptr, order->text, order->seal);
		any = true;
	}
	unlock_slurmctld(put_lock);
	if (any)
		queue_job_scheduler();
}

/* Here, since the submissions that need them shall not wait for it. False: it is time to end. */
static bool _renew_counts(struct aif_own_thread *thread)
{
	if (!gpu_counts_are_old())
		return true;
	if (!aif_own_thread_lock(thread, count_lock))
		return false;
	gpu_counts_renew();
	unlock_slurmctld(count_lock);
	return true;
}

static void _tick(struct aif_own_thread *thread, void *arg)
{
	struct sealer *sealer = arg;

	if (!aif_own_thread_in_control() || !_renew_counts(thread) || !_take_wanted(sealer))
		return;
	if (_write_texts(thread, sealer) && _seal(sealer))
		_put(thread, sealer);
	_drop_orders(sealer);
}

/* ---- life ---- */

static void _destroy(void *arg)
{
	_drop_orders(arg);
	free(arg);
}

extern int sealer_start(void)
{
	struct sealer *sealer = calloc(1, sizeof(*sealer));

	if (!sealer)
		return SLURM_ERROR;
	started = time(NULL);
	own = aif_own_thread_start(_tick, _destroy, sealer);
	if (own)
		return SLURM_SUCCESS;
	_destroy(sealer);
	return SLURM_ERROR;
}

extern void sealer_stop(void)
{
	aif_own_thread_stop(own);
	own = NULL;
}
