/* prune.c - aif_prune_make() of plan.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "planning.h"
#include "slurmconn.h"

struct busy {
    char **names; /* sorted; they live in the jobs */
    size_t count;
};

struct pruning {
    struct aif_planning p;
    struct busy qos, accounts; /* of the jobs that slurmctld knows */
    uint32_t *gone;            /* ids of the QOS that will go, ascending */
    size_t gone_count;
    const char **child; /* by account: one that hangs under it, or NULL */
    bool *goes;         /* by account: it will go */
};

/* ---- what has jobs ---- */

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_ended(const slurm_job_info_t *job)
{
    return (job->job_state & JOB_STATE_BASE) >= JOB_COMPLETE && !(job->job_state & JOB_COMPLETING);
}

static void find_busy(struct pruning *pruning, const job_info_msg_t *jobs)
{
    pruning->qos.names = aif_tool_alloc(jobs->record_count, sizeof(char *));
    pruning->accounts.names = aif_tool_alloc(jobs->record_count, sizeof(char *));
    for (uint32_t i = 0; i < jobs->record_count; i++) {
        const slurm_job_info_t *job = &jobs->job_array[i];

        if (has_ended(job))
            continue;
        if (job->qos)
            pruning->qos.names[pruning->qos.count++] = job->qos;
        if (job->account)
            pruning->accounts.names[pruning->accounts.count++] = job->account;
    }
    qsort(pruning->qos.names, pruning->qos.count, sizeof(char *), compare_text);
    qsort(pruning->accounts.names, pruning->accounts.count, sizeof(char *), compare_text);
}

static bool is_busy(const struct busy *busy, const char *name)
{
    return busy->count && bsearch(&name, busy->names, busy->count, sizeof(char *), compare_text);
}

/* ---- QOS ---- */

static bool by_qos(const struct pruning *pruning)
{
    return pruning->p.snapshot->policy->carrier == AIF_CARRIER_QOS;
}

static bool is_needed(const struct pruning *pruning, const char *qos)
{
    return by_qos(pruning) && aif_alloctable_by_qos(pruning->p.snapshot->allocs, qos);
}

static int compare_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void prune_qos(struct pruning *pruning)
{
    const struct aif_dbd *dbd = pruning->p.dbd;

    pruning->gone = aif_tool_alloc(dbd->qos_count, sizeof(*pruning->gone));
    for (size_t i = 0; i < dbd->qos_count; i++) {
        const struct aif_dbd_qos *qos = &dbd->qos[i];
        bool busy = is_busy(&pruning->qos, qos->name);
        struct aif_change *change;

        if (!aif_planning_owns(qos) || is_needed(pruning, qos->name))
            continue;
        change = aif_planning_add(&pruning->p, busy ? AIF_CHANGE_CONFLICT : AIF_CHANGE_REMOVE, AIF_OBJECT_QOS, qos->name);
        aif_planning_field(change, "Description", aif_tool_strdup(qos->description),
                           aif_tool_strdup(busy ? "stays while jobs of it wait or run; cancel them or try again later"
                                                : "no allocation needs it, no job uses it"));
        if (!busy)
            pruning->gone[pruning->gone_count++] = qos->id;
    }
    if (pruning->gone_count)
        qsort(pruning->gone, pruning->gone_count, sizeof(*pruning->gone), compare_id);
}

/* ---- accounts ---- */

static size_t account_index(const struct pruning *pruning, const struct aif_dbd_name *account)
{
    return (size_t)(account - pruning->p.dbd->accounts);
}

static void find_children(struct pruning *pruning)
{
    const struct aif_dbd *dbd = pruning->p.dbd;

    pruning->child = aif_tool_alloc(dbd->account_count, sizeof(*pruning->child));
    for (size_t i = 0; i < dbd->assoc_count; i++) {
        const struct aif_dbd_assoc *assoc = &dbd->assocs[i];
        const struct aif_dbd_name *parent = assoc->user[0] ? NULL : aif_dbd_find_account(dbd, assoc->parent);

        if (parent)
            pruning->child[account_index(pruning, parent)] = assoc->account;
    }
}

/*
 * Was the association given by aif, and is left with nothing? With the QOS carrier all its QOS go. With the other one
 * aif gives no QOS, so one that has any of its own was made by somebody else.
 */
static bool is_left_with_nothing(const struct pruning *pruning, const struct aif_dbd_assoc *assoc)
{
    for (size_t i = 0; i < assoc->qos_count; i++)
        if (!pruning->gone_count ||
            !bsearch(&assoc->qos[i], pruning->gone, pruning->gone_count, sizeof(*pruning->gone), compare_id))
            return false;
    return assoc->qos_count > 0 || !by_qos(pruning);
}

/* Why an account of ours must stay, as malloc'ed text; NULL if it may go. */
static char *reason_to_stay(const struct pruning *pruning, const struct aif_dbd_name *account)
{
    const char *child = pruning->child[account_index(pruning, account)];
    size_t count;
    const struct aif_dbd_assoc *assocs = aif_dbd_account_assocs(pruning->p.dbd, account->name, &count);

    if (child)
        return aif_tool_format("stays, since account %s hangs under it", child);
    if (is_busy(&pruning->accounts, account->name))
        return aif_tool_strdup("stays while jobs of it wait or run; cancel them or try again later");
    for (size_t i = 1; i < count; i++)
        if (assocs[i].submits && !is_left_with_nothing(pruning, &assocs[i]))
            return aif_tool_format("stays, since %s has a QOS in it that aif did not give or cannot remove yet", assocs[i].user);
    return NULL;
}

static bool is_unneeded(const struct pruning *pruning, const struct aif_dbd_name *account)
{
    const struct aif_snapshot *snapshot = pruning->p.snapshot;

    return account->ours && strcmp(account->name, snapshot->policy->parent_account) != 0 &&
           !aif_alloctable_by_account(snapshot->allocs, account->name) &&
           aif_dbd_find_assoc(pruning->p.dbd, account->name, "");
}

static void prune_accounts(struct pruning *pruning)
{
    const struct aif_dbd *dbd = pruning->p.dbd;

    find_children(pruning);
    pruning->goes = aif_tool_alloc(dbd->account_count, sizeof(*pruning->goes));
    for (size_t i = 0; i < dbd->account_count; i++) {
        const struct aif_dbd_name *account = &dbd->accounts[i];
        struct aif_change *change;
        char *reason;

        if (!is_unneeded(pruning, account))
            continue;
        reason = reason_to_stay(pruning, account);
        pruning->goes[i] = !reason;
        change = aif_planning_add(&pruning->p, reason ? AIF_CHANGE_CONFLICT : AIF_CHANGE_REMOVE, AIF_OBJECT_ACCOUNT,
                                  account->name);
        aif_planning_field(change, "Account", NULL,
                           reason ? reason : aif_tool_strdup("no allocation names it; its associations go with it"));
    }
}

/* ---- users of accounts that stay ---- */

static bool is_in_account_that_goes(const struct pruning *pruning, const struct aif_dbd_assoc *assoc)
{
    const struct aif_dbd_name *account = aif_dbd_find_account(pruning->p.dbd, assoc->account);

    return account && pruning->goes[account_index(pruning, account)];
}

/* Without any QOS of their own they would fall back to their account's, and compute uncharged. */
static void bar_users(struct pruning *pruning)
{
    const struct aif_dbd *dbd = pruning->p.dbd;

    for (size_t i = 0; by_qos(pruning) && i < dbd->assoc_count; i++) {
        const struct aif_dbd_assoc *assoc = &dbd->assocs[i];
        struct aif_change *change;

        if (!assoc->user[0] || !assoc->submits || !is_left_with_nothing(pruning, assoc) ||
            is_in_account_that_goes(pruning, assoc))
            continue;
        change = aif_planning_add(&pruning->p, AIF_CHANGE_MODIFY, AIF_OBJECT_ASSOC, assoc->user);
        change->account = aif_tool_strdup(assoc->account);
        change->submits = 0;
        aif_planning_field(change, "MaxSubmitJobs", NULL, aif_tool_strdup("0"));
    }
}

/* ---- the whole ---- */

static void free_pruning(struct pruning *pruning)
{
    free(pruning->qos.names);
    free(pruning->accounts.names);
    free(pruning->gone);
    free(pruning->child);
    free(pruning->goes);
}

int aif_prune_make(const struct aif_snapshot *snapshot, const struct aif_dbd *dbd, struct aif_plan *ret_plan)
{
    struct aif_plan plan = {0};
    struct pruning pruning = {.p = {.snapshot = snapshot, .dbd = dbd, .plan = &plan}};
    job_info_msg_t *jobs = NULL;
    int rc = aif_slurmctld_jobs("read the jobs, and what has jobs must stay", &jobs);

    if (rc != AIF_EXIT_OK)
        return rc;
    find_busy(&pruning, jobs);
    prune_qos(&pruning);
    prune_accounts(&pruning);
    bar_users(&pruning);
    aif_planning_finish(&pruning.p);
    free_pruning(&pruning);
    slurm_free_job_info_msg(jobs);
    *ret_plan = plan;
    return AIF_EXIT_OK;
}
