/*
 * gpucores.h - which cores gres.conf says are near to each GPU of a node
 */
#ifndef AIF_RANK_GPUCORES_H
#define AIF_RANK_GPUCORES_H

#include <stddef.h>

#include "tools/rankmap.h"

/*
 * ret_cores[i]: the Cores of GPU i, "0-15", malloc'ed; NULL: not said. The file is the one beside slurm.conf (SLURM_CONF, else
 * Slurm's default). Returns how many GPUs the file tells of, at most AIF_RANK_GPUS_MAX; 0 where nothing is known.
 */
size_t aif_gpucores_read(const char *node, char *ret_cores[AIF_RANK_GPUS_MAX]);

#endif
