/*
 * limits.h - the limits of a QOS or of an account's association, as far as aif sets them
 *
 * One table for reading, comparing, showing and sending. The names are Slurm's; a QOS and an association spell some of
 * them differently. Pure, but for the texts, which end the program when memory is out.
 */
#ifndef AIF_TOOL_LIMITS_H
#define AIF_TOOL_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "mirror.h"

enum aif_limit {
    AIF_LIMIT_GPU_MINS, /* GrpTRESMins, in the order of enum aif_charge_tres */
    AIF_LIMIT_NODE_MINS,
    AIF_LIMIT_BILLING_MINS,
    AIF_LIMIT_JOB_GPUS, /* MaxTRESPerJob */
    AIF_LIMIT_JOB_NODES,
    AIF_LIMIT_WALL, /* minutes */
    AIF_LIMIT_USER_JOBS,
    AIF_LIMIT_USER_SUBMITS,
    AIF_LIMIT_JOBS,
    AIF_LIMIT_SUBMITS,
};
#define AIF_LIMITS 10

#define AIF_LIMIT_NONE AIF_MIRROR_NONE
#define AIF_LIMIT_KEEP (UINT64_MAX - 1) /* in what is sent: stays as it is */

struct aif_limits {
    uint64_t value[AIF_LIMITS];
};

/* All of them value. */
void aif_limits_fill(struct aif_limits *limits, uint64_t value);

/* tres: what GrpTRESMins counts for the allocation. */
void aif_limits_from_mirror(struct aif_limits *limits, const struct aif_mirror *mirror, enum aif_charge_tres tres);

/* "GrpTRESMins gpu", "MaxJobsPU" of a QOS and "MaxJobs" of an association, … */
const char *aif_limit_name(enum aif_limit limit, bool qos);

/* "none", "6000", "4:00:00"; malloc'ed. */
char *aif_limit_text(enum aif_limit limit, uint64_t value);

/* Eight hex digits that differ if any limit does. */
#define AIF_LIMITS_DIGEST 9
void aif_limits_digest(const struct aif_limits *limits, char ret_digest[AIF_LIMITS_DIGEST]);

/*
 * The mark that a QOS of ours carries as its description: "aif <project ID> #<digest>". The digest is of the limits
 * that aif gave it, so that a change by somebody else is told from a change of the configuration. malloc'ed.
 */
char *aif_limits_mark(const char *id, const struct aif_limits *limits);

/*
 * Does the description hold a digest that is not that of the limits? false for one without a digest, and for limits that
 * take no jobs, since what has no allocation any more is closed without a new description.
 */
bool aif_limits_drifted(const char *description, const struct aif_limits *limits);

#endif
