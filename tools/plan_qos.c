/* plan_qos.c - the QOS of a plan: one per allocation, a second one for use above 100 % */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "planning.h"

#define WANTED_FLAGS (QOS_FLAG_NO_DECAY | QOS_FLAG_DENY_LIMIT)

bool aif_planning_owns(const struct aif_dbd_qos *qos)
{
    return aif_dbd_is_ours(qos->description);
}

static void wanted_limits(const struct aif_planning *p, const struct aif_alloc *alloc, bool free_qos,
                          struct aif_limits *ret_want)
{
    uint64_t counted = aif_known_counted(p->known, p->snapshot->policy, alloc, free_qos);
    struct aif_mirror mirror;

    aif_mirror_make(p->snapshot->policy, alloc, aif_known_balance(p->known, alloc), counted, p->now, free_qos, &mirror);
    aif_limits_from_mirror(ret_want, &mirror, alloc->charge.tres);
    aif_planning_trim(p, ret_want);
}

static void diff_flags(struct aif_change *change, uint32_t have)
{
    uint32_t missing = WANTED_FLAGS & ~have;

    change->flags = missing;
    if (!missing)
        return;
    aif_planning_field(change, "Flags", NULL,
                       aif_tool_format("%s%s%s", missing & QOS_FLAG_NO_DECAY ? "NoDecay" : "",
                                       missing == WANTED_FLAGS ? "," : "", missing & QOS_FLAG_DENY_LIMIT ? "DenyOnLimit" : ""));
}

static void plan_conflict(struct aif_planning *p, const struct aif_alloc *alloc, const struct aif_dbd_qos *have)
{
    struct aif_change *change = aif_planning_add(p, AIF_CHANGE_CONFLICT, AIF_OBJECT_QOS, have->name);

    aif_planning_field(change, "Description", aif_tool_strdup(have->description),
                       aif_tool_format("exists but was not made by aif, so allocation %s stays without a mirror; give it another \"qos\" in allocations.json, set qos_prefix, or describe the QOS as \"" AIF_QOS_MARK "%s\"",
                                       alloc->id, alloc->id));
}

/* slurmdbd is told the new mark only if it differs: a digest alone is not worth showing as a change of its own. */
static void diff_mark(struct aif_change *change, const struct aif_dbd_qos *have, char *mark)
{
    if (have && !strcasecmp(have->description, mark)) {
        free(mark);
        return;
    }
    change->description = mark;
    if (!change->field_count || !have)
        aif_planning_field(change, "Description", have ? aif_tool_strdup(have->description) : NULL, aif_tool_strdup(mark));
}

/* ---- preemption ---- */

static void diff_yield(struct aif_change *change, const struct aif_preempt_want *want, const struct aif_dbd_qos *have)
{
    uint16_t mode = have ? have->preempt_mode : 0;
    uint32_t grace = have ? have->grace : 0;

    if (want->mode != NO_VAL16 && want->mode != mode) {
        change->preempt_mode = want->mode;
        aif_planning_field(change, "PreemptMode", aif_tool_strdup(aif_preempt_mode_text(mode)),
                           aif_tool_strdup(aif_preempt_mode_text(want->mode)));
    }
    if (want->grace != NO_VAL && want->grace != grace) {
        change->grace = want->grace;
        aif_planning_field(change, "GraceTime", aif_tool_format("%u", grace), aif_tool_format("%u", want->grace));
    }
    if (change->preempt_mode != NO_VAL16 || change->grace != NO_VAL)
        change->drift |= have && aif_preempt_drifted(have);
}

/* The free QOS takes nobody's place, so it has no list. */
static void diff_preempts(const struct aif_planning *p, struct aif_change *change, const struct aif_alloc *alloc,
                          const struct aif_preempt_want *want, const struct aif_dbd_qos *have)
{
    bool drift;
    char *text = aif_preempt_list_text(p->preempt, alloc, have, &drift);

    if (!text)
        return;
    change->preempts = true;
    change->unlists = !want->lists;
    change->drift |= drift;
    aif_planning_field(change, "Preempt", NULL, text);
}

static char *whole_mark(const struct aif_planning *p, const struct aif_alloc *alloc, const struct aif_limits *limits,
                        const struct aif_preempt_want *want)
{
    char *first = aif_limits_mark(alloc->id, limits);
    char *second = aif_preempt_mark(p->preempt, alloc, want);
    char *mark = aif_tool_format("%s%s", first, second);

    free(first);
    free(second);
    return mark;
}

/* ---- the whole QOS ---- */

static void diff_all(struct aif_planning *p, struct aif_change *change, const struct aif_alloc *alloc, bool free_qos,
                     const struct aif_dbd_qos *have)
{
    struct aif_preempt_want preempt;
    struct aif_limits want, none;

    aif_limits_fill(&none, AIF_LIMIT_NONE);
    wanted_limits(p, alloc, free_qos, &want);
    aif_preempt_of(p->preempt, alloc, free_qos, have, &preempt);
    change->yields = preempt.yields;
    diff_flags(change, have ? have->flags : 0);
    aif_planning_diff(change, have ? &have->limits : &none, &want);
    change->drift = have && change->field_count && (change->flags || aif_limits_drifted(have->description, &have->limits));
    diff_yield(change, &preempt, have);
    if (!free_qos)
        diff_preempts(p, change, alloc, &preempt, have);
    diff_mark(change, have, whole_mark(p, alloc, &want, &preempt));
}

static void plan_one(struct aif_planning *p, const struct aif_alloc *alloc, const char *name, bool free_qos)
{
    const struct aif_dbd_qos *have = aif_dbd_find_qos(p->dbd, name);
    struct aif_change *change;

    if (have && !aif_planning_owns(have)) {
        plan_conflict(p, alloc, have);
        return;
    }
    change = aif_planning_add(p, have ? AIF_CHANGE_MODIFY : AIF_CHANGE_ADD, AIF_OBJECT_QOS, name);
    diff_all(p, change, alloc, free_qos, have);
    if (!change->field_count)
        aif_planning_drop_last(p);
}

void aif_planning_qos(struct aif_planning *p, const struct aif_alloc *alloc)
{
    plan_one(p, alloc, alloc->qos, false);
    if (alloc->free_qos)
        plan_one(p, alloc, alloc->free_qos, true);
}

void aif_planning_orphans(struct aif_planning *p)
{
    for (size_t i = 0; i < p->dbd->qos_count; i++) {
        const struct aif_dbd_qos *qos = &p->dbd->qos[i];
        struct aif_limits want = qos->limits;
        struct aif_change *change;

        want.value[AIF_LIMIT_JOBS] = 0;
        want.value[AIF_LIMIT_SUBMITS] = 0;
        if (!aif_planning_owns(qos) || aif_alloctable_by_qos(p->snapshot->allocs, qos->name) ||
            !memcmp(&want, &qos->limits, sizeof(want)))
            continue;
        change = aif_planning_add(p, AIF_CHANGE_CLOSE, AIF_OBJECT_QOS, qos->name);
        aif_planning_diff(change, &qos->limits, &want);
    }
}
