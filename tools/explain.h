/*
 * explain.h - from a job's facts and an allocation's numbers to a sentence why, and one what to do
 */
#ifndef AIF_TOOL_EXPLAIN_H
#define AIF_TOOL_EXPLAIN_H

#include "admincomment.h"
#include "decide.h"
#include "explain_lane.h"
#include "jobfacts.h"
#include "live.h"
#include "reasons.h"
#include "standing.h"

struct aif_explain {
    const struct aif_snapshot *snapshot;
    const struct aif_jobfacts *job;
    const struct aif_admincomment *ours; /* all "" if the job has none */
    const struct aif_alloc *alloc;       /* NULL: the job belongs to none */
    const struct aif_live *live;         /* NULL: no numbers */
    struct aif_standing standing;        /* of alloc; known is false without numbers */
    struct aif_explain_lane lane;
    time_t now;
    /* results; malloc'ed */
    char *why;
    char *next;       /* NULL: nothing to do */
    const char *rule; /* NULL: none of ours */
};

/* Fill why, next and rule. */
void aif_explain_run(struct aif_explain *e);
void aif_explain_free(struct aif_explain *e);

/* Since when slurm-aif holds it; 0 if it does not. */
time_t aif_explain_held(const struct aif_explain *e);

/* How much of what its allocation is charged by the job has or asks: GPUs, nodes or billing units.
 */
uint64_t aif_explain_units(const struct aif_explain *e);

/* What the job costs up to its time limit, and what it has cost so far, in seconds of the
 * allocation's unit. */
uint64_t aif_explain_asked(const struct aif_explain *e);
uint64_t aif_explain_spent(const struct aif_explain *e);

#endif
