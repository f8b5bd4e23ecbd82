/* lane.c - see lane.h */
#include "lane.h"

#include <stddef.h>

int32_t aif_lane_factor(const struct aif_snapshot *snapshot, const char *qos)
{
    const struct aif_alloc *alloc;

    if (!snapshot || !qos)
        return 0;
    alloc = aif_alloctable_by_qos(snapshot->allocs, qos);
    if (!alloc || alloc->state != AIF_STATE_OK || alloc->mode->lane_boost < 0)
        return 0;
    if (alloc->mode->lane_boost > AIF_LANE_BOOST_MAX)
        return AIF_LANE_BOOST_MAX;
    return alloc->mode->lane_boost;
}
