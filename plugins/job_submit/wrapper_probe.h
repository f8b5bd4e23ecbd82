/*
 * wrapper_probe.h - is our select wrapper active, and what lies inside a residency tag
 */
#ifndef AIF_WRAPPER_PROBE_H
#define AIF_WRAPPER_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "restag.h"

/*
 * Ask the wrapper that this slurmctld has loaded. False when none is active: then nothing keeps a tagged job off
 * foreign nodes. Not exact, GPUs may be those of a minute ago; exact takes milliseconds on large clusters. Needs config and node
 * read locks. Any thread.
 */
extern bool aif_wrapper_probe(const struct aif_restag *tag, uint32_t *ret_nodes,
			      uint32_t *ret_gpus, bool exact);

/* Drop what was kept; call from fini(). */
extern void aif_wrapper_probe_fini(void);

#endif
