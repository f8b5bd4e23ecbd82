/*
 * paceclock.h - where a moment lies in the months and days of an allocation
 *
 * By the calendar of the machine's time zone, in whole days, so that a change of the clocks moves nothing. Reads no
 * file: only localtime_r() is used, which does not look for a new time zone.
 */
#ifndef AIF_PACECLOCK_H
#define AIF_PACECLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct aif_paceclock {
    size_t months;         /* calendar months that the allocation touches */
    size_t month;          /* this month among them, from 0 */
    bool starts_on_first;  /* the first of them is a whole one */
    uint32_t days;         /* days that the allocation touches */
    uint32_t days_before;  /* of those: before this month */
    uint32_t days_through; /* of those: up to this month's end */
};

/* start <= end; a moment outside of both counts as the nearer one. Thread-safe. */
void aif_paceclock_read(time_t start, time_t end, time_t now, struct aif_paceclock *ret_clock);

#endif
