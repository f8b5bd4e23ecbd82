/*
 * probe.h - the proof that the wrapper is really active, asked by job_submit/aif
 */
#ifndef AIF_SELECT_PROBE_H
#define AIF_SELECT_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "residency.h"

/* Tell whether slurmctld uses the wrapper: set after the node table was handed to it. */
extern void probe_set_ready(bool ready);

/*
 * Exported from the .so. Returns 0 when the wrapper is loaded in slurmctld, initialised and
 * delegating, and then the number of nodes inside of tag and of their configured GPUs (all nodes if
 * tag is NULL); else -1 and leaves both alone. Any thread; the caller holds the node lock at least
 * for reading.
 */
extern int aif_select_probe(const struct aif_residency *tag, uint32_t *ret_nodes,
			    uint32_t *ret_gpus);

#endif
