/*
 * timetext.h - durations as Slurm writes them, dates as the federation writes them
 *
 * Pure but for the machine's time zone (localtime rules of libc). Thread-safe.
 */
#ifndef AIF_TIMETEXT_H
#define AIF_TIMETEXT_H

#include <stdint.h>
#include <time.h>

#define AIF_MINUTES_MAX (366u * 24 * 60) /* a year: longer than any job that Slurm runs */

/*
 * Minutes of a Slurm time text: "MM", "MM:SS", "HH:MM:SS", "D-HH", "D-HH:MM", "D-HH:MM:SS"; seconds
 * count as a started minute, like in Slurm. 0, or -1 if malformed, zero or over AIF_MINUTES_MAX.
 */
int aif_timetext_minutes(const char *text, uint32_t *ret_minutes);

/* The same text in seconds, not rounded. */
int aif_timetext_seconds(const char *text, uint32_t *ret_seconds);

enum aif_day_edge { AIF_DAY_START, AIF_DAY_END };

/*
 * "YYYY-MM-DD" is that day's first or last second (edge) in the machine's time zone; RFC 3339
 * ("2026-11-02T12:00:00+01:00", "...Z", fractions of a second are dropped) is that second. Years
 * 2000 to 2199. 0, or -1 if malformed or impossible (2026-02-30).
 */
int aif_timetext_date(const char *text, enum aif_day_edge edge, time_t *ret_time);

#endif
