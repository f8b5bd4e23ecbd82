/*
 * furms.h - cumulative consumption as FENIX FURMS takes it
 *
 * What an allocation has used since its start, in hours of its unit; a later message about it replaces an earlier one.
 * Source: the AsyncAPI description in FURMS's documentation (CumulativeResourceUsageRecord). Pure, thread-safe.
 */
#ifndef AIF_FURMS_H
#define AIF_FURMS_H

#include <stdint.h>

#include "text.h"

/* Append one message, without a separator. hundredths of an hour; at: when that was so. -1: no memory, or not text. */
int aif_furms_message(struct aif_text *text, const char *project, const char *allocation, uint64_t hundredths, int64_t at);

#endif
