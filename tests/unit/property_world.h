/*
 * property_world.h - a small model of Slurm, slurmdbd and the reporter around four allocations, for property tests
 *
 * What Slurm does is modelled after its sources: counters of TRES-seconds that lag behind and can be lost, the
 * reservation of running jobs up to their time limits, and the test of a group limit in whole minutes before a job
 * starts, with "safe". What slurm-aif does is not modelled: the product's own functions are called.
 */
#ifndef PROPERTY_WORLD_H
#define PROPERTY_WORLD_H

#include "decide.h"
#include "mirror.h"

#define ALLOCS 4
#define MONTHS 30
#define JOBS 16
#define MINUTE 60u

/* One mirror: what is counted of it, and what was last applied. Numbers are TRES-seconds. */
struct mirror {
    uint64_t live;                /* Slurm's counter */
    uint64_t truth;               /* really used */
    uint64_t truth_of[MONTHS];
    uint64_t seen_of[MONTHS];     /* in the ledger */
    uint64_t unseen_of[MONTHS];   /* of ended jobs, not in the ledger yet */
    struct aif_mirror limit;      /* as applied */
    uint64_t unknown;             /* really used, but neither Slurm nor the ledger knew it when limits were applied ... */
    uint64_t lost;                /* ... and what Slurm forgot since */
};

struct ours {
    struct aif_alloc *alloc;
    struct aif_alloc applied;     /* as it was when limits were applied */
    size_t applied_month;
    struct mirror mirror[2];      /* [1]: of the free QOS */
};

enum job_state { JOB_NONE, JOB_PENDING, JOB_RUNNING };

struct job {
    enum job_state state;
    size_t alloc;
    bool free;
    uint32_t gpus, nodes, billing, minutes;
    uint64_t elapsed;             /* seconds since its start */
    uint64_t counted;             /* of those in Slurm's counter */
    uint64_t unseen_of[MONTHS];   /* TRES-seconds not in the ledger */
};

struct world {
    uint64_t random;
    struct aif_snapshot snapshot;
    time_t month_start[MONTHS + 1];
    time_t now;
    size_t month;
    size_t width;                 /* so many of the allocations are in use: the fewer, the sooner they are used up */
    enum aif_pacing_kind usual;   /* pacing of most of them */
    bool ledger;                  /* a reporter runs */
    bool lags;                    /* Slurm counts only now and then, as it does every PriorityCalcPeriod */
    bool wiped;                   /* Slurm has lost counters */
    struct ours ours[ALLOCS];
    struct job jobs[JOBS];
};

/* Repeatable. below > 0. */
uint64_t world_random(struct world *world, uint64_t below);
bool world_chance(struct world *world, unsigned percent);

/* One world per process; reset starts the sequence of a seed. */
void world_create(struct world *world);
void world_reset(struct world *world, uint64_t seed);
void world_destroy(struct world *world);

/* TRES of the kind that is charged. */
uint64_t world_tres(const struct world *world, const struct job *job);
/* TRES-seconds that running jobs may still use: as Slurm counts it, and in truth. */
uint64_t world_reserved(const struct world *world, size_t alloc, bool free);
uint64_t world_outstanding(const struct world *world, size_t alloc, bool free);

/* Slurm's test of the limit. reserved: TRES-seconds of running jobs. */
bool world_fits(const struct aif_mirror *limit, uint64_t live, uint64_t reserved, uint64_t tres_mins);
/* Start the job if Slurm's limits allow it. */
bool world_start(struct world *world, struct job *job);
/* End a running job and forget it. */
void world_end(struct world *world, struct job *job);

void world_advance(struct world *world, uint64_t secs);
/* The ledger takes in most of what it has not seen. */
void world_report(struct world *world);
/* Charge what the ledger has seen by the units of now. */
void world_balance(struct world *world);
void world_apply(struct world *world);
/* Slurm forgets its counters, and in the worse case its jobs. */
void world_wipe(struct world *world, bool jobs);
/* What another version of the two files may say. */
void world_reload(struct world *world);

/* The callback of aif_decide(); arg is a struct world_usage. */
struct world_usage {
    const struct world *world;
    const struct job *without; /* the job that is being changed */
};
void world_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage);

#endif
