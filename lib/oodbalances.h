/*
 * oodbalances.h - what users have left, as Open OnDemand's dashboard reads it to warn them
 *
 * One JSON object: version 1, a timestamp, the unit, and one entry per user and allocation with whole hours left, rounded
 * down; below zero where more was used than awarded. Source: Open OnDemand's dashboard, balance files version 1.
 * Pure, thread-safe.
 */
#ifndef AIF_OODBALANCES_H
#define AIF_OODBALANCES_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/* Begin, add entries (first: no separator), end. unit: of one hour, "GPU-hour". -1: no memory, or not text. */
int aif_oodbalances_begin(struct aif_text *text, int64_t at, const char *unit);
int aif_oodbalances_entry(struct aif_text *text, bool first, const char *user, const char *project,
                          uint64_t amount_secs, uint64_t used_secs);
int aif_oodbalances_end(struct aif_text *text);

#endif
