/*
 * plan.h - which changes bring slurmdbd in line with policy.json and allocations.json
 *
 * Each allocation is mirrored as one QOS whose limits Slurm itself enforces. What aif made carries the
 * description "aif <project ID>"; everything else is never changed. Pure: reads a snapshot and what dbd.h read.
 */
#ifndef AIF_TOOL_PLAN_H
#define AIF_TOOL_PLAN_H

#include <time.h>

#include "dbd.h"
#include "snapshot.h"

enum aif_change_op {
    AIF_CHANGE_ADD = '+',
    AIF_CHANGE_MODIFY = '~',
    AIF_CHANGE_CLOSE = '-',    /* a QOS that aif made for an allocation that is gone: no more jobs */
    AIF_CHANGE_CONFLICT = '!', /* cannot be done; says why */
};

/* In the order in which they are shown and carried out. */
enum aif_change_object { AIF_OBJECT_QOS, AIF_OBJECT_ACCOUNT, AIF_OBJECT_USER, AIF_OBJECT_ASSOC };

#define AIF_CHANGE_FIELDS 12

struct aif_change_field {
    const char *name; /* Slurm's name of the limit */
    char *from;       /* NULL: there was nothing */
    char *to;
};

struct aif_change {
    enum aif_change_op op;
    enum aif_change_object object;
    char *name; /* QOS, account or user */
    char *account; /* of an association (name is then the user, "" for the account's own); a new user's default */
    struct aif_change_field fields[AIF_CHANGE_FIELDS];
    size_t field_count;
    /* What to send. Limits that stay as they are hold NO_VAL or NO_VAL64. */
    struct aif_dbd_qos limits;    /* QOS; its name and description are not used */
    char *description;            /* QOS, account; NULL: stays */
    const char *parent;           /* account */
    bool new_account;             /* account: false if only its association is missing */
    const char **grant;           /* QOS names to add, NULL-terminated or NULL; they live in the snapshot */
    const char **revoke;          /* QOS names to take away */
    const char *default_qos;      /* of a new association; NULL: none */
    bool clear_default;           /* the default QOS is being revoked */
    uint32_t submits;             /* MaxSubmitJobs of an association; NO_VAL: stays */
    bool default_account;         /* association of a user who had none */
    size_t order;                 /* of discovery, keeps the sorting stable */
};

struct aif_plan {
    struct aif_change *changes;
    size_t count;
    size_t room;
    size_t conflicts;
};

/*
 * Compare. now decides which allocations have ended. Returns AIF_EXIT_OK, or an exit code after one line when
 * nothing sensible can be planned (Slurm does not count the GPUs).
 */
int aif_plan_make(const struct aif_snapshot *snapshot, const struct aif_dbd *dbd, time_t now,
                  struct aif_plan *ret_plan);
void aif_plan_free(struct aif_plan *plan);

/* "+ qos x: GrpTRESMins 300000, ..." as malloc'ed text without a newline. */
char *aif_change_text(const struct aif_change *change);

/* Send the plan to slurmdbd and commit. Returns AIF_EXIT_OK or an exit code after one line. */
int aif_plan_apply(void *conn, const struct aif_policy *policy, struct aif_dbd *dbd, const struct aif_plan *plan);

#endif
