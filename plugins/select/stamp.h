/*
 * stamp.h - whether what aif_select_probe() said still holds, in one word that anybody may look at
 *
 * The lowest bit is set while the wrapper is active; the others count what changes of nodes, places and configuration the wrapper has
 * seen. Features are not among them, of which it is not told: who remembers an answer also looks at last_node_update. Counts of GPUs are made
 * anew each minute while somebody asks for them, which is a change, too. Any thread, no lock.
 */
#ifndef AIF_SELECT_STAMP_H
#define AIF_SELECT_STAMP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Exported from the .so. To be read before the probe whose answer is remembered with it. */
extern _Atomic uint64_t aif_select_stamp;

/* Something changed. */
extern void stamp_renew(void);

/* Whether slurmctld uses the wrapper: set after the node table was handed to it. */
extern void stamp_set_active(bool active);
extern bool stamp_is_active(void);

#endif
