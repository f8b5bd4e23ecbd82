/*
 * runs.h - when jobs of allocations ran on how many GPUs, from several sources, as share windows
 *
 * Pure; out of memory ends the program, as in all tools.
 */
#ifndef AIF_TOOL_RUNS_H
#define AIF_TOOL_RUNS_H

#include <stdint.h>
#include <time.h>

#include "sharewindow.h"

struct aif_runs;

struct aif_run {
    uint32_t job_id;
    const struct aif_alloc *alloc;
    uint64_t gpus;
    time_t start;
    time_t end; /* 0: goes on */
};

struct aif_runs *aif_runs_create(void);
void aif_runs_destroy(struct aif_runs *runs);

/*
 * The same start of a job may be added more than once. What a later end says beyond an earlier one
 * counts with its own GPUs: so it is with a job that was resized, where slurmdbd has the part
 * before that.
 */
void aif_runs_add(struct aif_runs *runs, const struct aif_run *run);

/* Start and stop in windows what ran after from, then bring them to now. Once, after the last add.
 */
void aif_runs_replay(struct aif_runs *runs, struct aif_sharewindow *windows, time_t from,
                     time_t now);

#endif
