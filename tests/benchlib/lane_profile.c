/* lane_profile.c - see lane_profile.h */
#include "lane_profile.h"

#include <stdlib.h>
#include <string.h>

int lane_profile_init(struct lane_profile *profile, size_t room)
{
    *profile = (struct lane_profile){.steps = calloc(room, sizeof(struct lane_step)), .room = room};
    return profile->steps ? 0 : -1;
}

void lane_profile_free(struct lane_profile *profile)
{
    free(profile->steps);
}

/* More steps than room would be a mistake of the simulator: better no result than a wrong one. */
static struct lane_step *insert_step(struct lane_profile *profile, size_t index, int64_t at,
                                     int64_t free)
{
    struct lane_step *step = &profile->steps[index];

    if (profile->count == profile->room)
        abort();
    memmove(step + 1, step, (profile->count - index) * sizeof(*step));
    *step = (struct lane_step){at, free};
    profile->count++;
    return step;
}

void lane_profile_reset(struct lane_profile *profile, int64_t now, int64_t free)
{
    profile->count = 0;
    insert_step(profile, 0, now, free);
}

void lane_profile_release(struct lane_profile *profile, int64_t at, int64_t gpus)
{
    struct lane_step *last = &profile->steps[profile->count - 1];

    if (last->at == at)
        last->free += gpus;
    else
        insert_step(profile, profile->count, at, last->free + gpus);
}

/* The first step in [first, until) with too few GPUs, or count. */
static size_t lacking_from(const struct lane_profile *profile, size_t first, int64_t until,
                           int64_t gpus)
{
    for (size_t i = first; i < profile->count && profile->steps[i].at < until; i++) {
        if (profile->steps[i].free < gpus)
            return i;
    }
    return profile->count;
}

bool lane_profile_fits(const struct lane_profile *profile, int64_t gpus, int64_t length)
{
    return lacking_from(profile, 0, profile->steps[0].at + length, gpus) == profile->count;
}

int64_t lane_profile_earliest(const struct lane_profile *profile, int64_t gpus, int64_t length)
{
    size_t first = 0;

    while (first < profile->count) {
        const int64_t at = profile->steps[first].at;
        const size_t lacking = lacking_from(profile, first, at + length, gpus);

        if (lacking == profile->count)
            return at;
        first = lacking + 1;
    }
    abort(); /* the job is larger than the cluster, which the reader of the jobs has refused */
}

/* The step that begins at that time, made if there is none. */
static size_t step_at(struct lane_profile *profile, int64_t at)
{
    size_t low = 0, high = profile->count;

    while (low < high) {
        const size_t middle = (low + high) / 2;

        if (profile->steps[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == profile->count || profile->steps[low].at != at)
        insert_step(profile, low, at, profile->steps[low - 1].free);
    return low;
}

void lane_profile_take(struct lane_profile *profile, int64_t from, int64_t until, int64_t gpus)
{
    const size_t first = step_at(profile, from), end = step_at(profile, until);

    for (size_t i = first; i < end; i++)
        profile->steps[i].free -= gpus;
}
