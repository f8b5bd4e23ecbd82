/* runs.c - see runs.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "runs.h"

struct aif_runs {
    struct aif_run *items;
    size_t count;
    size_t room;
};

struct aif_runs *aif_runs_create(void)
{
    return aif_tool_alloc(1, sizeof(struct aif_runs));
}

void aif_runs_destroy(struct aif_runs *runs)
{
    if (!runs)
        return;
    free(runs->items);
    free(runs);
}

void aif_runs_add(struct aif_runs *runs, const struct aif_run *run)
{
    if (runs->count == runs->room) {
        size_t room = runs->room ? runs->room * 2 : 256;
        struct aif_run *grown = aif_tool_alloc(room, sizeof(*grown));

        if (runs->count)
            memcpy(grown, runs->items, runs->count * sizeof(*grown));
        free(runs->items);
        runs->items = grown;
        runs->room = room;
    }
    runs->items[runs->count++] = *run;
}

static bool same_start(const struct aif_run *a, const struct aif_run *b)
{
    return a->job_id == b->job_id && a->start == b->start;
}

/* By job and start; of these those that end first. */
static int compare(const void *a, const void *b)
{
    const struct aif_run *x = a, *y = b;

    if (x->job_id != y->job_id)
        return x->job_id < y->job_id ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end == y->end)
        return 0;
    return x->end && (!y->end || x->end < y->end) ? -1 : 1;
}

static void replay_one(const struct aif_run *run, struct aif_sharewindow *windows, time_t from)
{
    time_t start = run->start > from ? run->start : from;

    if (run->end && run->end <= start)
        return;
    aif_sharewindow_start(windows, run->alloc, run->gpus, start);
    if (run->end)
        aif_sharewindow_stop(windows, run->alloc, run->gpus, run->end);
}

void aif_runs_replay(struct aif_runs *runs, struct aif_sharewindow *windows, time_t from,
                     time_t now)
{
    const struct aif_run *before = NULL;

    if (runs->count)
        qsort(runs->items, runs->count, sizeof(*runs->items), compare);
    for (size_t i = 0; i < runs->count; i++) {
        struct aif_run run = runs->items[i];

        if (before && same_start(before, &run)) {
            if (before->end == run.end)
                continue;
            run.start = before->end;
        }
        replay_one(&run, windows, from);
        before = &runs->items[i];
    }
    aif_sharewindow_advance(windows, now);
}
