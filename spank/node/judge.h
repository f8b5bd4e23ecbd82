/*
 * judge.h - may this job run on this node?
 *
 * Decided from the sealed ticket and the node's own policy.json. Talks to munged, and to slurmctld where policy.json places
 * nodes by their features, which a node does not know itself, and for the ticket of an array: Slurm tells nodes of which array a job
 * is with batch scripts only, and a ticket that fits any job of its user could be put on another one.
 */
#ifndef AIF_NODE_JUDGE_H
#define AIF_NODE_JUDGE_H

#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "gating.h"

/* What slurmd says of the job and of the node. */
struct aif_node_case {
    const char *node;
    const char *cluster;
    uint32_t job;
    uint32_t uid;
    uid_t slurm_user;
    const char *seal;
    const char *text; /* what the job's record says that is sealed; slurmctld has compared it with the job */
    const char *authinfo; /* as in slurm.conf; NULL: none */
    const char *conf_dir; /* where policy.json is */
};

/*
 * The seal must hold the very text that is in the job's record: slurmctld has seen only that. Returns 0 if the job may run; *ret_array is then the array that the ticket is of, 0: it is of this very job, and ret_data the
 * data sets that its tasks shall see, as in shown.h. Else -1; the text in err names the rule: AIF-R010 for the ticket, AIF-R011 for
 * the place, AIF-R012 for the data sets. This process may be in another mount namespace then.
 */
int aif_node_judge(const struct aif_node_case *of, uint32_t *ret_array, char ret_data[SPANK_AIF_GATING_LIST],
                   struct aif_error *err);

#endif
