/*
 * fabric_private.h - what the files of fabric.h share
 *
 * A level is worked out as "first nodes": first_of[i] is the lowest index of any node in the island
 * that node i is in. Such numbers need no table of islands, sort into depth-first order and show at
 * once whether one level is a part of the next.
 */
#ifndef AIF_FABRIC_PRIVATE_H
#define AIF_FABRIC_PRIVATE_H

#include "fabric.h"

/* A level before it has island numbers. */
struct aif_fabric_draft {
    struct aif_fabric_levelconf conf;
    const uint32_t *first_of; /* [node_count] */
    /* Name of the island whose first node is "first", for the caller to free; NULL: memory is out.
     */
    char *(*name)(const void *context, uint32_t level, uint32_t first);
    const void *context;
    uint32_t level; /* number for name(), and of the level as it was asked for */
};

/* The conf of level, or what a level without one has. */
struct aif_fabric_levelconf aif_fabric_conf_of(const struct aif_fabric_levelconf *confs,
                                               uint32_t conf_count, uint32_t level);

/* Number the islands of drafts (innermost first, each a part of the next) and make the fabric. */
int aif_fabric_build(uint32_t node_count, uint32_t level_count,
                     const struct aif_fabric_draft *drafts, struct aif_fabric **ret_fabric,
                     struct aif_error *err);

/* Fill err: too many nodes; memory is out. */
int aif_fabric_check_size(uint32_t node_count, struct aif_error *err);
int aif_fabric_no_memory(struct aif_error *err);

#endif
