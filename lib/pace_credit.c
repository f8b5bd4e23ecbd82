/*
 * pace_credit.c - a month's credit, after JSC
 *
 * The amount is divided evenly among the calendar months that the allocation touches: month quota MQ. A month's credit is
 * CQ = PQ + MQ, PQ being what the month before left: a rest of at most its own MQ (what is left of the month before last
 * is forfeited, the oldest being used first), or the debt. Until CQ is overdrawn by one MQ, which borrows the next
 * month's, priority stays normal; then it is the lowest. In the last month there is no next month to borrow from. A month
 * starts with a CQ of -101 % of MQ at worst, so that a project that ran much at lowest priority finds back.
 */
#include "pace_private.h"

#define WORST_PERCENT 101
#define MOST (INT64_MAX / 1024) /* what is beyond is unreal and would overflow below */

static int64_t limited(uint64_t secs)
{
    return secs < MOST ? (int64_t)secs : MOST;
}

/* CQ at the start of a month, from what the one before left. */
static int64_t credit(int64_t rest, int64_t quota)
{
    const int64_t carried = rest < quota ? rest : quota;
    const int64_t worst = -quota * WORST_PERCENT / 100;

    return carried + quota > worst ? carried + quota : worst;
}

void aif_pace_credit(const struct aif_pacer *pacer, struct aif_pace *out)
{
    const struct aif_paceclock clock = aif_pace_clock(pacer);
    const int64_t quota = limited(pacer->alloc->amount_secs / clock.months);
    const int64_t borrowed = clock.month + 1 < clock.months ? quota : 0;
    int64_t now = credit(0, quota);

    for (size_t i = 0; i < clock.month; i++)
        now = credit(now - limited(aif_pace_used_in(pacer, i)), quota);
    out->has_month = true;
    out->month_grant_secs = now > 0 ? (uint64_t)now : 0;
    out->month_used_secs = pacer->use->used_secs - aif_pace_used_before(pacer, clock.month);
    if (now - limited(out->month_used_secs) <= -borrowed)
        out->priority = AIF_PACE_LOWEST;
}
