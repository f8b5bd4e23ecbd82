/*
 * applying.h - what the files that carry out a plan share
 *
 * Records that are sent are ours: names point into plan and policy, what a destructor frees was malloc'ed here, and
 * libslurm only packs them.
 */
#ifndef AIF_TOOL_APPLYING_H
#define AIF_TOOL_APPLYING_H

#include "plan.h"

struct aif_applying {
    void *conn;
    const struct aif_snapshot *snapshot;
    const struct aif_policy *policy;
    time_t now;
    struct aif_dbd *dbd;
    const struct aif_plan *plan;
};

/* Slurm's "no limit" and "leave it" for a limit's value. */
uint32_t aif_applying_count(uint64_t value);

/*
 * The TRES limits first to last of limits as Slurm's text, "1001=300000,4=18446744073709551615"; NULL if none is to be
 * sent. adding: none stands there yet that would have to be taken away. malloc'ed.
 */
char *aif_applying_tres(const struct aif_dbd *dbd, const struct aif_limits *limits, enum aif_limit first,
                        enum aif_limit last, bool adding);

/* What is done so far is kept. */
int aif_applying_commit(struct aif_applying *a);

#define AIF_APPLYING_NAMES 500 /* of one request: slurmdbd logs them in a column of 64 KiB */

/* Record of a QOS to send; to be freed as below. */
slurmdb_qos_rec_t *aif_applying_qos_rec(const struct aif_applying *a, const struct aif_change *change);
void aif_applying_free_qos_rec(void *item);
/* The change of those QOS in one request. Takes over names; what: for the line on failure. */
int aif_applying_modify_qos(struct aif_applying *a, list_t *names, slurmdb_qos_rec_t *rec, const char *what);

/* A new QOS that nobody's list names: it is added late, with its own list. */
bool aif_applying_is_late(const struct aif_change *change);

/* A list of one name. */
list_t *aif_applying_name(char *name);

/* Calls that print one line on failure and return an exit code. add takes over the list; an empty one is no call. */
int aif_applying_add(struct aif_applying *a, int (*call)(void *conn, list_t *list), list_t *list, const char *what);
/* Takes over list, what a call returned that must have touched something; code: errno after it. */
int aif_applying_check(list_t *list, int code, const char *what);

/* The parts, in their order. */
int aif_applying_qos(struct aif_applying *a);
/* Lists: before the QOS what leaves, while its marks tell that aif made it; after them, when all have ids, the rest. */
int aif_applying_unlisted(struct aif_applying *a);
int aif_applying_preempt(struct aif_applying *a);
int aif_applying_accounts(struct aif_applying *a);
int aif_applying_users(struct aif_applying *a);
int aif_applying_modified_assocs(struct aif_applying *a);
int aif_applying_removed(struct aif_applying *a);

#endif
