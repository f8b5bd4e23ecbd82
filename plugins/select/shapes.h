/*
 * shapes.h - the kinds of node there are: what thousands of nodes have in common is kept once
 *
 * Not thread-safe. Calls that read records need slurmctld's node lock at least for reading.
 */
#ifndef AIF_SELECT_SHAPES_H
#define AIF_SELECT_SHAPES_H

#include "select_gpus.h"

struct shapes;

/* NULL when memory is out. */
extern struct shapes *shapes_create(void);
extern void shapes_destroy(struct shapes *shapes);

/* Give the number of a node's kind, a new one if it has not been seen. -1: memory is out, or there are too many. */
extern int shapes_add(struct shapes *shapes, const node_record_t *node, uint16_t *ret_shape);

/* Whether a node still is of that kind. */
extern bool shapes_is(const struct shapes *shapes, uint16_t shape, const node_record_t *node);

extern uint32_t shapes_count(const struct shapes *shapes);

/* Kinds as they are numbered; valid as long as shapes. */
extern const struct aif_node_shape *shapes_at(const struct shapes *shapes, uint32_t shape);

/* The link pattern of a kind as struct aif_place_node has it, and all patterns. */
extern uint8_t shapes_pattern(const struct shapes *shapes, uint32_t shape);
extern const struct aif_gpulinks *const *shapes_patterns(const struct shapes *shapes);

#endif
