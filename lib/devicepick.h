/*
 * devicepick.h - which GPUs of a node would be linked better than those that a job is about to get
 *
 * Slurm from 24.05 on takes the worst linked GPUs of a socket for --gres=gpu:2 and its kin (reference topology.md 1.4). This finds
 * the best set that may take their place: as many GPUs of each kind (socket and type), so that the cores, tasks and types that
 * Slurm has counted on stay true. Exact, over all subsets; pure, nothing is allocated, thread-safe.
 *
 * Devices are bits of a mask, bit i is GPU i of the node.
 */
#ifndef AIF_DEVICEPICK_H
#define AIF_DEVICEPICK_H

#include <stdbool.h>
#include <stdint.h>

#define AIF_DEVICEPICK_GPUS_MAX 8 /* at most 70 subsets: two microseconds */

struct aif_devicepick {
    uint32_t count; /* GPUs of the node */
    uint16_t links[AIF_DEVICEPICK_GPUS_MAX][AIF_DEVICEPICK_GPUS_MAX]; /* the diagonal does not matter */
    uint8_t kind[AIF_DEVICEPICK_GPUS_MAX]; /* any number that GPUs share which may replace each other */
};

/* Links inside a set, each counted once. */
uint32_t aif_devicepick_inside(const struct aif_devicepick *node, uint32_t set);

/* As many members, and as many of each kind. */
bool aif_devicepick_alike(const struct aif_devicepick *node, uint32_t a, uint32_t b);

/*
 * The best set alike to chosen out of chosen and free: most links inside; of those, fewest links cut to GPUs that stay free; of those, chosen
 * itself, else the lowest mask. Links that differ by direction count as the mean of both. Returns chosen where count is over
 * the maximum.
 */
uint32_t aif_devicepick(const struct aif_devicepick *node, uint32_t free, uint32_t chosen);

#endif
