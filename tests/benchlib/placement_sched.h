/*
 * placement_sched.h - a queue of GPU jobs and its scheduler on a cluster of nodes, in simulated time (tests/bench
 * placement)
 *
 * First in, first out with EASY backfill, as Slurm's two schedulers do it: at each submission and end jobs start from the
 * head of the queue until one does not fit; every 30 seconds in which something changed, backfill goes along the queue,
 * plans when and where the first jobs can start as far as time limits tell, keeps these nodes free for them, and starts
 * what fits elsewhere or ends before.
 */
#ifndef PLACEMENT_SCHED_H
#define PLACEMENT_SCHED_H

#include "placement_choice.h"

struct placement_job {
    uint32_t submit;
    uint32_t duration;
    uint32_t limit;
    uint32_t nodes;
    uint32_t gpus;   /* per node */
    uint32_t size;   /* number of the pair (nodes, gpus), from 0 */
    uint32_t start;  /* PLACEMENT_WAITS: not yet */
    uint32_t run;    /* seconds, longer than duration where the modelled slowdown hits */
    uint32_t leaves; /* touched */
    uint32_t groups;
    uint32_t *at;    /* [nodes] while it runs */
};

#define PLACEMENT_WAITS UINT32_MAX
#define PLACEMENT_SIZES_MAX 256

struct placement_conf {
    uint32_t begin, end;       /* the measured part: jobs submitted and time passed in it count */
    uint32_t depth;            /* jobs that a backfill pass looks at, */
    uint32_t reserve;          /* and plans at most */
    uint32_t leftover_seconds; /* struct aif_place_ask */
    uint32_t strict_seconds;   /* how long PLACEMENT_STRICT waits for the least span */
    uint32_t slow_leaf;        /* thousandths of run time that needless leaves cost, */
    uint32_t slow_group;       /* and needless groups */
    bool trace;                /* print each start: "start TIME JOB NODE..." */
};

/* Sums over the measured time, in units times seconds. */
struct placement_meter {
    double seconds, busy, stranded, fragments, idle, broken;
    double band_seconds, band_stranded;   /* while 90 % of the GPUs and more are in use */
    double queue_seconds, queue_busy;     /* while jobs wait */
    double starved_seconds, starved_free; /* while the first job waits though as many GPUs are free */
    double choices, choice_ns, choice_ns_max;
};

struct placement_sim {
    struct placement_shape shape;
    struct placement_conf conf;
    enum placement_arm arm;
    struct placement_job *jobs; /* by submit time */
    uint32_t count;
    uint32_t size_count;
    double fragment_of[PLACEMENT_GPUS_MAX + 1]; /* GPUs of a node with so many free that a typical job cannot use */
    struct placement_meter meter;
};

/* Fewest islands that a job can touch. */
uint32_t placement_least_leaves(const struct placement_shape *shape, uint32_t nodes);
uint32_t placement_least_groups(const struct placement_shape *shape, uint32_t nodes);

/* Runs the jobs until all that count have started; fills in meter and what the jobs say of their start. -1: no memory. */
int placement_sim_run(struct placement_sim *sim);

#endif
