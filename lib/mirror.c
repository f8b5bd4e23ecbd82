/* mirror.c - see mirror.h */
#include "mirror.h"

#include "charge.h"

#define MINUTE 60
#define KEPT_BACK 2 /* minutes of the TRES, see aif_mirror_limit_secs() */

bool aif_mirror_closed(const struct aif_alloc *alloc, time_t now)
{
    if (alloc->state != AIF_STATE_OK || alloc->end < now)
        return true;
    return alloc->mode->categories && alloc->category != AIF_CATEGORY_UNKNOWN &&
           !(alloc->mode->categories & 1u << alloc->category);
}

static uint64_t or_none(uint32_t limit)
{
    return limit ? limit : AIF_MIRROR_NONE;
}

static uint64_t left_of(uint64_t from, uint64_t taken)
{
    return from > taken ? from - taken : 0;
}

/* What the counter of the mirror may reach, in the allocation's unit. */
static uint64_t counter_limit(const struct aif_alloc *alloc, const struct aif_balance *balance, uint64_t live_secs,
                              time_t now, bool free_qos)
{
    uint64_t months[AIF_PACE_MONTHS_MAX];
    struct aif_pace_use use;
    struct aif_pace pace;

    aif_balance_use(balance, alloc, free_qos ? 0 : live_secs, months, now, &use);
    aif_pace(alloc, &use, now, &pace);
    if (free_qos)
        return left_of(pace.free_secs, left_of(balance ? balance->free_secs : 0, live_secs));
    return left_of(pace.limit_secs, left_of(use.used_secs, live_secs));
}

static uint64_t limit_mins(const struct aif_alloc *alloc, uint64_t limit_secs)
{
    return left_of(aif_charge_tres_secs(&alloc->charge, limit_secs) / MINUTE, KEPT_BACK);
}

__attribute__((hot)) uint64_t aif_mirror_limit_secs(const struct aif_alloc *alloc, uint64_t limit_secs)
{
    return aif_charge_cost(&alloc->charge, limit_mins(alloc, limit_secs) * MINUTE);
}

void aif_mirror_make(const struct aif_alloc *alloc, const struct aif_balance *balance, uint64_t live_secs, time_t now,
                     bool free_qos, struct aif_mirror *ret_mirror)
{
    const struct aif_mode *mode = alloc->mode;
    const bool closed = aif_mirror_closed(alloc, now);
    const uint64_t limit = counter_limit(alloc, balance, live_secs, now, free_qos);

    ret_mirror->tres_mins = limit_mins(alloc, limit);
    ret_mirror->job_gpus = or_none(mode->gpus_per_job.max);
    ret_mirror->job_nodes = or_none(mode->nodes_per_job.max);
    ret_mirror->wall = or_none(mode->wall_max_minutes);
    ret_mirror->jobs_per_user = or_none(mode->jobs_per_user);
    ret_mirror->submits_per_user = or_none(mode->submits_per_user);
    ret_mirror->jobs = closed ? 0 : or_none(mode->jobs_per_allocation);
    ret_mirror->submits =
        closed && alloc->state != AIF_STATE_PAUSED ? 0 : or_none(mode->submits_per_allocation);
}
