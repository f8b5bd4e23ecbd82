/* livejob.c - see livejob.h */
#include "config.h"

#include <string.h>

#include "livejob.h"

time_t aif_livejob_since(const struct aif_livejob *job, time_t now)
{
    if (!job->eligible || job->eligible > now)
        return 0;
    return job->eligible > job->submit ? job->eligible : job->submit;
}

int64_t aif_livejob_wait(const struct aif_livejob *job, time_t now)
{
    const time_t until = job->start ? job->start : job->end ? job->end : now;
    const time_t since = aif_livejob_since(job, until);

    return since && until > since ? (int64_t)(until - since) : 0;
}

const struct aif_mode *aif_livejob_lane(const struct aif_livejob *job)
{
    if (!job->alloc || job->free || job->alloc->state != AIF_STATE_OK)
        return NULL;
    return job->alloc->mode->lane.present ? job->alloc->mode : NULL;
}

const struct aif_mode *aif_livejob_open_lane(const struct aif_livejob *job)
{
    return job->capped ? NULL : aif_livejob_lane(job);
}

bool aif_livejob_before(const struct aif_livejob *a, const struct aif_livejob *b)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (a->submit != b->submit)
        return a->submit < b->submit;
    return a->id < b->id;
}

/* As the controller has it: what it computes itself, without what is only its user's. */
static int64_t own_of(const struct aif_livejob *job)
{
    int64_t own = job->nice;

    for (int i = 0; i < AIF_FACTORS; i++)
        own += job->factors[i];
    return own;
}

int32_t aif_livejob_behind(const struct aif_livejob *jobs, size_t count,
                           const struct aif_livejob *job)
{
    const struct aif_mode *lane = job->has_factors ? aif_livejob_open_lane(job) : NULL;
    int64_t own = own_of(job), best = own;

    for (size_t i = 0; lane && i < count; i++)
        if (jobs[i].state == AIF_LIVEJOB_WAITING && jobs[i].has_factors && !jobs[i].held &&
            aif_livejob_open_lane(&jobs[i]) == lane && own_of(&jobs[i]) > best)
            best = own_of(&jobs[i]);
    return best - own < INT32_MAX ? (int32_t)(best - own) : INT32_MAX;
}

static bool listed(const char *list, const char *name, size_t length)
{
    while (*list) {
        size_t one = strcspn(list, ",");

        if (one == length && !strncmp(list, name, length))
            return true;
        list += one;
        list += *list == ',';
    }
    return false;
}

bool aif_livejob_same_place(const struct aif_livejob *a, const struct aif_livejob *b)
{
    const char *name = a->partitions;

    while (*name) {
        size_t length = strcspn(name, ",");

        if (length && listed(b->partitions, name, length))
            return true;
        name += length;
        name += *name == ',';
    }
    return false;
}
