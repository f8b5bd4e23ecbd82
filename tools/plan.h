/*
 * plan.h - which changes bring slurmdbd in line with policy.json and allocations.json
 *
 * Each allocation is mirrored as one QOS whose limits Slurm itself enforces, and a second one for use above 100 % where
 * its pacing has that; or, with the carrier "association", as limits of its account's association. A QOS or account that
 * aif made says so in its description; other QOS are never changed. Pure: reads a snapshot, what dbd.h read, and
 * what known.h knows.
 */
#ifndef AIF_TOOL_PLAN_H
#define AIF_TOOL_PLAN_H

#include <time.h>

#include "dbd.h"
#include "known.h"
#include "snapshot.h"

enum aif_change_op {
    AIF_CHANGE_ADD = '+',
    AIF_CHANGE_MODIFY = '~',
    AIF_CHANGE_CLOSE = '-',    /* what aif made for an allocation that is gone: no more jobs */
    AIF_CHANGE_REMOVE = 'x',   /* the same, deleted: only in a plan of aif_prune_make() */
    AIF_CHANGE_CONFLICT = '!', /* cannot be done; says why */
};

/* In the order in which they are shown and carried out. */
enum aif_change_object { AIF_OBJECT_QOS, AIF_OBJECT_ACCOUNT, AIF_OBJECT_USER, AIF_OBJECT_ASSOC, AIF_OBJECT_RESERVATION };

/* What a reservation shall be, see headroom.h. */
struct aif_headroom {
    uint32_t nodes;
    char *partition;
    char *accounts;
    bool anew; /* there is one that cannot be changed into it */
};

#define AIF_CHANGE_FIELDS 16

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
    bool drift; /* QOS: somebody changed what aif had made */
    /* What to send. Limits that stay as they are hold AIF_LIMIT_KEEP. */
    struct aif_limits limits;     /* QOS, or an account's association */
    uint32_t flags;               /* QOS: to add */
    uint16_t preempt_mode;        /* QOS; NO_VAL16: stays */
    uint32_t grace;               /* QOS: GraceTime; NO_VAL: stays */
    bool preempts;                /* QOS: its Preempt list differs, see preempt.h */
    bool unlists;                 /* QOS: since its lane preempts nobody any more */
    bool yields;                  /* QOS: its jobs yield to a lane's, so it must be there before that's list */
    char *description;            /* QOS, account; NULL: stays */
    const char *parent;           /* account */
    bool new_account;             /* account: false if only its association is missing */
    const char **grant;           /* QOS names to add, NULL-terminated or NULL; they live in the snapshot */
    const char **revoke;          /* QOS names to take away */
    const char *default_qos;      /* of a new association; NULL: none */
    bool clear_default;           /* the default QOS is being revoked */
    uint64_t submits;             /* MaxSubmitJobs of a user's association */
    bool default_account;         /* association of a user who had none */
    struct aif_headroom *headroom; /* reservation; NULL: is only removed */
    size_t order;                 /* of discovery, keeps the sorting stable */
};

struct aif_plan {
    struct aif_change *changes;
    size_t count;
    size_t room;
    size_t conflicts;
    size_t drifts;
};

/*
 * Compare. now decides which allocations have ended. Returns AIF_EXIT_OK, or an exit code after one line when
 * nothing sensible can be planned (Slurm does not count the GPUs).
 */
int aif_plan_make(const struct aif_snapshot *snapshot, const struct aif_dbd *dbd, const struct aif_known *known, time_t now,
                  struct aif_plan *ret_plan);
void aif_plan_free(struct aif_plan *plan);

/*
 * What of aif's making no allocation needs any more: QOS without jobs, and accounts with nothing in them that others
 * made. What must stay is a conflict that says why. Users who would be left without any QOS of theirs are barred, since
 * they would fall back to their account's. Needs slurmctld for the jobs. Returns AIF_EXIT_OK or an exit code after one line.
 */
int aif_prune_make(const struct aif_snapshot *snapshot, const struct aif_dbd *dbd, struct aif_plan *ret_plan);

/* "+ qos x: GrpTRESMins 300000, ..." as malloc'ed text without a newline. */
char *aif_change_text(const struct aif_change *change);

/* Send the plan to slurmdbd and commit; now as for the plan. Returns AIF_EXIT_OK or an exit code after one line. */
int aif_plan_apply(void *conn, const struct aif_snapshot *snapshot, time_t now, struct aif_dbd *dbd,
                   const struct aif_plan *plan);

#endif
