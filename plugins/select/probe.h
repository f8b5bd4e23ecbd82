/*
 * probe.h - the proof that the wrapper is really active, asked by job_submit/aif
 */
#ifndef AIF_SELECT_PROBE_H
#define AIF_SELECT_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "restag.h"

/*
 * Exported from the .so. Returns 0 when the wrapper is loaded in slurmctld, initialised and
 * delegating, and then the number of nodes inside of tag and of their configured GPUs (all nodes if
 * tag is NULL); else -1 and leaves both alone. Not exact, GPUs may be those of a minute ago. Any thread; the caller holds the node
 * lock at least for reading.
 */
extern int aif_select_probe(const struct aif_restag *tag, uint32_t *ret_nodes,
				       uint32_t *ret_gpus, bool exact);

/*
 * Exported from the .so, for tests: compare what is remembered of the nodes with slurmctld's records. Returns the number
 * of nodes that differ, -1 while nothing is remembered. The caller holds the job and node locks at least for reading.
 */
extern int aif_select_recount(void);

#endif
