/*
 * gpulinks.h - how the GPUs of one node are linked, and which of them belong together
 *
 * The figures are those of gres.conf's Links and Cores. Pure; a pattern is immutable once made. Devices are bits of a
 * mask, bit i is GPU i of the node. Exact search over all subsets, which Slurm's own choice is not (reference
 * topology.md 1.4): at most C(16, 8) of them, looked up in a table for nodes of up to 8 GPUs.
 */
#ifndef AIF_GPULINKS_H
#define AIF_GPULINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#define AIF_GPULINKS_GPUS_MAX 16

struct aif_gpulinks;

/*
 * links[i * count + j]: links between GPU i and j (what stands at i == j does not matter, the larger of both directions
 * counts); sockets[i]: any number that GPUs of one socket share (NULL: one socket). Fails for no GPUs, more than
 * AIF_GPULINKS_GPUS_MAX, and when memory is out. Nothing is kept of the arrays. Takes 4 bytes for each set of GPUs: 1 KiB for
 * 8 of them, 256 KiB for 16.
 */
int aif_gpulinks_create(uint32_t count, const uint16_t *links, const uint16_t *sockets,
                        struct aif_gpulinks **ret_links, struct aif_error *err);
void aif_gpulinks_destroy(struct aif_gpulinks *links);

/* Same links, same GPUs together on a socket. */
bool aif_gpulinks_equal(const struct aif_gpulinks *a, const struct aif_gpulinks *b);

/* Whether all pairs are linked alike, so that any choice is as good as another. */
bool aif_gpulinks_are_uniform(const struct aif_gpulinks *links);

/* Links inside a set, each counted once. */
uint32_t aif_gpulinks_inside(const struct aif_gpulinks *links, uint64_t set);

/* The GPUs on the same socket as one of them; 0: there is no such GPU. */
uint64_t aif_gpulinks_socket(const struct aif_gpulinks *links, uint32_t gpu);

/*
 * The best k GPUs of free: most links inside, then fewest links cut to GPUs that stay free, then fewest sockets, then the
 * lowest mask. 0: free has fewer than k. Bits that are no GPU are left out of every set.
 */
uint64_t aif_gpulinks_pick(const struct aif_gpulinks *links, uint64_t free, uint32_t k);

/*
 * What a job of k GPUs loses on a node where only free is free: links inside the best k of all GPUs minus links inside the
 * best k of free. 0: nothing. UINT32_MAX: it does not fit. O(1) for nodes of up to 8 GPUs.
 */
uint32_t aif_gpulinks_loss(const struct aif_gpulinks *links, uint64_t free, uint32_t k);

/*
 * The members of set in an order in which neighbours are linked best, starting at the lowest: most links between neighbours,
 * then between the last and the first, then the lowest GPUs first (exact for up to 8; for more, each time the one that is
 * linked best to the last). ret_order has room for AIF_GPULINKS_GPUS_MAX. Returns their number.
 */
uint32_t aif_gpulinks_order(const struct aif_gpulinks *links, uint64_t set, uint8_t *ret_order);

#endif
