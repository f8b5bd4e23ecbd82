/*
 * standing.h - where an allocation stands: what it has used by whatever count knows most, and what
 * it may still ask
 *
 * Pure: from the policy files, the ledger's balances and what slurmctld counts.
 */
#ifndef AIF_TOOL_STANDING_H
#define AIF_TOOL_STANDING_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "decide.h"

/* Amounts in seconds of the allocation's unit. */
struct aif_standing {
    bool known;        /* Slurm counts what is charged */
    uint64_t used;     /* the greater of what Slurm and the ledger count */
    uint64_t reserved; /* by running jobs up to their time limits */
    uint64_t pending;  /* by waiting jobs, where the policy counts them */
    uint64_t left;     /* of the whole amount */
    uint64_t left_now; /* of what may be used by now (pacing) */
    bool months_known; /* the ledger's months are known, or its pacing needs none */
    struct aif_pace pace;
    uint64_t free_used; /* of pace.free_secs, on the free QOS */
    uint64_t free_reserved;
    bool has_inference;
    uint64_t inference_used;
    uint64_t inference_limit;
};

/* usage: live numbers; its pending and inference parts are those of the queue. */
void aif_standing_make(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc,
                       const struct aif_usage *usage, time_t now,
                       struct aif_standing *ret_standing);

#endif
