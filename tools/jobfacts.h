/*
 * jobfacts.h - one job, from slurmctld while it knows it, else from slurmdbd
 */
#ifndef AIF_TOOL_JOBFACTS_H
#define AIF_TOOL_JOBFACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "policy.h"

struct aif_jobfacts {
    char id[48]; /* as people write it: "12" or "12_3" */
    uint32_t record_id; /* of slurmctld's record, which for a task that waits with its array is the array's */
    char *name;
    char *user;
    char *account;
    char *qos;
    char *partition;
    char *nodes;         /* where it runs or ran; NULL: nowhere yet */
    char *admin_comment; /* NULL: none */
    char *reason_text;   /* Slurm's own details of the reason; NULL: none */
    bool live;           /* from slurmctld, so reason and priority are known */
    uint32_t uid;
    uint32_t state;      /* enum job_states */
    uint32_t reason;     /* enum job_state_reason */
    uint32_t minutes;    /* time limit; UINT32_MAX: none */
    uint32_t priority;
    int64_t site_factor; /* of the priority, without Slurm's offset */
    uint32_t node_count;
    uint64_t gpus;
    uint64_t billing;
    int exit_code;
    int exit_signal;
    time_t submit;
    time_t begin; /* earliest start, 0 if not known */
    time_t start; /* of a pending job: expected, 0 if not known */
    time_t end;
    uint64_t elapsed; /* seconds, without suspension */
};

/*
 * Find a job by "12" or "12_3". Returns AIF_EXIT_OK, or an exit code after one line: AIF_EXIT_USAGE for a malformed
 * id, AIF_EXIT_FAILED when neither daemon knows the job, AIF_EXIT_SLURM when that cannot be found out.
 */
int aif_jobfacts_load(const char *id, const struct aif_policy *policy, struct aif_jobfacts *ret_job);
void aif_jobfacts_free(struct aif_jobfacts *job);

/* "PENDING", "RUNNING", … */
const char *aif_jobfacts_state(uint32_t state);

#endif
