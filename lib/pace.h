/*
 * pace.h - how much of its amount an allocation may have used by now, and at which priority
 *
 * One interface, one small policy per kind of pacing (enum aif_pacing_kind), each after the published rule of a site:
 *   monthly  MeluXina: amount / days of the allocation x days of this month; unused grants lapse on the 1st
 *   credit   JSC: month quota MQ = amount / months; rest PQ of the last month lasts one month more; down to -MQ normal
 *            priority, then the lowest; a month starts with -101 % of MQ at worst; no borrowing in the last month
 *   linear   CINECA: priority falls in proportion to the use of amount / months
 *   ceiling  IT4I: above 100 % only on the free QOS at lowest priority, up to the ceiling
 *   cut      LUMI, DeiC: less than a share used by a date leaves only a part of what is left
 * Pure; months are calendar months of the machine's time zone, days its calendar days. monthly counts the days of the
 * first and last month that belong to the allocation; credit and linear count a month that is touched as a whole one, so
 * that the first share is there at the start and all shares together are the amount.
 */
#ifndef AIF_PACE_H
#define AIF_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "alloc.h"

#define AIF_PACE_MONTHS_MAX 120      /* of one allocation's history */
#define AIF_PACE_LOWEST (-1000000000) /* site-factor points that put a job behind all others */

/* Use so far, in seconds of the allocation's unit. */
struct aif_pace_use {
    uint64_t used_secs;       /* all of it, this month included */
    const uint64_t *by_month; /* [0]: the month of the allocation's start; months that ended, oldest first; NULL: not known */
    size_t months;            /* of by_month; those missing up to last month count as 0 */
};

struct aif_pace {
    uint64_t limit_secs;  /* used + reserved + asked may not exceed this now: the amount, or less of it */
    uint64_t free_secs;   /* what may be used above it on the free QOS; 0: nothing */
    int32_t priority;     /* site-factor points for its jobs now, <= 0 */
    bool has_month;       /* the following two mean something */
    uint64_t month_grant_secs; /* this month's share, carried over rest included */
    uint64_t month_used_secs;
    int32_t percent;      /* used, of what an even pace would have used by now; 100 is on pace */
};

/*
 * now before the start counts as the start, after the end as the end. Without by_month all use counts as of this
 * month, which errs on the strict side. monthly and cut are hard (limit_secs below the amount); credit and linear only
 * move priorities. Thread-safe, no memory, no lock of ours; "none" and "ceiling" take no look at the calendar.
 */
void aif_pace(const struct aif_alloc *alloc, const struct aif_pace_use *use, time_t now, struct aif_pace *ret_pace);

/* "none", "monthly", … */
const char *aif_pacing_name(enum aif_pacing_kind kind);

#endif
