/* paceclock.c - see paceclock.h */
#include "paceclock.h"

#include <string.h>

#define MONTHS_PER_YEAR 12

/* A day of the Gregorian calendar. */
struct date {
    int64_t year;
    int64_t month; /* 0..11 */
    int64_t day;   /* 1..31 */
};

static struct date date_of(time_t moment)
{
    struct tm tm;

    memset(&tm, 0, sizeof(tm));
    localtime_r(&moment, &tm);
    return (struct date){tm.tm_year + 1900, tm.tm_mon, tm.tm_mday};
}

static int64_t month_number(struct date date)
{
    return date.year * MONTHS_PER_YEAR + date.month;
}

/* Days since some day long ago. Years are counted from March, so that the leap day comes last. */
static int64_t day_number(int64_t months, int64_t day)
{
    const int64_t from_march = months - 2;
    const int64_t year = from_march / MONTHS_PER_YEAR, month = from_march % MONTHS_PER_YEAR;

    return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void aif_paceclock_read(time_t start, time_t end, time_t now, struct aif_paceclock *ret_clock)
{
    const struct date first = date_of(start), last = date_of(end);
    const struct date today = now <= start ? first : now >= end ? last : date_of(now);
    const int64_t month = month_number(today), first_month = month_number(first);
    const int64_t first_day = day_number(first_month, first.day);
    const int64_t after_last = day_number(month_number(last), last.day) + 1;
    const int64_t month_day = day_number(month, 1);

    ret_clock->months = (size_t)(month_number(last) - first_month + 1);
    ret_clock->month = (size_t)(month - first_month);
    ret_clock->starts_on_first = first.day == 1;
    ret_clock->days = (uint32_t)(after_last - first_day);
    ret_clock->days_before = month_day > first_day ? (uint32_t)(month_day - first_day) : 0;
    ret_clock->days_through = (uint32_t)(least(day_number(month + 1, 1), after_last) - first_day);
}
