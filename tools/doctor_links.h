/*
 * doctor_links.h - what Slurm 24.05 and later make of unequal Links, for "aif doctor"; pure
 */
#ifndef AIF_TOOL_DOCTOR_LINKS_H
#define AIF_TOOL_DOCTOR_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "gpulinks.h"

#define AIF_DOCTOR_LINKS_SINCE 2405 /* year and month of the first Slurm that sorts the wrong way round */

/* "24.11.5" as 2411; 0: not understood. */
uint32_t aif_doctor_release(const char *version);

/* A pair of GPUs that a job of two gets on an idle node, and the best of the same socket. */
struct aif_doctor_pair {
    uint64_t slurm;
    uint64_t best;
    uint32_t slurm_links;
    uint32_t best_links;
};

/* The first socket of a node where Slurm gives a worse pair than it could; false: there is none. */
bool aif_doctor_find_pair(const struct aif_gpulinks *links, struct aif_doctor_pair *ret_pair);

#endif
