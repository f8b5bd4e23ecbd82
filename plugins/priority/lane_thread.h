/*
 * lane_thread.h - the thread that keeps the lanes up to date
 *
 * Every "budget.recheck" seconds, after each change of the configuration, after each pass of multifactor's decay thread,
 * and soon after a new job of a levelled lane it looks at the queue: counts what runs, closes and opens shares, and gives
 * waiting jobs their points anew. It takes slurmctld's locks as the decay thread does, for writing only when there is
 * something to change, and writes what must outlive slurmctld to StateSaveLocation.
 */
#ifndef AIF_LANE_THREAD_H
#define AIF_LANE_THREAD_H

/* Start it; nothing but in slurmctld. Call from init() after aif_snapwatch_start(). plugin names it in log lines. */
extern int aif_lane_thread_start(const char *plugin);

/* End it; call from fini() before aif_snapwatch_stop(). Safe whatever locks the caller holds. */
extern void aif_lane_thread_stop(void);

#endif
