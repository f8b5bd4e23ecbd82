/*
 * select_gpus.h - the GPUs of a node as slurmctld counts them
 *
 * What never changes while slurmctld runs (types, links, cores near to each GPU) is apart from what does (which are
 * free). All calls need slurmctld's node lock at least for reading.
 */
#ifndef AIF_COMPAT_SELECT_GPUS_H
#define AIF_COMPAT_SELECT_GPUS_H

#include "slurmctld.h"

#include "held.h"

/* Padding is zeroed, so that two shapes may be compared as memory. */
extern void aif_compat_node_shape(const node_record_t *node, struct aif_node_shape *ret_shape);

/* Which GPUs are free: *ret_mask is 0 where only their number is known. */
extern void aif_compat_node_free_gpus(const node_record_t *node, uint8_t *ret_free, uint64_t *ret_mask);

/* GPUs that the node has, in use or not. */
extern uint32_t aif_compat_node_gpu_count(const node_record_t *node);

/*
 * Links between the GPUs of a node, count x count as in gpulinks.h; ret_links has room for AIF_GPULINKS_GPUS_MAX squared.
 * False: not known, or all alike.
 */
extern bool aif_compat_node_links(const node_record_t *node, uint32_t count, uint16_t *ret_links);

#endif
