/* queue.c - see queue.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "admincomment.h"
#include "array_count.h"
#include "charge.h"
#include "common.h"
#include "joballoc.h"
#include "queue.h"
#include "rules.h"
#include "slurmconn.h"
#include "treslist.h"

struct entry {
    const struct aif_alloc *alloc;
    uint64_t pending;
    uint64_t inference;
};

struct aif_queue {
    struct entry *entries; /* one per job of ours, by alloc */
    size_t count;
};

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return (x->alloc > y->alloc) - (x->alloc < y->alloc);
}

/* What a job, or the rest of an array that waits, costs up to its time limit. */
static uint64_t cost(const slurm_job_info_t *job, const struct aif_policy *policy,
                     const struct aif_alloc *alloc)
{
    const char *tres =
        job->tres_alloc_str && *job->tres_alloc_str ? job->tres_alloc_str : job->tres_req_str;
    uint64_t count = aif_treslist_count(tres, aif_treslist_name(policy, &alloc->charge));
    uint64_t secs;

    if (job->time_limit == INFINITE || job->time_limit == NO_VAL)
        return 0;
    count *= aif_array_count(job->array_task_str, UINT32_MAX);
    if (__builtin_mul_overflow(count, (uint64_t)job->time_limit * 60, &secs))
        secs = UINT64_MAX;
    return aif_charge_cost(&alloc->charge, secs);
}

/* As in the controller: jobs that are held for the budget itself do not count against it. */
static bool counts(const slurm_job_info_t *job, const struct aif_admincomment *ours)
{
    return job->priority || (strcmp(ours->hold, AIF_Q_LEFT) && strcmp(ours->hold, AIF_Q_PACE));
}

static void take(const slurm_job_info_t *job, const struct aif_snapshot *snapshot,
                 struct aif_queue *queue)
{
    struct entry *entry = &queue->entries[queue->count];
    struct aif_admincomment ours = {0};
    uint32_t state = job->job_state & JOB_STATE_BASE;
    uint64_t asked;

    if (state > JOB_SUSPENDED)
        return;
    if (job->admin_comment && aif_admincomment_read(job->admin_comment, &ours) != 1)
        memset(&ours, 0, sizeof(ours));
    entry->alloc = aif_joballoc_find(snapshot, job->qos, job->account, &ours);
    if (!entry->alloc)
        return;
    asked = cost(job, snapshot->policy, entry->alloc);
    if (state == JOB_PENDING && counts(job, &ours) && !aif_joballoc_is_free(entry->alloc, job->qos))
        entry->pending = asked;
    entry->inference = strcmp(ours.purpose, "inference") ? 0 : asked;
    queue->count++;
}

int aif_queue_load(const struct aif_snapshot *snapshot, struct aif_queue **ret_queue)
{
    job_info_msg_t *jobs = NULL;
    struct aif_queue *queue;
    int rc = aif_slurmctld_jobs("read the queue", &jobs);

    if (rc != AIF_EXIT_OK)
        return rc;
    queue = aif_tool_alloc(1, sizeof(*queue));
    queue->entries = aif_tool_alloc(jobs->record_count, sizeof(*queue->entries));
    for (uint32_t i = 0; i < jobs->record_count; i++)
        take(&jobs->job_array[i], snapshot, queue);
    qsort(queue->entries, queue->count, sizeof(*queue->entries), compare);
    slurm_free_job_info_msg(jobs);
    *ret_queue = queue;
    return AIF_EXIT_OK;
}

void aif_queue_free(struct aif_queue *queue)
{
    if (!queue)
        return;
    free(queue->entries);
    free(queue);
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void aif_queue_sums(const struct aif_queue *queue, const struct aif_alloc *alloc,
                    struct aif_queue_sums *ret_sums)
{
    const struct entry key = {.alloc = alloc};
    const struct entry *found, *end;

    memset(ret_sums, 0, sizeof(*ret_sums));
    found = queue ? bsearch(&key, queue->entries, queue->count, sizeof(key), compare) : NULL;
    if (!found)
        return;
    end = queue->entries + queue->count;
    while (found > queue->entries && found[-1].alloc == alloc)
        found--;
    for (; found < end && found->alloc == alloc; found++) {
        ret_sums->pending = plus(ret_sums->pending, found->pending);
        ret_sums->inference = plus(ret_sums->inference, found->inference);
    }
}
