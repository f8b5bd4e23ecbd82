/*
 * pace_cut.c - too little used by a date leaves only a part of what was left then, after LUMI and DeiC
 *
 * Use is known by calendar months, so the look is taken at the turn of a month: the first one that lies whole
 * cut_months after the start. Who starts in the middle of a month has the rest of it more, never less.
 */
#include "pace_private.h"

void aif_pace_cut(const struct aif_pacer *pacer, struct aif_pace *out)
{
    const struct aif_pacing *pacing = &pacer->alloc->pacing;
    const struct aif_paceclock clock = aif_pace_clock(pacer);
    const uint64_t amount = pacer->alloc->amount_secs;
    const size_t month = pacing->cut_months + !clock.starts_on_first;
    const uint64_t used = aif_pace_used_before(pacer, month);

    if (clock.month < month || used >= amount ||
        (unsigned __int128)used * 100 >= (unsigned __int128)amount * pacing->cut_percent)
        return;
    out->limit_secs = used + aif_pace_part(amount - used, pacing->cut_keep_percent, 100);
}
