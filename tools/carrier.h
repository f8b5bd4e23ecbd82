/*
 * carrier.h - does Slurm's configuration suit the carrier and the preemption that policy.json chooses
 */
#ifndef AIF_TOOL_CARRIER_H
#define AIF_TOOL_CARRIER_H

#include "policy.h"

/*
 * With the carrier "association" the counter of an association must neither fade nor be reset, as slurmctld is
 * configured now. Returns AIF_EXIT_OK or an exit code after one line; aif_slurm_init() first.
 */
int aif_carrier_check(const struct aif_policy *policy);

/*
 * Where a lane takes the places of others' jobs, Slurm must preempt by QOS, and QOS must be the carrier. Returns as above.
 */
int aif_carrier_check_preempt(const struct aif_policy *policy);

#endif
