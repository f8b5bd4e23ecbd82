/*
 * explain.h - from a job's facts and an allocation's numbers to a sentence why, and one what to do
 */
#ifndef AIF_TOOL_EXPLAIN_H
#define AIF_TOOL_EXPLAIN_H

#include "admincomment.h"
#include "decide.h"
#include "jobfacts.h"
#include "live.h"
#include "reasons.h"

struct aif_explain {
    const struct aif_snapshot *snapshot;
    const struct aif_jobfacts *job;
    const struct aif_alloc *alloc;       /* NULL: the job belongs to none */
    const struct aif_live *live;         /* NULL: no numbers */
    struct aif_usage usage;
    time_t now;
    /* results; malloc'ed */
    char *why;
    char *next;       /* NULL: nothing to do */
    const char *rule; /* NULL: none of ours */
};

/* Fill why, next and rule. */
void aif_explain_run(struct aif_explain *e);
void aif_explain_free(struct aif_explain *e);

/* What the job costs up to its time limit, and what it has cost so far, in the allocation's unit, in seconds. */
uint64_t aif_explain_asked(const struct aif_explain *e);
uint64_t aif_explain_spent(const struct aif_explain *e);

#endif
