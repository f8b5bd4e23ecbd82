/*
 * inside_counts.h - how many nodes and GPUs lie inside of a tag, remembered
 *
 * Most tagged jobs ask for one of a few tags, and the set of nodes inside is made of bitmaps of all nodes. So the numbers of the
 * last tags are kept as long as the generations stay of all that they are made of: see residency_mask_generation() and
 * gpu_counts_generation(). They only decide which jobs are accepted: where these run is looked up anew each time.
 *
 * Needs slurmctld's node lock at least for reading. Any thread.
 */
#ifndef AIF_SELECT_INSIDE_COUNTS_H
#define AIF_SELECT_INSIDE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "restag.h"

/* exact: as slurmctld has them now, as in gpu_counts_of(). */
extern void inside_counts_of(const struct aif_restag *tag, bool exact, uint32_t *ret_nodes, uint32_t *ret_gpus);

#endif
