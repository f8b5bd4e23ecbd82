/*
 * sealer.h - tagged jobs start with a sealed ticket only
 *
 * MUNGE may take its time, and may not be asked under slurmctld's locks. So a job test that finds a tagged job without its
 * ticket answers "not now" and leaves the job's id here; a thread seals tickets for all of them within a second
 * or so, puts them into the records, and wakes the scheduler. While MUNGE does not work, tagged jobs wait. A slurmctld that starts
 * seals anew what waits, so that a change of MUNGE's key takes no more than that. The same thread reads the nodes' GPUs anew
 * (gpu_counts.h).
 */
#ifndef AIF_SELECT_SEALER_H
#define AIF_SELECT_SEALER_H

#include "select_api.h"

/* Start the thread; call from init(). Fails when memory or threads are out. */
extern int sealer_start(void);

/* End it; call from fini(), whatever locks are held. */
extern void sealer_stop(void);

/*
 * Whether the job, and each part of a heterogeneous one, needs no ticket or has it. If not it will get one soon. O(1) but for the
 * parts and their admin_comment. Needs the job lock;
 * takes the association manager's association and QOS read locks.
 */
extern bool sealer_allows(const job_record_t *job_ptr);

#endif
