/* carrier.c - see carrier.h */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "carrier.h"
#include "common.h"
#include "preempt.h"
#include "rules.h"
#include "slurmconn.h"

/* Slurm takes PriorityDecayHalfLife=0 only where PriorityUsageResetPeriod stands there too. */
#define BOTH "set PriorityDecayHalfLife=0 and PriorityUsageResetPeriod=NONE, both, and run \"scontrol reconfigure\", or use \"carrier\": \"qos\" in policy.json"

static int check_conf(const slurm_conf_t *conf)
{
    if (conf->priority_decay_hl)
        return aif_tool_fail(AIF_EXIT_FAILED, "PriorityDecayHalfLife of slurm.conf: is %u s, must be 0 for the carrier \"association\", or used hours come back (" AIF_C_CARRIER "); " BOTH,
                             conf->priority_decay_hl);
    if (conf->priority_reset_period)
        return aif_tool_fail(AIF_EXIT_FAILED, "PriorityUsageResetPeriod of slurm.conf: is set, must be NONE for the carrier \"association\", or used hours come back (" AIF_C_CARRIER "); " BOTH);
    return AIF_EXIT_OK;
}

static int check_preempt_conf(const slurm_conf_t *conf)
{
    const char *type = conf->preempt_type ? conf->preempt_type : "preempt/none";
    bool off = !(conf->preempt_mode & ~(PREEMPT_MODE_GANG | PREEMPT_MODE_WITHIN));

    if (!strcmp(type, "preempt/qos") && !off)
        return AIF_EXIT_OK;
    return aif_tool_fail(AIF_EXIT_FAILED, "%s of slurm.conf: is %s, must be %s for a lane that preempts (" AIF_C_PREEMPT "); set PreemptType=preempt/qos and PreemptMode=REQUEUE and restart slurmctld, or take \"preempts\" and \"preempts_free\" out of policy.json",
                         off ? "PreemptMode" : "PreemptType", off ? "OFF" : type, off ? "REQUEUE or CANCEL" : "preempt/qos");
}

/* need: what cannot be done without the configuration. */
static int check_ctld(int (*check)(const slurm_conf_t *conf), const char *need)
{
    slurm_conf_t *conf = NULL;
    int rc, code;

    aif_slurm_quiet();
    errno = 0;
    rc = slurm_load_ctl_conf(0, &conf);
    code = errno;
    aif_slurm_loud();
    if (rc != SLURM_SUCCESS)
        return aif_slurmctld_failed(need, code);
    rc = check(conf);
    slurm_free_ctl_conf(conf);
    return rc;
}

int aif_carrier_check(const struct aif_policy *policy)
{
    if (policy->carrier != AIF_CARRIER_ASSOCIATION)
        return AIF_EXIT_OK;
    return check_ctld(check_conf, "read slurmctld's configuration, which the carrier \"association\" depends on");
}

int aif_carrier_check_preempt(const struct aif_policy *policy)
{
    if (!aif_preempt_wanted(policy))
        return AIF_EXIT_OK;
    if (policy->carrier != AIF_CARRIER_QOS)
        return aif_tool_fail(AIF_EXIT_FAILED, "a lane preempts, but carrier is \"association\", must be \"qos\": Slurm preempts by QOS (" AIF_C_PREEMPT "); use \"carrier\": \"qos\", or take \"preempts\" and \"preempts_free\" out of policy.json");
    return check_ctld(check_preempt_conf, "read slurmctld's configuration, which the preemption of a lane depends on");
}
