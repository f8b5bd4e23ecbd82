/*
 * pace_ceiling.c - above 100 % only on the free QOS, up to a ceiling, after IT4I
 */
#include "pace_private.h"

void aif_pace_ceiling(const struct aif_pacer *pacer, struct aif_pace *out)
{
    const struct aif_alloc *alloc = pacer->alloc;

    out->free_secs = aif_pace_part(alloc->amount_secs, alloc->pacing.ceiling_percent - 100, 100);
}
