/* lanestat.c - see lanestat.h */
#include "config.h"

#include "lanestat.h"

/* False if the job says nothing about waiting since from. */
static bool wait_of(const struct aif_livejob *job, time_t from, time_t now, struct aif_wait *wait)
{
    if (job->start) {
        wait->kind = AIF_WAIT_STARTED;
        wait->at = job->start;
        return job->start >= from;
    }
    if (job->state == AIF_LIVEJOB_ENDED) {
        wait->kind = AIF_WAIT_LEFT;
        wait->at = job->end;
        return job->end >= from;
    }
    wait->kind = AIF_WAIT_WAITING;
    return job->state == AIF_LIVEJOB_WAITING && !job->held && aif_livejob_since(job, now);
}

void aif_lanestat_add_waits(struct aif_waits *waits, const struct aif_livejob *jobs, size_t count,
                            time_t from, time_t now)
{
    for (size_t i = 0; i < count; i++) {
        const struct aif_livejob *job = &jobs[i];
        struct aif_wait wait = {.job_id = job->id, .tasks = job->tasks};

        if (!job->alloc || job->free || !wait_of(job, from, now, &wait))
            continue;
        wait.mode = job->alloc->mode;
        wait.secs = aif_livejob_wait(job, now);
        aif_waits_add(waits, &wait);
    }
}

static void count_waiting(struct aif_lanestat *stat, const struct aif_livejob *job, time_t now)
{
    const int64_t wait = aif_livejob_wait(job, now);

    if (job->held || !aif_livejob_since(job, now))
        return;
    if (aif_livejob_open_lane(job)) {
        stat->queued += job->tasks;
        return;
    }
    stat->outside += job->tasks;
    if (wait > stat->longest)
        stat->longest = wait;
}

static void count_job(struct aif_lanestat *stat, const struct aif_livejob *job, time_t now)
{
    if (job->state == AIF_LIVEJOB_RUNNING)
        stat->running++;
    else if (job->state == AIF_LIVEJOB_WAITING)
        count_waiting(stat, job, now);
}

void aif_lanestat_fill(const struct aif_policy *policy, const struct aif_livejob *jobs,
                       size_t count, struct aif_waits *waits, time_t now,
                       struct aif_lanestat *ret_stats)
{
    for (size_t i = 0; i <= policy->mode_count; i++) {
        const struct aif_mode *mode = i < policy->mode_count ? &policy->modes[i] : NULL;

        ret_stats[i] = (struct aif_lanestat){.mode = mode, .longest = -1};
        aif_waits_sum(waits, mode, mode ? mode->lane.target : 0, &ret_stats[i].waits);
    }
    for (size_t i = 0; i < count; i++) {
        const struct aif_alloc *alloc = jobs[i].alloc;
        size_t index = alloc ? (size_t)(alloc->mode - policy->modes) : policy->mode_count;

        count_job(&ret_stats[index], &jobs[i], now);
    }
}
