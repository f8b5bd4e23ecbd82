/* own_thread.c - see own_thread.h */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr() */
#endif

#include "own_thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* Data of slurmctld: weak, so that any program can load a plugin of ours. */
#pragma weak slurmctld_config
#pragma weak backup_inx
#pragma weak control_time

extern time_t control_time; /* since when it is in control; in no header */

struct aif_own_thread {
	pthread_t id;
	pthread_mutex_t mutex; /* of the three flags */
	pthread_cond_t wake;
	bool stop;
	bool waiting; /* for slurmctld's locks, perhaps for somebody who waits for us */
	bool left;    /* nobody will join it */
	void (*tick)(struct aif_own_thread *thread, void *arg);
	void (*done)(void *arg);
	void *arg;
};

/* Returns false when it is time to end. */
static bool _set_waiting(struct aif_own_thread *thread, bool waiting)
{
	bool go_on;

	pthread_mutex_lock(&thread->mutex);
	go_on = !thread->stop;
	thread->waiting = waiting && go_on;
	pthread_mutex_unlock(&thread->mutex);
	return go_on;
}

extern bool aif_own_thread_lock(struct aif_own_thread *thread, slurmctld_lock_t locks)
{
	if (!_set_waiting(thread, true))
		return false;
	lock_slurmctld(locks);
	if (_set_waiting(thread, false))
		return true;
	unlock_slurmctld(locks);
	return false;
}

static bool _sleep_a_second(struct aif_own_thread *thread)
{
	struct timespec until;
	bool go_on;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	pthread_mutex_lock(&thread->mutex);
	while (!thread->stop && pthread_cond_timedwait(&thread->wake, &thread->mutex, &until) != ETIMEDOUT)
		;
	go_on = !thread->stop;
	pthread_mutex_unlock(&thread->mutex);
	return go_on;
}

static void _free(struct aif_own_thread *thread)
{
	pthread_cond_destroy(&thread->wake);
	pthread_mutex_destroy(&thread->mutex);
	free(thread);
}

static void _finish(struct aif_own_thread *thread)
{
	thread->done(thread->arg);
	_free(thread);
}

static void *_run(void *arg)
{
	struct aif_own_thread *thread = arg;
	bool left;

	while (_sleep_a_second(thread))
		thread->tick(thread, thread->arg);
	pthread_mutex_lock(&thread->mutex);
	left = thread->left;
	pthread_mutex_unlock(&thread->mutex);
	if (left)
		_finish(thread);
	return NULL;
}

static void _init_wake(struct aif_own_thread *thread)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&thread->wake, &attr);
	pthread_condattr_destroy(&attr);
}

extern struct aif_own_thread *aif_own_thread_start(void (*tick)(struct aif_own_thread *thread, void *arg),
						   void (*done)(void *arg), void *arg)
{
	struct aif_own_thread *thread = calloc(1, sizeof(*thread));

	if (!thread)
		return NULL;
	thread->tick = tick;
	thread->done = done;
	thread->arg = arg;
	pthread_mutex_init(&thread->mutex, NULL);
	_init_wake(thread);
	if (!pthread_create(&thread->id, NULL, _run, thread))
		return thread;
	_free(thread);
	return NULL;
}

/* Slurm unloads a plugin after fini(): not this one, as long as a thread may still return into it. */
static void _pin(void)
{
	Dl_info self;

	if (dladdr((void *) &_run, &self) && self.dli_fname)
		(void) dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

extern void aif_own_thread_stop(struct aif_own_thread *thread)
{
	pthread_t id;
	bool left;

	if (!thread)
		return;
	id = thread->id;
	pthread_mutex_lock(&thread->mutex);
	thread->stop = true;
	left = thread->left = thread->waiting;
	if (left)
		_pin();
	pthread_cond_signal(&thread->wake);
	pthread_mutex_unlock(&thread->mutex);
	if (left) {
		pthread_detach(id);
	} else {
		pthread_join(id, NULL);
		_finish(thread);
	}
}

/* The primary never stands by (and from 23.11 on may have no such time after a reconfigure). */
extern bool aif_own_thread_in_control(void)
{
	return !slurmctld_config.shutdown_time && (!backup_inx || control_time);
}
