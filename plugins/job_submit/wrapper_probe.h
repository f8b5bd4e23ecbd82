/*
 * wrapper_probe.h - is our select wrapper active, and what lies inside a residency tag
 */
#ifndef AIF_WRAPPER_PROBE_H
#define AIF_WRAPPER_PROBE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "restag.h"

/*
 * Ask the wrapper that this slurmctld has loaded. False when none is active: then nothing keeps a tagged job off
 * foreign nodes. Not exact, GPUs may be those of a minute ago; exact takes milliseconds on large clusters. note: the tag's
 * (tagmemo.h), where the answer is kept; NULL: none. Needs config and node read locks. Any thread.
 */
extern bool aif_wrapper_probe(const struct aif_restag *tag, _Atomic uint64_t *note, bool exact, uint32_t *ret_nodes,
			      uint32_t *ret_gpus);

/*
 * Whether the wrapper is active, nothing has changed since the answer that is in the note, and that was at least so many; then there is no
 * need to ask. Needs the node read lock. Any thread.
 */
extern bool aif_wrapper_probe_recalls(const _Atomic uint64_t *note, uint64_t nodes, uint64_t gpus);

/* Drop what was kept; call from fini(). */
extern void aif_wrapper_probe_fini(void);

#endif
