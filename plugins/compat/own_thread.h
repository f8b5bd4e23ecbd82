/*
 * own_thread.h - a thread of a controller plugin that takes slurmctld's locks
 *
 * slurmctld ends a plugin from where it likes, sometimes holding the very locks that the thread is waiting for.
 * Such a thread is left behind: it gets its lock some time later, gives it back without another step, and ends.
 * The plugin's code stays in memory for that, and what the thread works on belongs to the thread.
 */
#ifndef AIF_COMPAT_OWN_THREAD_H
#define AIF_COMPAT_OWN_THREAD_H

#include "slurmctld.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include "src/slurmctld/locks.h"
#pragma GCC diagnostic pop

struct aif_own_thread;

/*
 * Call tick(thread, arg) once a second, the first time after a second, until it is stopped. done(arg) is called once,
 * when nobody uses arg any more. NULL, and done() is not called, when memory or threads are out.
 */
extern struct aif_own_thread *aif_own_thread_start(void (*tick)(struct aif_own_thread *thread, void *arg),
						   void (*done)(void *arg), void *arg);

/* End it. Whatever locks the caller holds: it does not wait for a thread that waits for them. NULL is fine. */
extern void aif_own_thread_stop(struct aif_own_thread *thread);

/*
 * Inside tick(): take slurmctld's locks. False, with nothing locked, when it is time to end: then tick() must
 * return without touching anything that does not belong to arg. Give them back with unlock_slurmctld().
 */
extern bool aif_own_thread_lock(struct aif_own_thread *thread, slurmctld_lock_t locks);

/*
 * Whether this slurmctld is the one in charge of jobs. Some plugins live in a backup controller that stands by,
 * too, beside the jobs of its last time in control: those are somebody else's now. O(1), no lock.
 */
extern bool aif_own_thread_in_control(void);

#endif
