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

#include "limits.h"
#include "policy.h"
#include "slurmdb.h"

struct aif_dbd_qos {
    char *name;
    char *description;
    uint32_t id;
    uint32_t flags;
    struct aif_limits limits;
    uint16_t preempt_mode; /* PREEMPT_MODE_* of slurm.h; 0: what slurm.conf says */
    uint32_t grace;        /* GraceTime, seconds */
    uint64_t *preempts;    /* bits by id of the QOS whose jobs yield to its own, qos_ids of them; NULL: none */
};

struct aif_dbd_assoc {
    char *account;
    char *user; /* "" for the account's own */
    char *parent; /* of an account; "" for none */
    uint32_t *qos; /* ids in force, inherited ones included; with the carrier "association" its own alone; ascending */
    size_t qos_count;
    uint32_t default_qos; /* 0: none */
    uint64_t submits;     /* MaxSubmitJobs; 0: may submit nothing */
    bool is_default;      /* the user's default account */
    bool gone;            /* removed since this was read */
    struct aif_limits *limits; /* of an account with the carrier "association", not inherited; else NULL */
};

struct aif_dbd_name {
    char *name;
    bool ours; /* an account whose description says that aif made it */
};

struct aif_dbd {
    uint32_t tres[AIF_CHARGE_BILLING + 1]; /* ids by enum aif_charge_tres; 0: slurmdbd does not count it */
    struct aif_dbd_qos *qos;
    size_t qos_count;
    uint32_t qos_ids; /* every id is below */
    struct aif_dbd_assoc *assocs; /* of the policy's cluster, without those of a partition */
    size_t assoc_count;
    struct aif_dbd_name *accounts;
    size_t account_count;
    struct aif_dbd_name *users;
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
/* NULL if there is none of that name. */
const struct aif_dbd_name *aif_dbd_find_account(const struct aif_dbd *dbd, const char *account);
bool aif_dbd_has_user(const struct aif_dbd *dbd, const char *user);
/* Did aif make what has this description? */
bool aif_dbd_is_ours(const char *description);
bool aif_dbd_assoc_allows(const struct aif_dbd_assoc *assoc, uint32_t qos);

#endif
