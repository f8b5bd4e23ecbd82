/*
 * fabric.h - the machine's islands, level by level
 *
 * An island is a set of nodes that talk to each other more cheaply than to others. Islands are nested: level 0 is the
 * innermost (NVLink domain, block, leaf switch), the last the outermost (dragonfly group, pod). Each level has a weight:
 * what one more island of that level costs a job; 0 means that the level does not count (the leaf switches of a
 * Slingshot group, whose nodes have their NICs on four of them). Links between the GPUs of one node: gpulinks.h.
 *
 * Pure and immutable once made; any number of threads may read. Nodes are indexes 0..node_count-1. Islands of each level
 * are numbered in one depth-first order, so that those of an island of the next level are neighbours.
 */
#ifndef AIF_FABRIC_H
#define AIF_FABRIC_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define AIF_FABRIC_LEVELS_MAX 6
#define AIF_FABRIC_SEGMENTS_MAX 8
#define AIF_FABRIC_NAME_SIZE 32       /* of a level, with NUL */
#define AIF_FABRIC_WEIGHT_MAX 1000000
#define AIF_FABRIC_NODES_MAX 1000000

/* What a site says of a level. */
struct aif_fabric_levelconf {
    char name[AIF_FABRIC_NAME_SIZE]; /* "leaf", "group", "domain" … for people; no blanks */
    uint32_t weight;
    uint32_t segments[AIF_FABRIC_SEGMENTS_MAX]; /* node counts per island that large jobs like, falling */
    uint32_t segment_count;
};

struct aif_fabric_level {
    struct aif_fabric_levelconf conf;
    uint32_t island_count;
    uint32_t *island_of; /* [node_count] */
    uint32_t *parent_of; /* [island_count]: island of the next level; 0 in the outermost */
    uint32_t *first;     /* [island_count + 1]: island i has order[first[i]] … order[first[i + 1] - 1] */
    char **names;        /* [island_count], for people */
};

struct aif_fabric {
    uint32_t node_count;
    uint32_t level_count; /* >= 1; a machine without islands is one */
    struct aif_fabric_level levels[AIF_FABRIC_LEVELS_MAX];
    uint32_t *order; /* [node_count]: the nodes island by island, by index inside the innermost */
};

/*
 * A level of which nobody said anything (0: innermost): called "leaf", "group" or "level<n>" ("level3" is the third), with
 * weight 1 for the innermost and 100 times as much for each one further out, at most AIF_FABRIC_WEIGHT_MAX.
 */
struct aif_fabric_levelconf aif_fabric_default_conf(uint32_t level);

/*
 * Make a fabric of topology addresses: addresses[i] is the dotted path of node i without the node itself, outermost
 * first ("core.group1.leaf3"); NULL or "" for a node in no switch, which is an island for itself on each level
 * ("no-switch"), for nothing says that two such nodes are near to each other; where no node is in a switch, all make one
 * island ("all"). Where an address is shorter than others, its outermost switch stands for the levels that it lacks.
 * Islands of a level are those with the same path, whatever their last name.
 *
 * The confs (innermost first, may be NULL with count 0) name and weigh the levels, counted from the node before any is left
 * out; a level without one is as aif_fabric_default_conf() says. Levels that have but one island are left out, unless
 * none would be left; so are those beyond AIF_FABRIC_LEVELS_MAX. Fails when memory is out or there are too many nodes.
 */
int aif_fabric_from_addresses(uint32_t node_count, const char *const *addresses,
                              const struct aif_fabric_levelconf *confs, uint32_t conf_count,
                              struct aif_fabric **ret_fabric, struct aif_error *err);

/*
 * Make a fabric of island numbers as they come: island_ids[l][i] is any number that is the same for the nodes of one
 * island of level l (innermost first), names[l][id] (names, or one of its members, may be NULL: "<level><id>") its name;
 * confs may be NULL. All levels stay, even those of one island. Islands that share the next one are numbered in order of
 * their lowest nodes. Fails as above, and where a level is no part of the next (the text says which islands).
 */
int aif_fabric_from_islands(uint32_t node_count, uint32_t level_count, const uint32_t *const *island_ids,
                            const char *const *const *names, const struct aif_fabric_levelconf *confs,
                            struct aif_fabric **ret_fabric, struct aif_error *err);

void aif_fabric_destroy(struct aif_fabric *fabric);

/*
 * The levels of a known system ("lumi-g", "leonardo-booster", "jupiter-booster", "nvl72" …, see fabricpreset.c for list and
 * sources), innermost first. Returns their number, or 0 for an unknown name. aif_fabric_preset_names is NULL-terminated.
 */
uint32_t aif_fabric_preset(const char *name, struct aif_fabric_levelconf ret_confs[AIF_FABRIC_LEVELS_MAX]);
extern const char *const aif_fabric_preset_names[];

/*
 * The known system that a machine looks like whose nodes with GPUs, gpus on each, make this fabric; or NULL.
 */
const char *aif_fabric_preset_guess(const struct aif_fabric *fabric, uint32_t gpus);

#endif
