/*
 * placement_choice.h - which nodes a job gets, as stock Slurm chooses them and as we do (tests/bench placement)
 *
 * The stock sides are written after what select/cons_tres and the topology plugins of 22.05 and 24.11 do with candidates
 * of one weight whose CPUs are cut to the request; `tests/bench placement --live` compares them with slurmctld.
 */
#ifndef PLACEMENT_CHOICE_H
#define PLACEMENT_CHOICE_H

#include "placement_cluster.h"

enum placement_arm {
    PLACEMENT_FLAT,       /* runs of neighbouring nodes, smallest that suffices */
    PLACEMENT_TREE,       /* topology/tree */
    PLACEMENT_DRAGONFLY,  /* the same with TopologyParam=dragonfly */
    PLACEMENT_BLOCK,      /* topology/block: base blocks are the leaves, all powers of two in BlockSizes */
    PLACEMENT_BEST_FIT,   /* our engine without knowledge of end times */
    PLACEMENT_OURS,       /* our engine over flat or tree */
    PLACEMENT_OURS_FLAT,  /* the same without islands */
    PLACEMENT_OURS_BLOCK, /* our engine over topology/block, which refuses what its rule forbids */
    PLACEMENT_STRICT,     /* our engine, jobs wait for the least span */
    PLACEMENT_ARMS
};

extern const char *const placement_arm_names[PLACEMENT_ARMS + 1]; /* NULL at the end */

struct placement_wish {
    uint32_t nodes;
    uint32_t gpus;    /* per node */
    uint32_t seconds; /* limit */
    uint32_t now;
    bool patient;     /* PLACEMENT_STRICT: still waits for the least span */
};

struct placement_chooser;

struct placement_chooser *placement_chooser_create(const struct placement_cluster *cluster, enum placement_arm arm,
                                                   uint32_t leftover_seconds);
void placement_chooser_destroy(struct placement_chooser *chooser);

/*
 * nodes: the cluster's, or as they will be; excluded[i]: node i must not be used (NULL: all may). ret_nodes has room for
 * wish->nodes, ascending. False: the job must wait.
 */
bool placement_choose(struct placement_chooser *chooser, const struct aif_place_node *nodes,
                      const uint8_t *excluded, const struct placement_wish *wish, uint32_t *ret_nodes);

/* Nodes for a job that backfill plans ahead: stock Slurm's choice for all sides but PLACEMENT_STRICT. */
bool placement_choose_planned(struct placement_chooser *chooser, const struct aif_place_node *nodes,
                              const uint8_t *excluded, const struct placement_wish *wish, uint32_t *ret_nodes);

#endif
