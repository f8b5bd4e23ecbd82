/*
 * lane_sched.h - a cluster of GPUs and its scheduler, in simulated time (tests/bench lane)
 *
 * At every event jobs start from the head of the queue until one does not fit, as in Slurm's main
 * scheduler, and then backfill plans the first jobs and starts what delays none of these.
 * Priorities are computed at submit and every "recheck" seconds; equal ones go by submit time. GPUs
 * are all alike: nothing is known of nodes.
 */
#ifndef LANE_SCHED_H
#define LANE_SCHED_H

#include "lane_profile.h"
#include "snapshot.h"

struct lane_sim_conf {
    int64_t gpus;
    int64_t recheck;    /* seconds between two computations of priorities */
    int64_t reserve;    /* jobs that backfill plans ahead */
    int64_t depth;      /* jobs that a backfill pass looks at */
    int64_t age_weight; /* PriorityWeightAge */
    int64_t age_max;    /* PriorityMaxAge, seconds */
    int64_t qos;        /* points of jobs of modes with a lane, by QOS weight */
    int64_t lane;       /* 1: site factor by the lane engine */
};

struct lane_sim_job {
    int64_t submit;
    int64_t duration;
    int64_t limit;
    int64_t gpus;
    const struct aif_alloc *alloc;
    int64_t start; /* -1: not yet */
    int64_t age;   /* points, as of the last computation */
    int64_t priority;
};

struct lane_sim {
    struct lane_sim_conf conf;
    const struct aif_policy *policy;
    struct lane_sim_job *jobs; /* by submit time */
    size_t count;
    uint64_t closed_ticks; /* with a closed share that a lane's mode is in, of ticks */
    uint64_t ticks;
};

/* Runs all jobs to their end and fills in start. -1: no memory. */
int lane_sim_run(struct lane_sim *sim);

#endif
