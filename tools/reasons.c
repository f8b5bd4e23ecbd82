/* reasons.c - see reasons.h */
#include "config.h"

#include <stddef.h>

#include "reasons.h"
#include "slurmdb.h"

static const struct aif_reason reasons[] = {
    {WAIT_NO_REASON, "None", AIF_REASON_NONE, NULL},
    {WAIT_PRIORITY, "Priority", AIF_REASON_PRIORITY, NULL},
    {WAIT_DEPENDENCY, "Dependency", AIF_REASON_DEPENDENCY, NULL},
    {WAIT_DEP_INVALID, "DependencyNeverSatisfied", AIF_REASON_DEPENDENCY_NEVER, NULL},
    {WAIT_RESOURCES, "Resources", AIF_REASON_RESOURCES, NULL},
    {WAIT_NODE_NOT_AVAIL, "ReqNodeNotAvail", AIF_REASON_NODES_GONE, NULL},
    {WAIT_RESERVATION, "Reservation", AIF_REASON_NODES_GONE, NULL},
    {WAIT_PART_DOWN, "PartitionDown", AIF_REASON_NODES_GONE, NULL},
    {WAIT_PART_INACTIVE, "PartitionInactive", AIF_REASON_NODES_GONE, NULL},
    {WAIT_PART_NODE_LIMIT, "PartitionNodeLimit", AIF_REASON_IMPOSSIBLE, NULL},
    {WAIT_PART_TIME_LIMIT, "PartitionTimeLimit", AIF_REASON_IMPOSSIBLE, NULL},
    {WAIT_PART_CONFIG, "PartitionConfig", AIF_REASON_IMPOSSIBLE, NULL},
    {FAIL_BAD_CONSTRAINTS, "BadConstraints", AIF_REASON_IMPOSSIBLE, NULL},
    {WAIT_HELD, "JobHeldAdmin", AIF_REASON_HELD_ADMIN, NULL},
    {WAIT_HELD_USER, "JobHeldUser", AIF_REASON_HELD_USER, NULL},
    {WAIT_TIME, "BeginTime", AIF_REASON_BEGIN, NULL},
    {WAIT_LICENSES, "Licenses", AIF_REASON_OTHER, "licenses it asks for are taken"},
    {WAIT_CLEANING, "Cleaning", AIF_REASON_OTHER, "its last run is still being cleaned up"},
    {WAIT_PROLOG, "Prolog", AIF_REASON_OTHER, "its nodes are being prepared"},
    {WAIT_ARRAY_TASK_LIMIT, "JobArrayTaskLimit", AIF_REASON_OTHER, "as many tasks of its array run as it lets run at once"},
    {WAIT_ACCOUNT_POLICY, "AccountingPolicy", AIF_REASON_OTHER, NULL},
    {WAIT_QOS, "InvalidQOS", AIF_REASON_ACCESS, NULL},
    {FAIL_QOS, "InvalidQOS", AIF_REASON_ACCESS, NULL},
    {WAIT_ACCOUNT, "InvalidAccount", AIF_REASON_ACCESS, NULL},
    {FAIL_ACCOUNT, "InvalidAccount", AIF_REASON_ACCESS, NULL},
    {WAIT_QOS_GRP_JOB, "QOSGrpJobsLimit", AIF_REASON_ALL_JOBS, NULL},
    {WAIT_QOS_GRP_SUB_JOB, "QOSGrpSubmitJobsLimit", AIF_REASON_ALL_JOBS, NULL},
    {WAIT_QOS_MAX_JOB_PER_USER, "QOSMaxJobsPerUserLimit", AIF_REASON_USER_JOBS, NULL},
    {WAIT_QOS_MAX_SUB_JOB, "QOSMaxSubmitJobPerUserLimit", AIF_REASON_USER_JOBS, NULL},
    {WAIT_QOS_MAX_WALL_PER_JOB, "QOSMaxWallDurationPerJobLimit", AIF_REASON_WALL, NULL},
    {WAIT_QOS_TIME_LIMIT, "QOSTimeLimit", AIF_REASON_WALL, NULL},
    {WAIT_QOS_GRP_GRES_MIN, "QOSGrpGRESMinutes", AIF_REASON_BUDGET, NULL},
    {WAIT_QOS_GRP_UNK_MIN, "QOSGrpUnknownMinutes", AIF_REASON_BUDGET, NULL},
    {WAIT_QOS_GRP_NODE_MIN, "QOSGrpNodeMinutes", AIF_REASON_BUDGET, NULL},
    {WAIT_QOS_GRP_CPU_MIN, "QOSGrpCPUMinutesLimit", AIF_REASON_BUDGET, NULL},
    {WAIT_QOS_GRP_BILLING_MIN, "QOSGrpBillingMinutes", AIF_REASON_BUDGET, NULL},
    {WAIT_QOS_MAX_GRES_MINS_PER_JOB, "QOSMaxGRESMinutesPerJob", AIF_REASON_BUDGET, NULL},
    {WAIT_ASSOC_GRP_GRES_MIN, "AssocGrpGRESMinutes", AIF_REASON_BUDGET, NULL},
    {WAIT_ASSOC_GRP_UNK_MIN, "AssocGrpUnknownMinutes", AIF_REASON_BUDGET, NULL},
    {WAIT_ASSOC_GRP_NODE_MIN, "AssocGrpNodeMinutes", AIF_REASON_BUDGET, NULL},
    {WAIT_ASSOC_GRP_BILLING_MIN, "AssocGrpBillingMinutes", AIF_REASON_BUDGET, NULL},
};

const struct aif_reason *aif_reason_find(uint32_t reason)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].reason == reason)
            return &reasons[i];
    return NULL;
}
