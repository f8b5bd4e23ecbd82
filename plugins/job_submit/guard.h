/*
 * guard.h - the thread that looks after jobs which wait
 *
 * Every "budget.recheck" seconds, and soon after each change of the configuration, it looks at the queue: what was
 * held for a reason that is gone is released, what may no longer start is held, and each held job tells why. It
 * also counts what waits (tally.h). It takes slurmctld's locks as any RPC does, for writing only when there is
 * something to do.
 */
#ifndef AIF_GUARD_H
#define AIF_GUARD_H

/* Start the thread; nothing but in slurmctld. Call from init() after aif_snapwatch_start(). SLURM_ERROR: no threads. */
extern int aif_guard_start(void);

/*
 * End it; call from fini() before aif_snapwatch_stop(). Safe where the caller holds slurmctld's locks and the
 * thread waits for them: it is left behind then, does nothing more, and the plugin's code stays in memory for its
 * last steps.
 */
extern void aif_guard_stop(void);

#endif
