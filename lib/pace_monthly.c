/*
 * pace_monthly.c - a hard grant per calendar month, after MeluXina: amount / days x days of the month
 *
 * What is unused on the 1st lapses: the limit is what was used before this month and this month's grant. Grants are
 * differences of running sums, so that they add up to the amount to the second. Of the first and the last month only the
 * days of the allocation count.
 */
#include "pace_private.h"

void aif_pace_monthly(const struct aif_pacer *pacer, struct aif_pace *out)
{
    const struct aif_paceclock clock = aif_pace_clock(pacer);
    const uint64_t amount = pacer->alloc->amount_secs;
    const uint64_t before = aif_pace_used_before(pacer, clock.month);

    out->has_month = true;
    out->month_grant_secs = aif_pace_part(amount, clock.days_through, clock.days) -
                            aif_pace_part(amount, clock.days_before, clock.days);
    out->month_used_secs = pacer->use->used_secs - before;
    if (before < amount - out->month_grant_secs)
        out->limit_secs = before + out->month_grant_secs;
}
