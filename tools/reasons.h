/*
 * reasons.h - Slurm's reasons for a job to wait or to have ended, by what a user can do about them
 */
#ifndef AIF_TOOL_REASONS_H
#define AIF_TOOL_REASONS_H

#include <stdint.h>

enum aif_reason_kind {
    AIF_REASON_OTHER, /* nothing more to say than Slurm does */
    AIF_REASON_NONE,  /* not looked at yet */
    AIF_REASON_BUDGET,
    AIF_REASON_USER_JOBS, /* too many running jobs of this user */
    AIF_REASON_ALL_JOBS,  /* too many running jobs of the allocation */
    AIF_REASON_WALL,
    AIF_REASON_PRIORITY,
    AIF_REASON_RESOURCES,
    AIF_REASON_NODES_GONE, /* nodes down, drained or reserved */
    AIF_REASON_IMPOSSIBLE, /* no nodes can ever satisfy it as things are */
    AIF_REASON_HELD_ADMIN,
    AIF_REASON_HELD_USER,
    AIF_REASON_BEGIN,
    AIF_REASON_DEPENDENCY,
    AIF_REASON_DEPENDENCY_NEVER,
    AIF_REASON_ACCESS, /* account or QOS no longer allowed */
};

struct aif_reason {
    uint32_t reason;  /* enum job_state_reason */
    const char *name; /* as squeue shows it */
    enum aif_reason_kind kind;
    const char *text; /* of AIF_REASON_OTHER: what it means; NULL: the name says it all */
};

/* NULL if the reason is none that we know. */
const struct aif_reason *aif_reason_find(uint32_t reason);

#endif
