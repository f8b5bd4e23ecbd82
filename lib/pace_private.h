/*
 * pace_private.h - what the policies behind aif_pace() share (pace.c, pace_<kind>.c)
 *
 * Each fills in what it changes: limit_secs comes as the amount, everything else as 0.
 */
#ifndef AIF_PACE_PRIVATE_H
#define AIF_PACE_PRIVATE_H

#include "pace.h"
#include "paceclock.h"

struct aif_pacer {
    const struct aif_alloc *alloc;
    const struct aif_pace_use *use;
    time_t now; /* within start and end */
};

void aif_pace_monthly(const struct aif_pacer *pacer, struct aif_pace *out);
void aif_pace_credit(const struct aif_pacer *pacer, struct aif_pace *out);
void aif_pace_linear(const struct aif_pacer *pacer, struct aif_pace *out);
void aif_pace_ceiling(const struct aif_pacer *pacer, struct aif_pace *out);
void aif_pace_cut(const struct aif_pacer *pacer, struct aif_pace *out);

/* This month in the allocation. */
struct aif_paceclock aif_pace_clock(const struct aif_pacer *pacer);

/* Used in one month that has ended, and in all before month, never more than all use; 0 where it is not known. */
uint64_t aif_pace_used_in(const struct aif_pacer *pacer, size_t month);
uint64_t aif_pace_used_before(const struct aif_pacer *pacer, size_t month);

/* value x part / whole, rounded down; saturating. whole > 0. */
uint64_t aif_pace_part(uint64_t value, uint64_t part, uint64_t whole);

#endif
