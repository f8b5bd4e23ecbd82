/*
 * sendback.h - take a job that a node has refused back from it
 */
#ifndef AIF_NODE_SENDBACK_H
#define AIF_NODE_SENDBACK_H

#include <stdint.h>

#include "error.h"

/*
 * Have slurmctld requeue the job and hold it, or cancel it where it cannot be requeued (salloc, srun, --no-requeue). Its
 * admin_comment, if that is ours, gets the rule and the node, so that people see why, and slurmctld notes it. The node is not drained. Needs to be root or
 * Slurm's user. -1 where the job is left as it is.
 */
int aif_node_sendback(uint32_t job, const char *rule, const char *node, struct aif_error *err);

#endif
