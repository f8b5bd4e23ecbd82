/* ahead.c - see ahead.h */
#include "config.h"

#include <string.h>

#include "ahead.h"

/* Points beside the site factor. */
static int64_t rest_of(const struct aif_livejob *job)
{
    int64_t sum = 0;

    for (int i = 0; i < AIF_FACTORS; i++)
        sum += job->factors[i];
    return job->has_factors ? sum : (int64_t)job->priority - job->site;
}

/* Which of the factors differs most in favour of the other. */
static enum aif_ahead_kind by_factors(const struct aif_livejob *other,
                                      const struct aif_livejob *job)
{
    static const enum aif_ahead_kind kinds[AIF_FACTORS] = {
        [AIF_FACTOR_AGE] = AIF_AHEAD_AGE,
        [AIF_FACTOR_FAIR_SHARE] = AIF_AHEAD_FAIR_SHARE,
        [AIF_FACTOR_SIZE] = AIF_AHEAD_SIZE,
        [AIF_FACTOR_OTHER] = AIF_AHEAD_OTHER,
    };
    int best = AIF_FACTOR_OTHER;

    if (!other->has_factors || !job->has_factors)
        return AIF_AHEAD_OTHER;
    for (int i = 0; i < AIF_FACTORS; i++)
        if (other->factors[i] - job->factors[i] > other->factors[best] - job->factors[best])
            best = i;
    return kinds[best];
}

/* Its site factor is the greater one. */
static enum aif_ahead_kind by_site(const struct aif_livejob *other, const struct aif_livejob *job,
                                   time_t now, uint32_t guard_after)
{
    const struct aif_mode *lane = aif_livejob_open_lane(other);

    if (lane && lane != aif_livejob_open_lane(job))
        return AIF_AHEAD_OTHER_LANE;
    if (job->alloc && (job->free || job->pace < 0))
        return AIF_AHEAD_SET_BACK;
    if (lane)
        return AIF_AHEAD_OTHER;
    if (guard_after && other->site > 0 && aif_livejob_wait(other, now) >= (int64_t)guard_after)
        return AIF_AHEAD_GUARD;
    return AIF_AHEAD_ADMIN;
}

/* A new job of a lane stands one point behind until the plugin has looked at the queue (plugins/priority). */
static bool is_level(const struct aif_livejob *other, const struct aif_livejob *job)
{
    const int64_t more = (int64_t)other->priority - (int64_t)job->priority;
    const struct aif_mode *lane = aif_livejob_open_lane(other);

    return !more || (more == 1 && lane && lane == aif_livejob_open_lane(job) && other->submit <= job->submit);
}

enum aif_ahead_kind aif_ahead_why(const struct aif_livejob *other, const struct aif_livejob *job,
                                  time_t now, uint32_t guard_after)
{
    const int64_t site = other->site - job->site;
    const int64_t rest = rest_of(other) - rest_of(job);
    const struct aif_mode *lane = aif_livejob_open_lane(other);

    if (other->direct)
        return AIF_AHEAD_ADMIN;
    if (lane && lane == aif_livejob_open_lane(job) &&
        aif_livejob_since(other, now) <= aif_livejob_since(job, now))
        return AIF_AHEAD_LANE;
    if (is_level(other, job))
        return AIF_AHEAD_EARLIER;
    if (site > 0 && site >= rest)
        return by_site(other, job, now, guard_after);
    return by_factors(other, job);
}

static void count_lane(struct aif_ahead *ahead, const struct aif_mode *mode, uint32_t jobs)
{
    size_t i = 0;

    while (i < ahead->lane_count && ahead->lanes[i].mode != mode)
        i++;
    if (i == AIF_AHEAD_LANES)
        return;
    if (i == ahead->lane_count)
        ahead->lanes[ahead->lane_count++] = (struct aif_ahead_lane){.mode = mode};
    ahead->lanes[i].jobs += jobs;
}

static void count_ahead(struct aif_ahead *ahead, const struct aif_livejob *other,
                        enum aif_ahead_kind kind)
{
    ahead->total += other->tasks;
    ahead->counts[kind] += other->tasks;
    if (other->priority > ahead->top)
        ahead->top = other->priority;
    if (kind == AIF_AHEAD_OTHER_LANE)
        count_lane(ahead, aif_livejob_open_lane(other), other->tasks);
}

static bool is_ready(const struct aif_livejob *job)
{
    return job->state == AIF_LIVEJOB_WAITING && job->ready;
}

void aif_ahead_count(const struct aif_livejob *jobs, size_t count, const struct aif_livejob *job,
                     time_t now, uint32_t guard_after, struct aif_ahead *ret_ahead)
{
    const struct aif_mode *lane = aif_livejob_open_lane(job);
    struct aif_ahead ahead = {.place = lane ? 1 : 0, .of = lane ? job->tasks : 0};

    for (size_t i = 0; i < count; i++) {
        const struct aif_livejob *other = &jobs[i];
        const bool before = aif_livejob_before(other, job);

        if (other->id == job->id || !is_ready(other))
            continue;
        if (lane && aif_livejob_open_lane(other) == lane) {
            ahead.of += other->tasks;
            ahead.place += before ? other->tasks : 0;
        }
        if (before && aif_livejob_same_place(other, job))
            count_ahead(&ahead, other, aif_ahead_why(other, job, now, guard_after));
    }
    *ret_ahead = ahead;
}

const char *aif_ahead_words(enum aif_ahead_kind kind)
{
    static const char *const words[AIF_AHEAD_KINDS] = {
        [AIF_AHEAD_LANE] = "of its lane waiting longer",
        [AIF_AHEAD_OTHER_LANE] = "of another lane",
        [AIF_AHEAD_GUARD] = "waiting too long outside of lanes",
        [AIF_AHEAD_SET_BACK] = "because this job is set back by its allocation's pacing or QOS",
        [AIF_AHEAD_ADMIN] = "by an administrator's priority",
        [AIF_AHEAD_AGE] = "with more age",
        [AIF_AHEAD_FAIR_SHARE] = "with more fair share",
        [AIF_AHEAD_SIZE] = "with more points for size",
        [AIF_AHEAD_OTHER] = "for other reasons (partition, QOS, TRES, nice)",
        [AIF_AHEAD_EARLIER] = "submitted earlier with the same priority",
    };

    return words[kind];
}

const char *aif_ahead_name(enum aif_ahead_kind kind)
{
    static const char *const names[AIF_AHEAD_KINDS] = {
        [AIF_AHEAD_LANE] = "lane",
        [AIF_AHEAD_OTHER_LANE] = "other_lane",
        [AIF_AHEAD_GUARD] = "guard",
        [AIF_AHEAD_SET_BACK] = "set_back",
        [AIF_AHEAD_ADMIN] = "administrator",
        [AIF_AHEAD_AGE] = "age",
        [AIF_AHEAD_FAIR_SHARE] = "fair_share",
        [AIF_AHEAD_SIZE] = "size",
        [AIF_AHEAD_OTHER] = "other",
        [AIF_AHEAD_EARLIER] = "earlier",
    };

    return names[kind];
}
