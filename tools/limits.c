/* limits.c - see limits.h */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "limits.h"
#include "message.h"

static const struct {
    const char *qos;
    const char *assoc;
} names[AIF_LIMITS] = {
    [AIF_LIMIT_GPU_MINS] = {"GrpTRESMins gpu", "GrpTRESMins gpu"},
    [AIF_LIMIT_NODE_MINS] = {"GrpTRESMins node", "GrpTRESMins node"},
    [AIF_LIMIT_BILLING_MINS] = {"GrpTRESMins billing", "GrpTRESMins billing"},
    [AIF_LIMIT_JOB_GPUS] = {"MaxTRESPerJob gpu", "MaxTRESPerJob gpu"},
    [AIF_LIMIT_JOB_NODES] = {"MaxTRESPerJob node", "MaxTRESPerJob node"},
    [AIF_LIMIT_WALL] = {"MaxWall", "MaxWall"},
    [AIF_LIMIT_USER_JOBS] = {"MaxJobsPU", "MaxJobs"},
    [AIF_LIMIT_USER_SUBMITS] = {"MaxSubmitJobsPU", "MaxSubmitJobs"},
    [AIF_LIMIT_JOBS] = {"GrpJobs", "GrpJobs"},
    [AIF_LIMIT_SUBMITS] = {"GrpSubmitJobs", "GrpSubmitJobs"},
};

void aif_limits_fill(struct aif_limits *limits, uint64_t value)
{
    for (int i = 0; i < AIF_LIMITS; i++)
        limits->value[i] = value;
}

void aif_limits_from_mirror(struct aif_limits *limits, const struct aif_mirror *mirror, enum aif_charge_tres tres)
{
    aif_limits_fill(limits, AIF_LIMIT_NONE);
    limits->value[AIF_LIMIT_GPU_MINS + tres] = mirror->tres_mins;
    limits->value[AIF_LIMIT_JOB_GPUS] = mirror->job_gpus;
    limits->value[AIF_LIMIT_JOB_NODES] = mirror->job_nodes;
    limits->value[AIF_LIMIT_WALL] = mirror->wall;
    limits->value[AIF_LIMIT_USER_JOBS] = mirror->jobs_per_user;
    limits->value[AIF_LIMIT_USER_SUBMITS] = mirror->submits_per_user;
    limits->value[AIF_LIMIT_JOBS] = mirror->jobs;
    limits->value[AIF_LIMIT_SUBMITS] = mirror->submits;
}

const char *aif_limit_name(enum aif_limit limit, bool qos)
{
    return qos ? names[limit].qos : names[limit].assoc;
}

char *aif_limit_text(enum aif_limit limit, uint64_t value)
{
    char text[AIF_MINUTES_TEXT];

    if (value == AIF_LIMIT_NONE)
        return aif_tool_strdup("none");
    if (limit != AIF_LIMIT_WALL)
        return aif_tool_format("%" PRIu64, value);
    aif_message_minutes((uint32_t)value, text);
    return aif_tool_strdup(text);
}

/* FNV-1a: it shall tell changes by people, not resist an attacker, who could change the description as well. */
void aif_limits_digest(const struct aif_limits *limits, char ret_digest[AIF_LIMITS_DIGEST])
{
    uint32_t hash = 2166136261u;

    for (int i = 0; i < AIF_LIMITS; i++) {
        for (int shift = 0; shift < 64; shift += 8) {
            hash ^= (uint32_t)(limits->value[i] >> shift & 0xff);
            hash *= 16777619u;
        }
    }
    snprintf(ret_digest, AIF_LIMITS_DIGEST, "%08" PRIx32, hash);
}

char *aif_limits_mark(const char *id, const struct aif_limits *limits)
{
    char digest[AIF_LIMITS_DIGEST];

    aif_limits_digest(limits, digest);
    return aif_tool_format(AIF_QOS_MARK "%s #%s", id, digest);
}

bool aif_limits_drifted(const char *description, const struct aif_limits *limits)
{
    const char *said = strrchr(description, '#');
    char digest[AIF_LIMITS_DIGEST];

    if (!said || (!limits->value[AIF_LIMIT_JOBS] && !limits->value[AIF_LIMIT_SUBMITS]))
        return false;
    aif_limits_digest(limits, digest);
    return strncasecmp(said + 1, digest, AIF_LIMITS_DIGEST - 1) != 0;
}
