/*
 * siteparts.h - what a job's site factor is made of
 *
 * The site factor that slurmctld has is the truth; the parts always add up to it. What the policy
 * makes of a job now may be a little more than what the controller made of it at its last look,
 * which is allowed for. Pure.
 */
#ifndef AIF_TOOL_SITEPARTS_H
#define AIF_TOOL_SITEPARTS_H

#include <stdint.h>
#include <time.h>

#include "lane.h"

enum aif_siteplace {
    AIF_SITEPLACE_LANE,    /* in its lane */
    AIF_SITEPLACE_CLOSED,  /* its lane is closed: a share is used up */
    AIF_SITEPLACE_OUTSIDE, /* of an allocation, but its mode has no lane, or none for it */
    AIF_SITEPLACE_FOREIGN  /* not ours */
};

struct aif_siteparts {
    enum aif_siteplace place;
    const struct aif_share *capped; /* of AIF_SITEPLACE_CLOSED where windows tell; else NULL */
    int64_t base;
    int64_t urgency;
    int64_t level; /* in a lane: what the other parts do not explain */
    int64_t guard;
    int64_t pace;
    int64_t admin; /* outside of a lane: what the other parts do not explain */
};

/*
 * windows NULL: not known. Either way a factor below the lane's base shows that the lane is closed.
 * behind of job: as far as it can be told. admin: what an administrator gave a job that is not
 * ours, if that is known, else NULL.
 */
void aif_siteparts_split(const struct aif_policy *policy, const struct aif_sharewindow *windows,
                         const struct aif_lane_job *job, const int64_t *admin, int64_t site,
                         time_t now, struct aif_siteparts *ret_parts);

#endif
