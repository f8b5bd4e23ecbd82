/*
 * livejob.h - a job of slurmctld's list, as far as lanes are concerned
 *
 * Without Slurm's types, so that what is made of it can be tested alone. Whose job it is, is not in
 * here: nothing that is shown about jobs of others needs it.
 */
#ifndef AIF_TOOL_LIVEJOB_H
#define AIF_TOOL_LIVEJOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "alloc.h"

enum aif_livejob_state { AIF_LIVEJOB_WAITING, AIF_LIVEJOB_RUNNING, AIF_LIVEJOB_ENDED };

/* Points of its priority beside the site factor, by what they come from. */
enum aif_factor {
    AIF_FACTOR_AGE,
    AIF_FACTOR_FAIR_SHARE,
    AIF_FACTOR_SIZE,
    AIF_FACTOR_OTHER, /* partition, QOS, association, TRES, nice */
    AIF_FACTORS
};

struct aif_livejob {
    uint32_t id;
    uint32_t tasks;                /* of an array whose rest waits; else 1 */
    const struct aif_alloc *alloc; /* NULL: not ours */
    bool free;                     /* on the allocation's free QOS */
    bool capped;                   /* a share has closed its lane */
    int32_t
        pace; /* what its allocation's pacing makes of it, <= 0; 0 where that was not looked up */
    enum aif_livejob_state state;
    bool held;
    bool ready;             /* waits for nothing but its turn and nodes */
    const char *partitions; /* comma list; borrowed */
    time_t submit;
    time_t eligible; /* 0: not yet */
    time_t start;    /* of one that runs or ran, else 0 */
    time_t end;      /* of one that ended, else 0 */
    uint64_t gpus;   /* of one task */
    uint32_t priority;
    int64_t site;
    bool direct;      /* its priority was set by an administrator, who outweighs all factors */
    bool least;       /* its priority is 1, as its points add up to less */
    bool has_factors; /* the following are known; with site they add up to priority */
    int64_t factors[AIF_FACTORS];
    int64_t nice; /* what its user took off, in AIF_FACTOR_OTHER already */
};

/* Since when it could have started: the later of submit and eligible; 0 if it could not up to now.
 */
time_t aif_livejob_since(const struct aif_livejob *job, time_t now);

/* Seconds it waited, up to its start or, where it has none, its end or now; 0 if it could not start
 * yet. */
int64_t aif_livejob_wait(const struct aif_livejob *job, time_t now);

/*
 * Its mode if that has a lane that takes it (not on the free QOS, the allocation in state ok),
 * whether the lane is open or not; else NULL. The second: only if it is open.
 */
const struct aif_mode *aif_livejob_lane(const struct aif_livejob *job);
const struct aif_mode *aif_livejob_open_lane(const struct aif_livejob *job);

/* Would Slurm start a before b, where both can run in the same place? */
bool aif_livejob_before(const struct aif_livejob *a, const struct aif_livejob *b);

/*
 * How far it is behind the best of its open lane in all but site factor and nice, which is what a
 * lane that levels makes up for; 0 where that is not known.
 */
int32_t aif_livejob_behind(const struct aif_livejob *jobs, size_t count,
                           const struct aif_livejob *job);

/* Whether two comma lists of partitions have one in common. */
bool aif_livejob_same_place(const struct aif_livejob *a, const struct aif_livejob *b);

#endif
