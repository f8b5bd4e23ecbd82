/* timetext.c - see timetext.h */
#include "timetext.h"

#include <stdbool.h>
#include <stddef.h>

#define PARTS_MAX 3
#define DIGITS_MAX 7 /* of one number in a duration; keeps sums far inside 64 bits */

/* Digits at *at as a number; at least one, at most "most". */
static bool take_number(const char **at, int least, int most, int64_t *ret_number)
{
    int64_t number = 0;
    int count = 0;

    for (; count < most && **at >= '0' && **at <= '9'; count++, ++*at)
        number = number * 10 + (**at - '0');
    *ret_number = number;
    return count >= least;
}

/* a[:b[:c]] to the end of the text. Returns how many there are, 0 if malformed. */
static int take_parts(const char *at, int64_t parts[PARTS_MAX])
{
    int count = 0;

    while (count < PARTS_MAX && take_number(&at, 1, DIGITS_MAX, &parts[count])) {
        count++;
        if (!*at)
            return count;
        if (*at++ != ':')
            return 0;
    }
    return 0;
}

static bool is_clock(int64_t minutes, int64_t seconds)
{
    return minutes < 60 && seconds < 60;
}

/* Without days: MM, MM:SS, HH:MM:SS. -1 if malformed. */
static int64_t plain_seconds(const char *text)
{
    int64_t part[PARTS_MAX] = {0};

    switch (take_parts(text, part)) {
    case 1:
        return part[0] * 60;
    case 2:
        return is_clock(0, part[1]) ? part[0] * 60 + part[1] : -1;
    case 3:
        return is_clock(part[1], part[2]) ? (part[0] * 60 + part[1]) * 60 + part[2] : -1;
    }
    return -1;
}

/* After the days: HH, HH:MM, HH:MM:SS. -1 if malformed. */
static int64_t clock_seconds(const char *text)
{
    int64_t part[PARTS_MAX] = {0};

    if (!take_parts(text, part) || part[0] > 23 || !is_clock(part[1], part[2]))
        return -1;
    return (part[0] * 60 + part[1]) * 60 + part[2];
}

static int64_t all_seconds(const char *text)
{
    const char *at = text;
    int64_t days = 0, rest;

    if (!take_number(&at, 1, DIGITS_MAX, &days) || *at != '-')
        return plain_seconds(text);
    rest = clock_seconds(at + 1);
    return rest < 0 ? -1 : days * 86400 + rest;
}

int aif_timetext_seconds(const char *text, uint32_t *ret_seconds)
{
    int64_t seconds = all_seconds(text);

    if (seconds <= 0 || seconds > (int64_t)AIF_MINUTES_MAX * 60)
        return -1;
    *ret_seconds = (uint32_t)seconds;
    return 0;
}

int aif_timetext_minutes(const char *text, uint32_t *ret_minutes)
{
    uint32_t seconds;

    if (aif_timetext_seconds(text, &seconds))
        return -1;
    *ret_minutes = (seconds + 59) / 60;
    return 0;
}

static int days_in_month(int64_t year, int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static bool take_char(const char **at, const char *one_of)
{
    for (; *one_of; one_of++) {
        if (**at == *one_of) {
            ++*at;
            return true;
        }
    }
    return false;
}

static bool take_day(const char **at, struct tm *tm)
{
    int64_t year, month, day;

    if (!take_number(at, 4, 4, &year) || !take_char(at, "-") || !take_number(at, 2, 2, &month) ||
        !take_char(at, "-") || !take_number(at, 2, 2, &day))
        return false;
    if (year < 2000 || year > 2199 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return false;
    *tm = (struct tm){.tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
    tm->tm_isdst = -1;
    return true;
}

static bool take_clock(const char **at, struct tm *tm)
{
    int64_t hour, minute, second, fraction;

    if (!take_number(at, 2, 2, &hour) || !take_char(at, ":") || !take_number(at, 2, 2, &minute) ||
        !take_char(at, ":") || !take_number(at, 2, 2, &second))
        return false;
    if (hour > 23 || !is_clock(minute, second))
        return false;
    if (take_char(at, ".") && !take_number(at, 1, 9, &fraction))
        return false;
    tm->tm_hour = (int)hour;
    tm->tm_min = (int)minute;
    tm->tm_sec = (int)second;
    return true;
}

/* "Z" or "+HH:MM"; *ret_seconds east of UTC. */
static bool take_offset(const char **at, int64_t *ret_seconds)
{
    int64_t hour, minute;
    bool west = **at == '-';

    if (take_char(at, "Zz")) {
        *ret_seconds = 0;
        return true;
    }
    if (!take_char(at, "+-") || !take_number(at, 2, 2, &hour) || !take_char(at, ":") ||
        !take_number(at, 2, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *ret_seconds = (hour * 60 + minute) * (west ? -60 : 60);
    return true;
}

static int whole_day(struct tm *tm, enum aif_day_edge edge, time_t *ret_time)
{
    time_t first;

    /* The last second is the one before the next day, whatever the clocks did in between. */
    tm->tm_mday += edge == AIF_DAY_END;
    first = mktime(tm);
    if (first == (time_t)-1)
        return -1;
    *ret_time = edge == AIF_DAY_END ? first - 1 : first;
    return 0;
}

int aif_timetext_date(const char *text, enum aif_day_edge edge, time_t *ret_time)
{
    int64_t east = 0;
    struct tm tm;

    if (!take_day(&text, &tm))
        return -1;
    if (!*text)
        return whole_day(&tm, edge, ret_time);
    if (!take_char(&text, "Tt ") || !take_clock(&text, &tm) || !take_offset(&text, &east) || *text)
        return -1;
    *ret_time = timegm(&tm) - (time_t)east;
    return 0;
}
