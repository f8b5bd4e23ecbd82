/*
 * placement_plan.h - when and where the first jobs of the queue can start, as far as limits tell (tests/bench placement)
 *
 * Each planned job keeps its nodes from jobs that would still run at its start. Planned jobs get nodes of their own; one
 * that cannot is not planned.
 */
#ifndef PLACEMENT_PLAN_H
#define PLACEMENT_PLAN_H

#include "moments.h"
#include "placement_sched.h"

#define PLACEMENT_PLANS_MAX 16

struct placement_plans {
    uint32_t count;
    int64_t at[PLACEMENT_PLANS_MAX];          /* starts, ascending */
    uint8_t *reserved[PLACEMENT_PLANS_MAX + 1]; /* [i][node]: one of the first i needs the node */
    struct aif_place_node *nodes;             /* room, [nodes] each */
    uint32_t *chosen;
    uint8_t *free;
};

int placement_plans_init(struct placement_plans *plans, const struct placement_cluster *cluster);
void placement_plans_free(struct placement_plans *plans);

/* How many of the planned jobs start before that time. */
uint32_t placement_plans_before(const struct placement_plans *plans, int64_t time);

/*
 * Plans one more job, which fits into the empty cluster, but not now. limits: when those of the running jobs end. Returns its
 * place among the plans by time, or count if it is not planned.
 */
uint32_t placement_plans_add(struct placement_plans *plans, const struct placement_cluster *cluster,
                             struct placement_chooser *chooser, const struct placement_job *jobs,
                             const struct moments *limits, const struct placement_wish *wish);

#endif
