/* plan.c - see plan.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "plan.h"
#include "planning.h"
#include "rules.h"

struct aif_change *aif_planning_add(struct aif_planning *p, enum aif_change_op op, enum aif_change_object object,
                                    const char *name)
{
    struct aif_plan *plan = p->plan;
    struct aif_change *change;

    if (plan->count == plan->room) {
        size_t room = plan->room ? plan->room * 2 : 64;
        struct aif_change *grown = aif_tool_alloc(room, sizeof(*grown));

        if (plan->count)
            memcpy(grown, plan->changes, plan->count * sizeof(*grown));
        free(plan->changes);
        plan->changes = grown;
        plan->room = room;
    }
    change = &plan->changes[plan->count];
    *change = (struct aif_change){0}; /* what merge_users() moved away may still stand there */
    change->op = op;
    change->object = object;
    change->name = aif_tool_strdup(name);
    change->submits = AIF_LIMIT_KEEP;
    change->preempt_mode = NO_VAL16;
    change->grace = NO_VAL;
    aif_limits_fill(&change->limits, AIF_LIMIT_KEEP);
    change->order = plan->count++;
    return change;
}

static void free_change(struct aif_change *change)
{
    free(change->name);
    free(change->account);
    free(change->description);
    free(change->grant);
    free(change->revoke);
    if (change->headroom) {
        free(change->headroom->partition);
        free(change->headroom->accounts);
        free(change->headroom);
    }
    for (size_t i = 0; i < change->field_count; i++) {
        free(change->fields[i].from);
        free(change->fields[i].to);
    }
}

void aif_planning_drop_last(struct aif_planning *p)
{
    struct aif_change *change = &p->plan->changes[--p->plan->count];

    free_change(change);
    memset(change, 0, sizeof(*change));
}

void aif_planning_field(struct aif_change *change, const char *name, char *from, char *to)
{
    struct aif_change_field *field = &change->fields[change->field_count++];

    field->name = name;
    field->from = from;
    field->to = to;
}

void aif_planning_diff(struct aif_change *change, const struct aif_limits *from, const struct aif_limits *to)
{
    bool qos = change->object == AIF_OBJECT_QOS;

    for (int i = 0; i < AIF_LIMITS; i++) {
        enum aif_limit limit = (enum aif_limit)i;

        if (from->value[i] == to->value[i])
            continue;
        aif_planning_field(change, aif_limit_name(limit, qos), aif_limit_text(limit, from->value[i]),
                           aif_limit_text(limit, to->value[i]));
        change->limits.value[i] = to->value[i];
    }
}

void aif_planning_trim(const struct aif_planning *p, struct aif_limits *limits)
{
    for (int i = AIF_CHARGE_GPU; i <= AIF_CHARGE_BILLING; i++)
        if (!p->dbd->tres[i])
            limits->value[AIF_LIMIT_GPU_MINS + i] = AIF_LIMIT_NONE;
    if (!p->dbd->tres[AIF_CHARGE_GPU])
        limits->value[AIF_LIMIT_JOB_GPUS] = AIF_LIMIT_NONE;
    if (!p->dbd->tres[AIF_CHARGE_NODE])
        limits->value[AIF_LIMIT_JOB_NODES] = AIF_LIMIT_NONE;
}

/* ---- the whole ---- */

static int compare_changes(const void *a, const void *b)
{
    const struct aif_change *x = a, *y = b;
    int names = x->object == AIF_OBJECT_USER ? strcmp(x->name, y->name) : 0;

    if ((x->op == AIF_CHANGE_REMOVE) != (y->op == AIF_CHANGE_REMOVE))
        return x->op == AIF_CHANGE_REMOVE ? 1 : -1;
    if (x->op == AIF_CHANGE_REMOVE && x->object != y->object)
        return x->object < y->object ? 1 : -1; /* accounts before the QOS that they use */
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (names)
        return names;
    return (x->order > y->order) - (x->order < y->order);
}

static int compare_users(const void *key, const void *item)
{
    return strcmp(key, ((const struct aif_change *)item)->name);
}

/* A new user may be a member of many accounts: add him once, with one default account. */
static void merge_users(struct aif_plan *plan)
{
    size_t kept = 0, first = 0, users;

    for (size_t i = 0; i < plan->count; i++) {
        struct aif_change *change = &plan->changes[i];

        if (change->object == AIF_OBJECT_USER && kept && plan->changes[kept - 1].object == AIF_OBJECT_USER &&
            !strcmp(plan->changes[kept - 1].name, change->name))
            free_change(change);
        else
            plan->changes[kept++] = *change;
    }
    plan->count = kept;
    while (first < plan->count && plan->changes[first].object < AIF_OBJECT_USER)
        first++;
    for (users = 0; first + users < plan->count && plan->changes[first + users].object == AIF_OBJECT_USER;)
        users++;
    for (size_t i = first + users; i < plan->count; i++) {
        struct aif_change *change = &plan->changes[i];
        struct aif_change *user = change->default_account ? bsearch(change->name, plan->changes + first, users,
                                                                     sizeof(*user), compare_users) : NULL;

        if (!user)
            continue;
        change->default_account = !user->account;
        if (!user->account)
            user->account = aif_tool_strdup(change->account);
    }
}

void aif_planning_finish(struct aif_planning *p)
{
    struct aif_plan *plan = p->plan;

    if (plan->count)
        qsort(plan->changes, plan->count, sizeof(*plan->changes), compare_changes);
    for (size_t i = 0; i < plan->count; i++) {
        plan->conflicts += plan->changes[i].op == AIF_CHANGE_CONFLICT;
        plan->drifts += plan->changes[i].drift;
    }
}

static int check_tres(const struct aif_planning *p)
{
    for (size_t i = 0; i < aif_alloctable_count(p->snapshot->allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(p->snapshot->allocs, i);

        if (!p->dbd->tres[alloc->charge.tres])
            return aif_tool_fail(AIF_EXIT_FAILED, "allocation %s is charged by %s, but Slurm does not count it (" AIF_Q_UNTRACKED "); put AccountingStorageTRES=%s into slurm.conf and restart slurmctld",
                                 alloc->id, p->snapshot->policy->gpu_tres, p->snapshot->policy->gpu_tres);
    }
    return AIF_EXIT_OK;
}

static void plan_all(struct aif_planning *p)
{
    const struct aif_alloctable *allocs = p->snapshot->allocs;
    bool by_qos = p->snapshot->policy->carrier == AIF_CARRIER_QOS;

    aif_planning_parent(p);
    for (size_t i = 0; i < aif_alloctable_count(allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(allocs, i);

        if (by_qos)
            aif_planning_qos(p, alloc);
        if (alloc == aif_alloctable_by_account(allocs, alloc->account))
            aif_planning_associations(p, alloc);
    }
    aif_planning_orphans(p);
    if (!by_qos)
        aif_planning_account_orphans(p);
}

int aif_plan_make(const struct aif_snapshot *snapshot, const struct aif_dbd *dbd, const struct aif_known *known, time_t now,
                  struct aif_plan *ret_plan)
{
    struct aif_plan plan = {0};
    struct aif_planning p = {.snapshot = snapshot, .dbd = dbd, .known = known, .now = now, .plan = &plan};
    struct aif_preempt *preempt = NULL;
    int rc = check_tres(&p);

    if (rc == AIF_EXIT_OK)
        rc = aif_preempt_make(snapshot, dbd, now, &preempt);
    if (rc != AIF_EXIT_OK)
        return rc;
    p.preempt = preempt;
    plan_all(&p);
    aif_planning_finish(&p);
    merge_users(&plan);
    aif_preempt_free(preempt);
    *ret_plan = plan;
    return AIF_EXIT_OK;
}

void aif_plan_free(struct aif_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free_change(&plan->changes[i]);
    free(plan->changes);
    memset(plan, 0, sizeof(*plan));
}
