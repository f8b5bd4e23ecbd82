/*
 * gpuorder.h - in which order a job's GPUs on a node are neighbours, from gres.conf(5)
 *
 * Links (NVLink, xGMI) count most, then Cores, which tell GPUs of one socket or NUMA domain. Pure but for hosts.h.
 */
#ifndef AIF_SPANK_GPUORDER_H
#define AIF_SPANK_GPUORDER_H

#include <stddef.h>

#include "gpulinks.h"

/*
 * How the GPUs of node are linked, by the text of gres.conf. Returns -1 where that cannot be told: no line has Links, the node itself
 * finds out what it has (AutoDetect), lines are elsewhere (Include), GPUs of several types (Slurm sorts those its own way), or more than
 * AIF_GPULINKS_GPUS_MAX.
 */
extern int spank_aif_gpulinks(const char *conf, size_t length, const char *node, struct aif_gpulinks **ret_links);

/*
 * devices as in SLURM_STEP_GPUS, "0,2,3": the GPUs as Slurm numbers them on the node. Writes them as the job numbers them, from 0
 * on, so that neighbours in the list are linked best: "0,1,3,2". Returns -1 where devices are none of links or the text has no
 * room.
 */
extern int spank_aif_gpuorder(const struct aif_gpulinks *links, const char *devices, char *ret_text, size_t size);

#endif
