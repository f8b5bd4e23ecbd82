/*
 * snapwatch.h - the configuration as one plugin inside slurmctld sees it
 *
 * Linked into each controller plugin, so each .so has its own copy and no plugin depends on another. Reads
 * aif/policy.json, aif/allocations.json and what may stand with them beside slurm.conf when it starts, and again from a thread of
 * its own after "scontrol reconfigure" or SIGHUP (23.11 and later replace the process instead, which reads afresh) and on the
 * days on which a group of countries changes. Files that do not check out leave the old configuration in place and give one log line, not repeated for the same text.
 *
 * The balances that aif-reportd writes (balances.h) are read again within seconds of a change, without a reconfigure and
 * without parsing the rest again.
 */
#ifndef AIF_COMPAT_SNAPWATCH_H
#define AIF_COMPAT_SNAPWATCH_H

#include "snapshot.h"

/*
 * Load and start watching; call from init(). plugin names the caller in log lines, e.g. "job_submit/aif". In other
 * processes than slurmctld nothing is read and no thread runs. Fails when memory or threads are out. A broken file is
 * no failure, except for job_submit/aif in the new process of a reconfigure (23.11 and later) while the old one waits:
 * failing there keeps the old one, with its policy.
 */
extern int aif_snapwatch_start(const char *plugin);

/* End the thread and drop the configuration; call from fini(). Fine without a start. */
extern void aif_snapwatch_stop(void);

/* A reference to be put back with aif_snapshot_put(), or NULL if none was ever valid. Any thread, O(1). */
extern struct aif_snapshot *aif_snapwatch_get(void);

#endif
