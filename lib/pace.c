/* pace.c - see pace.h */
#include "pace.h"

#include <string.h>

#include "pace_private.h"

struct aif_paceclock aif_pace_clock(const struct aif_pacer *pacer)
{
    struct aif_paceclock clock;

    aif_paceclock_read(pacer->alloc->start, pacer->alloc->end, pacer->now, &clock);
    return clock;
}

uint64_t aif_pace_used_in(const struct aif_pacer *pacer, size_t month)
{
    const struct aif_pace_use *use = pacer->use;

    return use->by_month && month < use->months ? use->by_month[month] : 0;
}

uint64_t aif_pace_used_before(const struct aif_pacer *pacer, size_t month)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < month && i < pacer->use->months; i++)
        if (__builtin_add_overflow(sum, aif_pace_used_in(pacer, i), &sum))
            return pacer->use->used_secs;
    return sum < pacer->use->used_secs ? sum : pacer->use->used_secs;
}

uint64_t aif_pace_part(uint64_t value, uint64_t part, uint64_t whole)
{
    const unsigned __int128 result = (unsigned __int128)value * part / whole;

    return result > UINT64_MAX ? UINT64_MAX : (uint64_t)result;
}

/* Used, in percent of what would be used by now if every second had used the same. */
static int32_t percent(const struct aif_pacer *pacer)
{
    const struct aif_alloc *alloc = pacer->alloc;
    const uint64_t elapsed = (uint64_t)pacer->now - (uint64_t)alloc->start;
    const uint64_t whole = (uint64_t)alloc->end - (uint64_t)alloc->start + 1;
    uint64_t even, result;

    if (!pacer->use->used_secs)
        return 0;
    even = aif_pace_part(alloc->amount_secs, elapsed, whole);
    result = even ? aif_pace_part(pacer->use->used_secs, 100, even) : INT32_MAX;
    return result < INT32_MAX ? (int32_t)result : INT32_MAX;
}

static time_t within(const struct aif_alloc *alloc, time_t now)
{
    if (now < alloc->start)
        return alloc->start;
    return now > alloc->end ? alloc->end : now;
}

typedef void pace_fn(const struct aif_pacer *pacer, struct aif_pace *out);

static const struct {
    const char *name;
    pace_fn *pace; /* NULL: nothing changes over time */
} kinds[] = {
    [AIF_PACING_NONE] = {"none", NULL},
    [AIF_PACING_MONTHLY] = {"monthly", aif_pace_monthly},
    [AIF_PACING_CREDIT] = {"credit", aif_pace_credit},
    [AIF_PACING_LINEAR] = {"linear", aif_pace_linear},
    [AIF_PACING_CEILING] = {"ceiling", aif_pace_ceiling},
    [AIF_PACING_CUT] = {"cut", aif_pace_cut},
};

void aif_pace(const struct aif_alloc *alloc, const struct aif_pace_use *use, time_t now, struct aif_pace *ret_pace)
{
    const struct aif_pacer pacer = {.alloc = alloc, .use = use, .now = within(alloc, now)};
    pace_fn *pace = kinds[alloc->pacing.kind].pace;

    memset(ret_pace, 0, sizeof(*ret_pace));
    ret_pace->limit_secs = alloc->amount_secs;
    ret_pace->percent = percent(&pacer);
    if (pace)
        pace(&pacer, ret_pace);
}

const char *aif_pacing_name(enum aif_pacing_kind kind)
{
    return kinds[kind].name;
}
