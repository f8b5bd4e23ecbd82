/* mirror.c - see mirror.h */
#include "mirror.h"

#include "charge.h"
#include "policyenforce.h"
#include "rules.h"

#define MINUTE 60
#define KEPT_BACK 2 /* minutes of the TRES, see aif_mirror_limit_secs() */

static bool is_on(const struct aif_policy *policy, const char *rule)
{
    return !policy || aif_policyenforce_of(policy, rule) == AIF_ENFORCE_ON;
}

static bool is_eligible(const struct aif_alloc *alloc)
{
    return !alloc->mode->categories || alloc->category == AIF_CATEGORY_UNKNOWN ||
           (alloc->mode->categories & 1u << alloc->category);
}

bool aif_mirror_closed(const struct aif_policy *policy, const struct aif_alloc *alloc, time_t now)
{
    return (alloc->state != AIF_STATE_OK && is_on(policy, AIF_A_STATE)) ||
           (alloc->end < now && is_on(policy, AIF_A_EXPIRED)) ||
           (!is_eligible(alloc) && is_on(policy, AIF_A_CATEGORY));
}

/* rule NULL: there is none for that limit. */
static uint64_t limit_of(const struct aif_policy *policy, const char *rule, uint32_t limit)
{
    const bool applied = rule ? is_on(policy, rule) : !policy || policy->enforce.fallback == AIF_ENFORCE_ON;

    return limit && applied ? limit : AIF_MIRROR_NONE;
}

static uint64_t left_of(uint64_t from, uint64_t taken)
{
    return from > taken ? from - taken : 0;
}

/* What the counter of the mirror may reach, in the allocation's unit. paced: what its pacing gives by now, not the whole amount. */
static uint64_t counter_limit(const struct aif_alloc *alloc, const struct aif_balance *balance, uint64_t live_secs,
                              time_t now, bool free_qos, bool paced)
{
    uint64_t months[AIF_PACE_MONTHS_MAX];
    struct aif_pace_use use;
    struct aif_pace pace;

    aif_balance_use(balance, alloc, free_qos ? 0 : live_secs, months, now, &use);
    aif_pace(alloc, &use, now, &pace);
    if (free_qos)
        return left_of(pace.free_secs, left_of(balance ? balance->free_secs : 0, live_secs));
    return left_of(paced ? pace.limit_secs : alloc->amount_secs, left_of(use.used_secs, live_secs));
}

static uint64_t limit_mins(const struct aif_alloc *alloc, uint64_t limit_secs)
{
    return left_of(aif_charge_tres_secs(&alloc->charge, limit_secs) / MINUTE, KEPT_BACK);
}

__attribute__((hot)) uint64_t aif_mirror_limit_secs(const struct aif_alloc *alloc, uint64_t limit_secs)
{
    return aif_charge_cost(&alloc->charge, limit_mins(alloc, limit_secs) * MINUTE);
}

void aif_mirror_make(const struct aif_policy *policy, const struct aif_alloc *alloc, const struct aif_balance *balance,
                     uint64_t live_secs, time_t now, bool free_qos, struct aif_mirror *ret_mirror)
{
    const struct aif_mode *mode = alloc->mode;
    const bool closed = aif_mirror_closed(policy, alloc, now);
    const uint64_t limit = counter_limit(alloc, balance, live_secs, now, free_qos, is_on(policy, AIF_Q_PACE));

    ret_mirror->tres_mins = is_on(policy, AIF_Q_LEFT) ? limit_mins(alloc, limit) : AIF_MIRROR_NONE;
    ret_mirror->job_gpus = limit_of(policy, AIF_M_GPUS, mode->gpus_per_job.max);
    ret_mirror->job_nodes = limit_of(policy, AIF_M_NODES, mode->nodes_per_job.max);
    ret_mirror->wall = limit_of(policy, AIF_M_WALL, mode->wall_max_minutes);
    ret_mirror->jobs_per_user = limit_of(policy, NULL, mode->jobs_per_user);
    ret_mirror->submits_per_user = limit_of(policy, AIF_M_SUBMITS, mode->submits_per_user);
    ret_mirror->jobs = closed ? 0 : limit_of(policy, NULL, mode->jobs_per_allocation);
    ret_mirror->submits =
        closed && alloc->state != AIF_STATE_PAUSED ? 0 : limit_of(policy, AIF_M_CROWDED, mode->submits_per_allocation);
}
