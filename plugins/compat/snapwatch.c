/* snapwatch.c - see snapwatch.h */
#include "slurmctld.h"
#include "snapwatch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POLL_SECONDS 1

static struct {
	const char *plugin;
	char *dir;
	bool decides; /* this is job_submit/aif */
	bool speaks;  /* all plugins read the same files; one of them talks about it in the open */
	struct aif_snapshot_holder *holder;
	pthread_t thread;
	bool running;
	bool stop;
	pthread_mutex_t mutex; /* guards stop */
	pthread_cond_t wake;
	char *last_complaint;
} watch = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* slurm_conf may change under the thread's feet, so what comes from it is settled at the start. */
static void _settle(const char *plugin)
{
	watch.plugin = plugin;
	watch.dir = get_extra_conf_path("aif");
	watch.decides = !strncmp(plugin, "job_submit/", strlen("job_submit/"));
	watch.speaks = watch.decides || !xstrstr(slurm_conf.job_submit_plugins, "aif");
}

static void _complain(const char *text)
{
	if (watch.last_complaint && !strcmp(watch.last_complaint, text))
		return;
	free(watch.last_complaint);
	watch.last_complaint = strdup(text);
	if (watch.speaks)
		error("%s: %s", watch.plugin, text);
	else
		debug("%s: %s", watch.plugin, text);
}

static bool _is_current(const struct aif_snapshot *snapshot)
{
	struct aif_snapshot *current = aif_snapshot_get(watch.holder);
	bool same = current && !strcmp(current->hash, snapshot->hash);

	aif_snapshot_put(current);
	return same;
}

static void _adopt(struct aif_snapshot *snapshot)
{
	free(watch.last_complaint);
	watch.last_complaint = NULL;
	if (_is_current(snapshot)) {
		aif_snapshot_put(snapshot);
		return;
	}
	log_var(watch.speaks ? LOG_LEVEL_INFO : LOG_LEVEL_VERBOSE,
		"%s: policy %.8s with %zu modes and %zu allocations is in force", watch.plugin,
		snapshot->hash, snapshot->policy->mode_count,
		aif_alloctable_count(snapshot->allocs));
	aif_snapshot_swap(watch.holder, snapshot);
}

static int _load(void)
{
	struct aif_snapshot *snapshot = NULL;
	struct aif_error err = { 0 };

	if (aif_snapshot_load(watch.dir, &snapshot, &err)) {
		_complain(err.text);
		return SLURM_ERROR;
	}
	_adopt(snapshot);
	return SLURM_SUCCESS;
}

/*
 * From 23.11 on a reconfigure starts a new process, and the old one waits to see whether it comes up. Giving up there
 * leaves the old one in charge, with the old policy, and "scontrol reconfigure" fails visibly. An attached slurmctld
 * (-D) replaces itself instead: nothing waits, and it goes on without a policy as after a cold start. Only job_submit/aif
 * gives up: Slurm does not start without it, but would take the stock plugin for a select wrapper that fails.
 */
static bool _must_give_up(void)
{
	return watch.decides && getenv("SLURMCTLD_RECONF_PARENT_FD");
}

/* Returns false when it is time to end. */
static bool _sleep_a_round(void)
{
	struct timespec until;
	bool go_on;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += POLL_SECONDS;
	pthread_mutex_lock(&watch.mutex);
	while (!watch.stop &&
	       pthread_cond_timedwait(&watch.wake, &watch.mutex, &until) != ETIMEDOUT)
		;
	go_on = !watch.stop;
	pthread_mutex_unlock(&watch.mutex);
	return go_on;
}

/*
 * slurm_conf.last_update counts whole seconds: after a change that is not older than that, look once more, so that
 * another reconfigure within the same second is not missed.
 */
static bool _is_fresh(time_t changed_at)
{
	return time(NULL) - changed_at <= POLL_SECONDS;
}

static void *_run(void *arg)
{
	time_t seen = slurm_conf.last_update;
	bool again = _is_fresh(seen);

	(void) arg;
	while (_sleep_a_round()) {
		time_t now_at = slurm_conf.last_update;
		bool changed = now_at != seen;

		if (changed || again)
			(void) _load();
		again = changed && _is_fresh(now_at);
		seen = now_at;
	}
	return NULL;
}

static int _start_thread(void)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&watch.wake, &attr);
	pthread_condattr_destroy(&attr);
	watch.stop = false;
	if (pthread_create(&watch.thread, NULL, _run, NULL)) {
		pthread_cond_destroy(&watch.wake);
		return SLURM_ERROR;
	}
	watch.running = true;
	return SLURM_SUCCESS;
}

extern int aif_snapwatch_start(const char *plugin)
{
	if (watch.holder || !running_in_slurmctld())
		return SLURM_SUCCESS;
	watch.holder = aif_snapshot_holder_create();
	if (!watch.holder)
		return SLURM_ERROR;
	_settle(plugin);
	if ((_load() != SLURM_SUCCESS && _must_give_up()) || _start_thread() != SLURM_SUCCESS) {
		aif_snapwatch_stop();
		return SLURM_ERROR;
	}
	return SLURM_SUCCESS;
}

static void _stop_thread(void)
{
	if (!watch.running)
		return;
	pthread_mutex_lock(&watch.mutex);
	watch.stop = true;
	pthread_cond_signal(&watch.wake);
	pthread_mutex_unlock(&watch.mutex);
	pthread_join(watch.thread, NULL);
	pthread_cond_destroy(&watch.wake);
	watch.running = false;
}

extern void aif_snapwatch_stop(void)
{
	_stop_thread();
	aif_snapshot_holder_destroy(watch.holder);
	watch.holder = NULL;
	xfree(watch.dir);
	free(watch.last_complaint);
	watch.last_complaint = NULL;
}

extern struct aif_snapshot *aif_snapwatch_get(void)
{
	return watch.holder ? aif_snapshot_get(watch.holder) : NULL;
}
