/*
 * planning.h - what the files that make a plan share
 */
#ifndef AIF_TOOL_PLANNING_H
#define AIF_TOOL_PLANNING_H

#include "plan.h"

#define AIF_PLANNING_MARK AIF_QOS_MARK

struct aif_planning {
    const struct aif_snapshot *snapshot;
    const struct aif_dbd *dbd;
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

/* Did aif make this QOS? */
bool aif_planning_owns(const struct aif_dbd_qos *qos);

/* The account that new accounts hang under. */
void aif_planning_parent(struct aif_planning *p);
/* One account with its members; head is the first allocation of the account. */
void aif_planning_associations(struct aif_planning *p, const struct aif_alloc *head);

#endif
