/* plan.c - see plan.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "message.h"
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
    change->op = op;
    change->object = object;
    change->name = aif_tool_strdup(name);
    change->order = plan->count++;
    plan->conflicts += op == AIF_CHANGE_CONFLICT;
    return change;
}

static void free_change(struct aif_change *change)
{
    free(change->name);
    free(change->account);
    free(change->description);
    free(change->grant);
    free(change->revoke);
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

/* ---- QOS ---- */

static bool is_closed(const struct aif_planning *p, const struct aif_alloc *alloc)
{
    return alloc->state != AIF_STATE_OK || alloc->end < p->now;
}

static uint32_t or_none(uint32_t limit)
{
    return limit ? limit : INFINITE;
}

static uint64_t or_none64(uint32_t limit)
{
    return limit ? limit : INFINITE64;
}

/*
 * What the QOS of an allocation must be like. The sizes of a job are there as well, since what it takes can be more than
 * the least it asks for, which is all that is known when it is submitted: Slurm looks again before it starts.
 */
static void wanted_limits(const struct aif_planning *p, const struct aif_alloc *alloc, struct aif_dbd_qos *ret_want)
{
    const struct aif_mode *mode = alloc->mode;
    bool closed = is_closed(p, alloc);
    uint64_t minutes = alloc->amount_secs / 60;

    memset(ret_want, 0, sizeof(*ret_want));
    ret_want->flags = QOS_FLAG_NO_DECAY | QOS_FLAG_DENY_LIMIT;
    ret_want->gpu_mins = alloc->unit == AIF_UNIT_GPU_HOUR ? minutes : INFINITE64;
    ret_want->node_mins = alloc->unit == AIF_UNIT_NODE_HOUR ? minutes : INFINITE64;
    ret_want->job_gpus = or_none64(mode->gpus_per_job.max);
    ret_want->job_nodes = or_none64(mode->nodes_per_job.max);
    ret_want->wall = or_none(mode->wall_max_minutes);
    ret_want->jobs_per_user = or_none(mode->jobs_per_user);
    ret_want->submits_per_user = or_none(mode->submits_per_user);
    ret_want->jobs = closed ? 0 : or_none(mode->jobs_per_allocation);
    ret_want->submits = closed ? 0 : INFINITE;
}

/* The limits of a QOS that Slurm would make if nothing were said. */
static const struct aif_dbd_qos bare_qos = {
    .gpu_mins = INFINITE64,
    .node_mins = INFINITE64,
    .job_gpus = INFINITE64,
    .job_nodes = INFINITE64,
    .wall = INFINITE,
    .jobs_per_user = INFINITE,
    .submits_per_user = INFINITE,
    .jobs = INFINITE,
    .submits = INFINITE,
};

static char *count_text(uint64_t value, bool wide)
{
    if (wide ? value == INFINITE64 : value == INFINITE)
        return aif_tool_strdup("none");
    return aif_tool_format("%llu", (unsigned long long)value);
}

static char *wall_text(uint32_t minutes)
{
    char text[AIF_MINUTES_TEXT];

    if (minutes == INFINITE)
        return aif_tool_strdup("none");
    aif_message_minutes(minutes, text);
    return aif_tool_strdup(text);
}

static void diff_tres(struct aif_change *change, const char *name, uint64_t from, uint64_t to, uint64_t *ret_send)
{
    *ret_send = NO_VAL64;
    if (from == to)
        return;
    aif_planning_field(change, name, count_text(from, true), count_text(to, true));
    *ret_send = to;
}

static void diff_count(struct aif_change *change, const char *name, uint32_t from, uint32_t to, uint32_t *ret_send)
{
    *ret_send = NO_VAL;
    if (from == to)
        return;
    if (ret_send == &change->limits.wall)
        aif_planning_field(change, name, wall_text(from), wall_text(to));
    else
        aif_planning_field(change, name, count_text(from, false), count_text(to, false));
    *ret_send = to;
}

static void diff_flags(struct aif_change *change, uint32_t from, uint32_t to)
{
    uint32_t missing = to & ~from;

    change->limits.flags = missing;
    if (!missing)
        return;
    aif_planning_field(change, "Flags", NULL,
              aif_tool_format("%s%s%s", missing & QOS_FLAG_NO_DECAY ? "NoDecay" : "",
                              missing == to ? "," : "", missing & QOS_FLAG_DENY_LIMIT ? "DenyOnLimit" : ""));
}

static void diff_limits(struct aif_change *change, const struct aif_dbd_qos *from, const struct aif_dbd_qos *to)
{
    struct aif_dbd_qos *send = &change->limits;

    diff_flags(change, from->flags, to->flags);
    diff_tres(change, "GrpTRESMins gpu", from->gpu_mins, to->gpu_mins, &send->gpu_mins);
    diff_tres(change, "GrpTRESMins node", from->node_mins, to->node_mins, &send->node_mins);
    diff_tres(change, "MaxTRESPerJob gpu", from->job_gpus, to->job_gpus, &send->job_gpus);
    diff_tres(change, "MaxTRESPerJob node", from->job_nodes, to->job_nodes, &send->job_nodes);
    diff_count(change, "MaxWall", from->wall, to->wall, &send->wall);
    diff_count(change, "MaxJobsPU", from->jobs_per_user, to->jobs_per_user, &send->jobs_per_user);
    diff_count(change, "MaxSubmitJobsPU", from->submits_per_user, to->submits_per_user, &send->submits_per_user);
    diff_count(change, "GrpJobs", from->jobs, to->jobs, &send->jobs);
    diff_count(change, "GrpSubmitJobs", from->submits, to->submits, &send->submits);
}

bool aif_planning_owns(const struct aif_dbd_qos *qos)
{
    return !strncasecmp(qos->description, AIF_PLANNING_MARK, strlen(AIF_PLANNING_MARK));
}

static void plan_conflict(struct aif_planning *p, const struct aif_alloc *alloc, const struct aif_dbd_qos *have)
{
    struct aif_change *change = aif_planning_add(p, AIF_CHANGE_CONFLICT, AIF_OBJECT_QOS, alloc->qos);

    aif_planning_field(change, "Description", aif_tool_strdup(have->description),
              aif_tool_format("exists but was not made by aif, so allocation %s stays without a mirror; give it another \"qos\" in allocations.json, set qos_prefix, or describe the QOS as \"" AIF_PLANNING_MARK "%s\"",
                              alloc->id, alloc->id));
}

static void plan_qos(struct aif_planning *p, const struct aif_alloc *alloc)
{
    const struct aif_dbd_qos *have = aif_dbd_find_qos(p->dbd, alloc->qos);
    struct aif_dbd_qos want;
    struct aif_change *change;
    char *mark;

    if (have && !aif_planning_owns(have)) {
        plan_conflict(p, alloc, have);
        return;
    }
    wanted_limits(p, alloc, &want);
    mark = aif_tool_format(AIF_PLANNING_MARK "%s", alloc->id);
    change = aif_planning_add(p, have ? AIF_CHANGE_MODIFY : AIF_CHANGE_ADD, AIF_OBJECT_QOS, alloc->qos);
    diff_limits(change, have ? have : &bare_qos, &want);
    if (!have || strcasecmp(have->description, mark)) {
        aif_planning_field(change, "Description", have ? aif_tool_strdup(have->description) : NULL, aif_tool_strdup(mark));
        change->description = mark;
    } else {
        free(mark);
    }
    if (!change->field_count)
        aif_planning_drop_last(p);
}

/* QOS that aif made for allocations that the file no longer has. */
static void plan_orphans(struct aif_planning *p)
{
    for (size_t i = 0; i < p->dbd->qos_count; i++) {
        const struct aif_dbd_qos *qos = &p->dbd->qos[i];
        struct aif_change *change;
        struct aif_dbd_qos want = *qos;

        if (!aif_planning_owns(qos) || aif_alloctable_by_qos(p->snapshot->allocs, qos->name) || (!qos->jobs && !qos->submits))
            continue;
        want.jobs = 0;
        want.submits = 0;
        change = aif_planning_add(p, AIF_CHANGE_CLOSE, AIF_OBJECT_QOS, qos->name);
        diff_limits(change, qos, &want);
    }
}

/* ---- the whole ---- */

static int compare_changes(const void *a, const void *b)
{
    const struct aif_change *x = a, *y = b;
    int names = x->object == AIF_OBJECT_USER ? strcmp(x->name, y->name) : 0;

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

static int check_tres(const struct aif_planning *p)
{
    for (size_t i = 0; i < aif_alloctable_count(p->snapshot->allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(p->snapshot->allocs, i);

        if (alloc->unit == AIF_UNIT_GPU_HOUR && !p->dbd->gpu_tres)
            return aif_tool_fail(AIF_EXIT_FAILED, "allocation %s is in GPU-hours, but Slurm does not count %s (" AIF_Q_UNTRACKED "); put AccountingStorageTRES=%s into slurm.conf and restart slurmctld",
                                 alloc->id, p->snapshot->policy->gpu_tres, p->snapshot->policy->gpu_tres);
    }
    return AIF_EXIT_OK;
}

int aif_plan_make(const struct aif_snapshot *snapshot, const struct aif_dbd *dbd, time_t now,
                  struct aif_plan *ret_plan)
{
    struct aif_plan plan = {0};
    struct aif_planning p = {.snapshot = snapshot, .dbd = dbd, .now = now, .plan = &plan};
    int rc = check_tres(&p);

    if (rc != AIF_EXIT_OK)
        return rc;
    aif_planning_parent(&p);
    for (size_t i = 0; i < aif_alloctable_count(snapshot->allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(snapshot->allocs, i);

        plan_qos(&p, alloc);
        if (alloc == aif_alloctable_by_account(snapshot->allocs, alloc->account))
            aif_planning_associations(&p, alloc);
    }
    plan_orphans(&p);
    if (plan.count)
        qsort(plan.changes, plan.count, sizeof(*plan.changes), compare_changes);
    merge_users(&plan);
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
