/*
 * billing.h - what a submission will be billed: the TRESBillingWeights of its partition, applied to what it asks
 */
#ifndef AIF_BILLING_H
#define AIF_BILLING_H

#include "slurmctld.h"

/*
 * Billing of one array task with nodes nodes and gpus GPUs (as in the view of it), rounded up; the most of its
 * partitions (comma list). CPUs, memory and GRES are counted as slurmctld does for its own check of limits; a job that
 * takes whole nodes has all of theirs. AIF_BILLING_UNKNOWN when Slurm does not understand the request. Partition and
 * config read locks; takes the association manager's TRES read lock.
 */
extern uint64_t aif_billing(const job_desc_msg_t *job_desc, const char *partitions, uint32_t nodes,
			    uint64_t gpus);

#endif
