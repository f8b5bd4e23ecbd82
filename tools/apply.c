/* apply.c - aif_plan_apply() of plan.h: the plan as slurmdb calls, all additions of a kind in one request */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "applying.h"
#include "common.h"
#include "slurmconn.h"

/* ---- helpers ---- */

uint32_t aif_applying_count(uint64_t value)
{
    if (value == AIF_LIMIT_KEEP)
        return NO_VAL;
    return value >= NO_VAL ? INFINITE : (uint32_t)value;
}

static uint32_t tres_id(const struct aif_dbd *dbd, enum aif_limit limit)
{
    switch (limit) {
    case AIF_LIMIT_GPU_MINS:
    case AIF_LIMIT_JOB_GPUS:
        return dbd->tres[AIF_CHARGE_GPU];
    case AIF_LIMIT_NODE_MINS:
    case AIF_LIMIT_JOB_NODES:
        return dbd->tres[AIF_CHARGE_NODE];
    default:
        return dbd->tres[AIF_CHARGE_BILLING];
    }
}

char *aif_applying_tres(const struct aif_dbd *dbd, const struct aif_limits *limits, enum aif_limit first,
                        enum aif_limit last, bool adding)
{
    char *text = NULL;

    for (int i = (int)first; i <= (int)last; i++) {
        uint32_t id = tres_id(dbd, (enum aif_limit)i);
        uint64_t value = limits->value[i];
        char *longer;

        if (value == AIF_LIMIT_KEEP || !id || (adding && value == AIF_LIMIT_NONE))
            continue;
        /* AIF_LIMIT_NONE is INFINITE64, Slurm's way to say "no limit any more". */
        longer = aif_tool_format("%s%s%u=%" PRIu64, text ? text : "", text ? "," : "", id, value);
        free(text);
        text = longer;
    }
    return text;
}

list_t *aif_applying_name(char *name)
{
    list_t *list = slurm_list_create(NULL);

    slurm_list_append(list, name);
    return list;
}

int aif_applying_add(struct aif_applying *a, int (*call)(void *conn, list_t *list), list_t *list, const char *what)
{
    int code = SLURM_SUCCESS, said = 0;

    if (slurm_list_count(list) > 0) {
        aif_slurm_quiet();
        errno = 0;
        code = call(a->conn, list);
        said = errno;
        aif_slurm_loud();
    }
    slurm_list_destroy(list);
    if (code == SLURM_SUCCESS)
        return AIF_EXIT_OK;
    return aif_slurmdb_failed(what, code == SLURM_ERROR ? said : code);
}

int aif_applying_check(list_t *list, int code, const char *what)
{
    int count = list ? slurm_list_count(list) : 0;

    if (list)
        slurm_list_destroy(list);
    return count > 0 ? AIF_EXIT_OK : aif_slurmdb_failed(what, code);
}

int aif_applying_commit(struct aif_applying *a)
{
    int code;

    aif_slurm_quiet();
    code = slurmdb_connection_commit(a->conn, true);
    aif_slurm_loud();
    return code == SLURM_SUCCESS ? AIF_EXIT_OK : aif_slurmdb_failed("commit the changes", code);
}

/* ---- QOS ---- */

void aif_applying_free_qos_rec(void *item)
{
    slurmdb_qos_rec_t *rec = item;

    if (rec->preempt_list)
        slurm_list_destroy(rec->preempt_list);
    free(rec->grp_tres_mins);
    free(rec->max_tres_pj);
    free(rec);
}

slurmdb_qos_rec_t *aif_applying_qos_rec(const struct aif_applying *a, const struct aif_change *change)
{
    const struct aif_limits *limits = &change->limits;
    slurmdb_qos_rec_t *rec = aif_tool_alloc(1, sizeof(*rec));
    bool adding = change->op == AIF_CHANGE_ADD;

    slurmdb_init_qos_rec(rec, false, NO_VAL);
    rec->description = change->description;
    if (adding)
        rec->name = change->name;
    if (change->flags)
        rec->flags = adding ? change->flags : QOS_FLAG_ADD | change->flags;
    rec->grp_tres_mins = aif_applying_tres(a->dbd, limits, AIF_LIMIT_GPU_MINS, AIF_LIMIT_BILLING_MINS, adding);
    rec->max_tres_pj = aif_applying_tres(a->dbd, limits, AIF_LIMIT_JOB_GPUS, AIF_LIMIT_JOB_NODES, adding);
    rec->max_wall_pj = aif_applying_count(limits->value[AIF_LIMIT_WALL]);
    rec->max_jobs_pu = aif_applying_count(limits->value[AIF_LIMIT_USER_JOBS]);
    rec->max_submit_jobs_pu = aif_applying_count(limits->value[AIF_LIMIT_USER_SUBMITS]);
    rec->grp_jobs = aif_applying_count(limits->value[AIF_LIMIT_JOBS]);
    rec->grp_submit_jobs = aif_applying_count(limits->value[AIF_LIMIT_SUBMITS]);
    rec->preempt_mode = change->preempt_mode;
    rec->grace_time = change->grace;
    return rec;
}

int aif_applying_modify_qos(struct aif_applying *a, list_t *names, slurmdb_qos_rec_t *rec, const char *what)
{
    slurmdb_qos_cond_t cond = {.name_list = names};
    list_t *changed;
    int code;

    aif_slurm_quiet();
    errno = 0;
    changed = slurmdb_qos_modify(a->conn, &cond, rec);
    code = errno;
    aif_slurm_loud();
    slurm_list_destroy(names);
    aif_applying_free_qos_rec(rec);
    return aif_applying_check(changed, code, what);
}

/* Can both be sent as one modification of several QOS? */
static bool same_request(const struct aif_change *a, const struct aif_change *b)
{
    return a->object == b->object && a->op != AIF_CHANGE_ADD && a->op == b->op && !a->description && !b->description &&
           a->flags == b->flags && a->preempt_mode == b->preempt_mode && a->grace == b->grace &&
           !memcmp(&a->limits, &b->limits, sizeof(a->limits));
}

/* Does anything but its list change? */
static bool has_request(const struct aif_change *change)
{
    struct aif_limits none;

    aif_limits_fill(&none, AIF_LIMIT_KEEP);
    return change->description || change->flags || change->preempt_mode != NO_VAL16 || change->grace != NO_VAL ||
           memcmp(&none, &change->limits, sizeof(none)) != 0;
}

/* Send one change and those after it that ask for the same; *ret_next is the first one not sent. */
static int modify_qos(struct aif_applying *a, size_t first, size_t *ret_next)
{
    const struct aif_change *change = &a->plan->changes[first];
    list_t *names = aif_applying_name(change->name);
    char *what = aif_tool_format("change QOS %s", change->name);
    size_t next = first + 1;
    int rc;

    for (; next < a->plan->count && next - first < AIF_APPLYING_NAMES && same_request(change, &a->plan->changes[next]); next++)
        slurm_list_append(names, a->plan->changes[next].name);
    rc = aif_applying_modify_qos(a, names, aif_applying_qos_rec(a, change), what);
    free(what);
    *ret_next = next;
    return rc;
}

static bool is_of_qos(const struct aif_change *change)
{
    return change->object == AIF_OBJECT_QOS && change->op != AIF_CHANGE_CONFLICT && change->op != AIF_CHANGE_REMOVE &&
           !aif_applying_is_late(change);
}

int aif_applying_qos(struct aif_applying *a)
{
    list_t *added = slurm_list_create(aif_applying_free_qos_rec);
    bool any = false;
    int rc = AIF_EXIT_OK;

    for (size_t i = 0, next; rc == AIF_EXIT_OK && i < a->plan->count; i = next) {
        const struct aif_change *change = &a->plan->changes[i];

        next = i + 1;
        if (!is_of_qos(change))
            continue;
        any = true;
        if (change->op == AIF_CHANGE_ADD)
            slurm_list_append(added, aif_applying_qos_rec(a, change));
        else if (has_request(change))
            rc = modify_qos(a, i, &next);
    }
    if (rc != AIF_EXIT_OK) {
        slurm_list_destroy(added);
        return rc;
    }
    rc = aif_applying_add(a, slurmdb_qos_add, added, "add QOS");
    if (rc == AIF_EXIT_OK && any)
        rc = aif_applying_commit(a); /* slurmdbd must know the ids before lists and associations can refer to them */
    return rc == AIF_EXIT_OK ? aif_dbd_read_qos(a->conn, a->dbd) : rc;
}

/* ---- the whole ---- */

int aif_plan_apply(void *conn, const struct aif_snapshot *snapshot, time_t now, struct aif_dbd *dbd,
                   const struct aif_plan *plan)
{
    static int (*const parts[])(struct aif_applying *) = {
        aif_applying_unlisted, aif_applying_qos,   aif_applying_preempt,
        aif_applying_accounts, aif_applying_users, aif_applying_modified_assocs,
        aif_applying_removed,
    };
    struct aif_applying a = {
        .conn = conn, .snapshot = snapshot, .policy = snapshot->policy, .now = now, .dbd = dbd, .plan = plan};
    int rc = AIF_EXIT_OK;

    if (plan->count == plan->conflicts)
        return AIF_EXIT_OK;
    for (size_t i = 0; rc == AIF_EXIT_OK && i < sizeof(parts) / sizeof(parts[0]); i++)
        rc = parts[i](&a);
    return rc == AIF_EXIT_OK ? aif_applying_commit(&a) : rc;
}
