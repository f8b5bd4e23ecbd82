/*
 * planning.h - what the files that make a plan share
 */
#ifndef AIF_TOOL_PLANNING_H
#define AIF_TOOL_PLANNING_H

#include "plan.h"
#include "preempt.h"

struct aif_planning {
    const struct aif_snapshot *snapshot;
    const struct aif_dbd *dbd;
    const struct aif_known *known;
    const struct aif_preempt *preempt;
    time_t now;
    struct aif_plan *plan;
};

/* A new change at the end of the plan; valid until the next one is added. */
struct aif_change *aif_planning_add(struct aif_planning *p, enum aif_change_op op, enum aif_change_object object,
                                    const char *name);
/* Take back the change added last: it turned out to change nothing. */
void aif_planning_drop_last(struct aif_planning *p);

/* Takes over from (NULL: there was nothing) and to. */
void aif_planning_field(struct aif_change *change, const char *name, char *from, char *to);

/* Add what differs to the change, and what is to be sent for it to change->limits. */
void aif_planning_diff(struct aif_change *change, const struct aif_limits *from, const struct aif_limits *to);

/* Sort the changes into the order of their execution, and count conflicts and drifts. */
void aif_planning_finish(struct aif_planning *p);

/* Did aif make this QOS? */
bool aif_planning_owns(const struct aif_dbd_qos *qos);

/* The QOS of one allocation, and those that aif made for allocations that the file no longer has. */
void aif_planning_qos(struct aif_planning *p, const struct aif_alloc *alloc);
void aif_planning_orphans(struct aif_planning *p);

/* The limits of an account's association, with the carrier "association", where an account has one allocation. */
void aif_planning_account_limits(const struct aif_planning *p, const struct aif_alloc *alloc, struct aif_limits *want);
/* Accounts that aif made for allocations that the file no longer has. */
void aif_planning_account_orphans(struct aif_planning *p);

/* Limits of what slurmdbd does not count can neither be set nor read: there are none. */
void aif_planning_trim(const struct aif_planning *p, struct aif_limits *limits);

/* The account that new accounts hang under. */
void aif_planning_parent(struct aif_planning *p);
/* One account with its members; head is the first allocation of the account. */
void aif_planning_associations(struct aif_planning *p, const struct aif_alloc *head);

#endif
