/*
 * dbd.h - what slurmdbd knows of QOS, accounts, associations and users, in arrays that are sorted for look-ups
 *
 * Read once per run with one request per kind of object, so that 10,000 allocations need no 10,000 requests.
 */
#ifndef AIF_TOOL_DBD_H
#define AIF_TOOL_DBD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"
#include "slurmdb.h"

struct aif_dbd_qos {
    char *name;
    char *description;
    uint32_t id;
    uint32_t flags;
    uint64_t gpu_mins;  /* GrpTRESMins of the GPUs; INFINITE64: none */
    uint64_t node_mins; /* GrpTRESMins of nodes; INFINITE64: none */
    uint64_t job_gpus;  /* MaxTRESPerJob of the GPUs; INFINITE64: none */
    uint64_t job_nodes; /* MaxTRESPerJob of nodes; INFINITE64: none */
    uint32_t wall;      /* MaxWall in minutes; INFINITE: none, here and below */
    uint32_t jobs_per_user;
    uint32_t submits_per_user;
    uint32_t jobs;
    uint32_t submits;
};

struct aif_dbd_assoc {
    char *account;
    char *user; /* "" for the account's own */
    uint32_t *qos; /* ids in force, inherited ones included, ascending */
    size_t qos_count;
    uint32_t default_qos; /* 0: none */
    uint32_t submits;     /* MaxSubmitJobs; 0: may submit nothing */
};

struct aif_dbd {
    uint32_t gpu_tres;  /* id of policy->gpu_tres; 0: slurmdbd does not count it */
    uint32_t node_tres;
    struct aif_dbd_qos *qos;
    size_t qos_count;
    struct aif_dbd_assoc *assocs; /* of the policy's cluster, without those of a partition */
    size_t assoc_count;
    char **accounts;
    size_t account_count;
    char **users;
    size_t user_count;
};

/* Read everything for policy->cluster. Returns AIF_EXIT_OK or an exit code after one line. */
int aif_dbd_read(void *conn, const struct aif_policy *policy, struct aif_dbd *ret_dbd);
/* Read only the QOS again, so that those just added have their ids. */
int aif_dbd_read_qos(void *conn, struct aif_dbd *dbd);
void aif_dbd_free(struct aif_dbd *dbd);

const struct aif_dbd_qos *aif_dbd_find_qos(const struct aif_dbd *dbd, const char *name);
const struct aif_dbd_assoc *aif_dbd_find_assoc(const struct aif_dbd *dbd, const char *account, const char *user);
/* The associations of one account, its own first: returns the first one and its *ret_count. */
const struct aif_dbd_assoc *aif_dbd_account_assocs(const struct aif_dbd *dbd, const char *account, size_t *ret_count);
bool aif_dbd_has_account(const struct aif_dbd *dbd, const char *account);
bool aif_dbd_has_user(const struct aif_dbd *dbd, const char *user);
bool aif_dbd_assoc_allows(const struct aif_dbd_assoc *assoc, uint32_t qos);

#endif
