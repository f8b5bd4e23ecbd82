/*
 * lanetext.h - waits and percents as people read them
 */
#ifndef AIF_TOOL_LANETEXT_H
#define AIF_TOOL_LANETEXT_H

#include <stdint.h>

/* "0:00:07", "12:30:00", "1-00:00:00"; NULL for less than 0. malloc'ed. */
char *aif_lanetext_secs(int64_t secs);

/* Basis points as "99.5%"; NULL for less than 0. malloc'ed. */
char *aif_lanetext_percent(int64_t bp);

#endif
