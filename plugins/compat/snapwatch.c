/* snapwatch.c - see snapwatch.h */
#include "slurmctld.h"
#include "snapwatch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
	char *complaint;	  /* the last one about policy and allocations */
	char *balances_complaint; /* the same about the balances */
	struct stat balances;	  /* as last read; zero: there were none */
} watch = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* slurm_conf may change under the thread's feet, so what comes from it is settled at the start. */
static void _settle(const char *plugin)
{
	watch.plugin = plugin;
	watch.dir = get_extra_conf_path("aif");
	watch.decides = !strncmp(plugin, "job_submit/", strlen("job_submit/"));
	watch.speaks = watch.decides || !xstrstr(slurm_conf.job_submit_plugins, "aif");
}

static void _complain(char **last, const char *text)
{
	if (*last && !strcmp(*last, text))
		return;
	free(*last);
	*last = strdup(text);
	if (watch.speaks)
		error("%s: %s", watch.plugin, text);
	else
		debug("%s: %s", watch.plugin, text);
}

static void _fine(char **last)
{
	free(*last);
	*last = NULL;
}

static bool _is_current(const struct aif_snapshot *snapshot)
{
	struct aif_snapshot *current = aif_snapshot_get(watch.holder);
	bool same = current && current->until == snapshot->until &&
		    !strcmp(current->hash, snapshot->hash);

	aif_snapshot_put(current);
	return same;
}

/* Balances that cannot be read must not take the place of older ones: usage would be forgotten. */
static void _keep_balances(struct aif_snapshot *snapshot)
{
	struct aif_snapshot *current = aif_snapshot_get(watch.holder);

	if (snapshot->balances_error.code)
		_complain(&watch.balances_complaint, snapshot->balances_error.text);
	aif_snapshot_keep_balances(snapshot, current);
	aif_snapshot_put(current);
}

static void _adopt(struct aif_snapshot *snapshot)
{
	_fine(&watch.complaint);
	if (_is_current(snapshot)) {
		aif_snapshot_put(snapshot);
		return;
	}
	_keep_balances(snapshot);
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
		_complain(&watch.complaint, err.text);
		return SLURM_ERROR;
	}
	_adopt(snapshot);
	return SLURM_SUCCESS;
}

static void _refresh(struct aif_snapshot *current)
{
	struct aif_snapshot *fresh = NULL;
	struct aif_error err = { 0 };

	if (aif_snapshot_refresh(current, &fresh, &err)) {
		_complain(&watch.balances_complaint, err.text);
		return;
	}
	_fine(&watch.balances_complaint);
	if (fresh->balances)
		debug("%s: balances of %zu allocations read", watch.plugin,
		      aif_balances_count(fresh->balances));
	else
		debug("%s: no balances", watch.plugin);
	aif_snapshot_swap(watch.holder, fresh);
}

static bool _same_file(const struct stat *a, const struct stat *b)
{
	/* The time of the last change of state, which a chmod that makes it readable moves, too. */
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/*
 * The reporter replaces the file as a whole. It is looked at before it is read, so that one that comes in between is
 * seen the next time.
 */
static void _look_at_balances(void)
{
	struct aif_snapshot *current = aif_snapshot_get(watch.holder);
	struct stat now = { 0 };

	if (!current)
		return;
	if (stat(current->policy->report.balances, &now) < 0)
		now = (struct stat) { 0 };
	if (!_same_file(&now, &watch.balances)) {
		watch.balances = now;
		_refresh(current);
	}
	aif_snapshot_put(current);
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

/* A group of countries has other members from today on. */
static bool _is_over(void)
{
	struct aif_snapshot *current = aif_snapshot_get(watch.holder);
	bool over = current && current->until && time(NULL) >= current->until;

	aif_snapshot_put(current);
	return over;
}

static void *_run(void *arg)
{
	time_t seen = slurm_conf.last_update;
	bool again = _is_fresh(seen);

	(void) arg;
	while (_sleep_a_round()) {
		time_t now_at = slurm_conf.last_update;
		bool changed = now_at != seen;

		if (changed || again || _is_over())
			(void) _load();
		_look_at_balances();
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
	_fine(&watch.complaint);
	_fine(&watch.balances_complaint);
	watch.balances = (struct stat) { 0 };
}

extern struct aif_snapshot *aif_snapwatch_get(void)
{
	return watch.holder ? aif_snapshot_get(watch.holder) : NULL;
}
