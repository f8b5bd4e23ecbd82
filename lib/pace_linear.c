/*
 * pace_linear.c - priority falls as the month's share is used up, after CINECA
 *
 * monthTotal is the amount divided evenly among the calendar months that the allocation touches, each of them alike;
 * nothing is carried over. Jobs beyond it still run, with all points of the policy taken off.
 */
#include "pace_private.h"

void aif_pace_linear(const struct aif_pacer *pacer, struct aif_pace *out)
{
    const struct aif_paceclock clock = aif_pace_clock(pacer);
    const uint32_t points = pacer->alloc->pacing.priority;

    out->has_month = true;
    out->month_grant_secs = pacer->alloc->amount_secs / clock.months;
    out->month_used_secs = pacer->use->used_secs - aif_pace_used_before(pacer, clock.month);
    if (out->month_used_secs < out->month_grant_secs)
        out->priority = -(int32_t)aif_pace_part(points, out->month_used_secs, out->month_grant_secs);
    else
        out->priority = -(int32_t)points;
}
