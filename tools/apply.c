/* apply.c - aif_plan_apply() of plan.h: the plan as slurmdb calls, all additions of a kind in one request */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "plan.h"
#include "slurmconn.h"

struct applying {
    void *conn;
    const struct aif_policy *policy;
    struct aif_dbd *dbd;
    const struct aif_plan *plan;
};

/*
 * Records that we send are ours: names point into plan and policy, what a destructor below frees was malloc'ed here,
 * and libslurm only packs them.
 */

static void free_qos_rec(void *item)
{
    slurmdb_qos_rec_t *rec = item;

    free(rec->grp_tres_mins);
    free(rec->max_tres_pj);
    free(rec);
}

static void free_assoc_rec(void *item)
{
    slurmdb_assoc_rec_t *rec = item;

    if (rec->qos_list)
        slurm_list_destroy(rec->qos_list);
    free(rec);
}

static list_t *one_name(char *name)
{
    list_t *list = slurm_list_create(NULL);

    slurm_list_append(list, name);
    return list;
}

/* ---- calls, each with one line on failure ---- */

static int add(struct applying *a, int (*call)(void *conn, list_t *list), list_t *list, const char *what)
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

static int check_modified(list_t *list, int code, const char *what)
{
    int count = list ? slurm_list_count(list) : 0;

    if (list)
        slurm_list_destroy(list);
    return count > 0 ? AIF_EXIT_OK : aif_slurmdb_failed(what, code);
}

static int commit(struct applying *a)
{
    int code;

    aif_slurm_quiet();
    code = slurmdb_connection_commit(a->conn, true);
    aif_slurm_loud();
    return code == SLURM_SUCCESS ? AIF_EXIT_OK : aif_slurmdb_failed("commit the changes", code);
}

/* ---- QOS ---- */

/* "1001=300000,4=18446744073709551615": the last number is Slurm's way to say "no limit any more". */
static char *tres_text(const struct aif_dbd *dbd, uint64_t gpus, uint64_t nodes, bool adding)
{
    uint64_t counts[] = {gpus, nodes};
    uint32_t ids[] = {dbd->gpu_tres, dbd->node_tres};
    char *text = NULL;

    for (int i = 0; i < 2; i++) {
        char *longer;

        if (counts[i] == NO_VAL64 || !ids[i] || (adding && counts[i] == INFINITE64))
            continue;
        longer = aif_tool_format("%s%s%u=%llu", text ? text : "", text ? "," : "", ids[i], (unsigned long long)counts[i]);
        free(text);
        text = longer;
    }
    return text;
}

static slurmdb_qos_rec_t *make_qos_rec(const struct applying *a, const struct aif_change *change)
{
    const struct aif_dbd_qos *limits = &change->limits;
    slurmdb_qos_rec_t *rec = aif_tool_alloc(1, sizeof(*rec));
    bool adding = change->op == AIF_CHANGE_ADD;

    slurmdb_init_qos_rec(rec, false, NO_VAL);
    rec->description = change->description;
    if (adding)
        rec->name = change->name;
    if (limits->flags)
        rec->flags = adding ? limits->flags : QOS_FLAG_ADD | limits->flags;
    rec->grp_tres_mins = tres_text(a->dbd, limits->gpu_mins, limits->node_mins, adding);
    rec->max_tres_pj = tres_text(a->dbd, limits->job_gpus, limits->job_nodes, adding);
    rec->max_wall_pj = limits->wall;
    rec->max_jobs_pu = limits->jobs_per_user;
    rec->max_submit_jobs_pu = limits->submits_per_user;
    rec->grp_jobs = limits->jobs;
    rec->grp_submit_jobs = limits->submits;
    return rec;
}

/* Can both be sent as one modification of several QOS? */
static bool same_request(const struct aif_change *a, const struct aif_change *b)
{
    const struct aif_dbd_qos *x = &a->limits, *y = &b->limits;

    return a->object == b->object && a->op != AIF_CHANGE_ADD && a->op == b->op && !a->description && !b->description &&
           x->flags == y->flags && x->gpu_mins == y->gpu_mins && x->node_mins == y->node_mins &&
           x->job_gpus == y->job_gpus && x->job_nodes == y->job_nodes && x->wall == y->wall &&
           x->jobs_per_user == y->jobs_per_user && x->submits_per_user == y->submits_per_user && x->jobs == y->jobs &&
           x->submits == y->submits;
}

#define NAMES_MAX 500 /* of one request: slurmdbd logs them in a column of 64 KiB */

/* Send one change and those after it that ask for the same; *ret_next is the first one not sent. */
static int modify_qos(struct applying *a, size_t first, size_t *ret_next)
{
    const struct aif_change *change = &a->plan->changes[first];
    slurmdb_qos_rec_t *rec = make_qos_rec(a, change);
    slurmdb_qos_cond_t cond = {.name_list = one_name(change->name)};
    char *what = aif_tool_format("change QOS %s", change->name);
    list_t *changed;
    size_t next = first + 1;
    int code;

    for (; next < a->plan->count && next - first < NAMES_MAX && same_request(change, &a->plan->changes[next]); next++)
        slurm_list_append(cond.name_list, a->plan->changes[next].name);
    aif_slurm_quiet();
    errno = 0;
    changed = slurmdb_qos_modify(a->conn, &cond, rec);
    code = errno;
    aif_slurm_loud();
    slurm_list_destroy(cond.name_list);
    free_qos_rec(rec);
    code = check_modified(changed, code, what);
    free(what);
    *ret_next = next;
    return code;
}

static int apply_qos(struct applying *a)
{
    list_t *added = slurm_list_create(free_qos_rec);
    bool any = false;
    int rc = AIF_EXIT_OK;

    for (size_t i = 0, next; rc == AIF_EXIT_OK && i < a->plan->count; i = next) {
        const struct aif_change *change = &a->plan->changes[i];

        next = i + 1;
        if (change->object != AIF_OBJECT_QOS || change->op == AIF_CHANGE_CONFLICT)
            continue;
        any = true;
        if (change->op == AIF_CHANGE_ADD)
            slurm_list_append(added, make_qos_rec(a, change));
        else
            rc = modify_qos(a, i, &next);
    }
    if (rc != AIF_EXIT_OK) {
        slurm_list_destroy(added);
        return rc;
    }
    rc = add(a, slurmdb_qos_add, added, "add QOS");
    if (rc == AIF_EXIT_OK && any)
        rc = commit(a); /* slurmdbd must know the ids before associations can refer to them */
    return rc == AIF_EXIT_OK ? aif_dbd_read_qos(a->conn, a->dbd) : rc;
}

/* ---- accounts, users, associations ---- */

static void add_qos_ids(const struct applying *a, list_t *list, const char **names, const char *sign)
{
    for (; names && *names; names++) {
        const struct aif_dbd_qos *qos = aif_dbd_find_qos(a->dbd, *names);

        if (qos)
            slurm_list_append(list, aif_tool_format("%s%u", sign, qos->id));
    }
}

static slurmdb_assoc_rec_t *make_assoc_rec(const struct applying *a, const struct aif_change *change)
{
    slurmdb_assoc_rec_t *rec = aif_tool_alloc(1, sizeof(*rec));
    const struct aif_dbd_qos *qos = change->default_qos ? aif_dbd_find_qos(a->dbd, change->default_qos) : NULL;

    slurmdb_init_assoc_rec(rec, false);
    rec->cluster = a->policy->cluster;
    rec->acct = change->account ? change->account : change->name;
    rec->parent_acct = (char *)change->parent;
    if (change->object == AIF_OBJECT_ASSOC)
        rec->user = change->name;
    if (change->grant && change->grant[0]) {
        rec->qos_list = slurm_list_create(free);
        add_qos_ids(a, rec->qos_list, change->grant, "");
    }
    if (qos)
        rec->def_qos_id = qos->id;
    if (change->default_account)
        rec->is_def = 1;
    return rec;
}

static void free_account_rec(void *item)
{
    slurmdb_account_rec_t *rec = item;

    slurm_list_destroy(rec->assoc_list);
    free(rec);
}

static void free_user_rec(void *item)
{
    slurmdb_user_rec_t *rec = item;

    slurm_list_destroy(rec->assoc_list);
    free(rec);
}

static slurmdb_account_rec_t *make_account_rec(const struct aif_change *change)
{
    slurmdb_account_rec_t *rec = aif_tool_alloc(1, sizeof(*rec));

    rec->name = change->name;
    rec->description = change->description;
    rec->organization = (char *)"aif";
    rec->assoc_list = slurm_list_create(NULL);
    return rec;
}

static slurmdb_user_rec_t *make_user_rec(const struct aif_change *change)
{
    slurmdb_user_rec_t *rec = aif_tool_alloc(1, sizeof(*rec));

    rec->name = change->name;
    rec->default_acct = change->account; /* slurmctld learns it from here, not from the association */
    rec->uid = NO_VAL;
    rec->admin_level = SLURMDB_ADMIN_NOTSET;
    rec->assoc_list = slurm_list_create(NULL);
    return rec;
}

/* The parent goes first, alone: within one request slurmdbd keeps no order. */
static int apply_accounts(struct applying *a, bool parent)
{
    list_t *accounts = slurm_list_create(free_account_rec);
    list_t *assocs = slurm_list_create(free_assoc_rec);
    int rc;

    for (size_t i = 0; i < a->plan->count; i++) {
        const struct aif_change *change = &a->plan->changes[i];

        if (change->object != AIF_OBJECT_ACCOUNT || !strcmp(change->name, a->policy->parent_account) != parent)
            continue;
        if (change->new_account)
            slurm_list_append(accounts, make_account_rec(change));
        slurm_list_append(assocs, make_assoc_rec(a, change));
    }
    rc = add(a, slurmdb_accounts_add, accounts, "add accounts");
    if (rc != AIF_EXIT_OK) {
        slurm_list_destroy(assocs);
        return rc;
    }
    return add(a, slurmdb_associations_add, assocs, "add associations of accounts");
}

static int apply_users(struct applying *a)
{
    list_t *users = slurm_list_create(free_user_rec);
    list_t *assocs = slurm_list_create(free_assoc_rec);
    int rc;

    for (size_t i = 0; i < a->plan->count; i++) {
        const struct aif_change *change = &a->plan->changes[i];

        if (change->op != AIF_CHANGE_ADD)
            continue;
        if (change->object == AIF_OBJECT_USER)
            slurm_list_append(users, make_user_rec(change));
        else if (change->object == AIF_OBJECT_ASSOC)
            slurm_list_append(assocs, make_assoc_rec(a, change));
    }
    rc = add(a, slurmdb_users_add, users, "add users");
    if (rc != AIF_EXIT_OK) {
        slurm_list_destroy(assocs);
        return rc;
    }
    return add(a, slurmdb_associations_add, assocs, "add associations of users");
}

static int modify_assoc(struct applying *a, const struct aif_change *change)
{
    slurmdb_assoc_cond_t cond = {0};
    slurmdb_assoc_rec_t rec;
    list_t *changed;
    char *what = aif_tool_format("change the association of %s in %s", change->name, change->account);
    int code;

    slurmdb_init_assoc_rec(&rec, false);
    rec.qos_list = slurm_list_create(free);
    add_qos_ids(a, rec.qos_list, change->revoke, "-");
    /* Without a sign: the whole list, for one who comes back and shall not keep what he inherited meanwhile. */
    add_qos_ids(a, rec.qos_list, change->grant, change->submits == INFINITE ? "" : "+");
    rec.max_submit_jobs = change->submits;
    if (change->clear_default)
        rec.def_qos_id = INFINITE;
    cond.cluster_list = one_name(a->policy->cluster);
    cond.acct_list = one_name(change->account);
    cond.user_list = change->name[0] ? one_name(change->name) : NULL;
    aif_slurm_quiet();
    errno = 0;
    changed = slurmdb_associations_modify(a->conn, &cond, &rec);
    code = errno;
    aif_slurm_loud();
    slurm_list_destroy(rec.qos_list);
    slurm_list_destroy(cond.cluster_list);
    slurm_list_destroy(cond.acct_list);
    if (cond.user_list)
        slurm_list_destroy(cond.user_list);
    code = check_modified(changed, code, what);
    free(what);
    return code;
}

static int apply_modified_assocs(struct applying *a)
{
    int rc = AIF_EXIT_OK;

    for (size_t i = 0; rc == AIF_EXIT_OK && i < a->plan->count; i++)
        if (a->plan->changes[i].object == AIF_OBJECT_ASSOC && a->plan->changes[i].op == AIF_CHANGE_MODIFY)
            rc = modify_assoc(a, &a->plan->changes[i]);
    return rc;
}

int aif_plan_apply(void *conn, const struct aif_policy *policy, struct aif_dbd *dbd, const struct aif_plan *plan)
{
    struct applying a = {.conn = conn, .policy = policy, .dbd = dbd, .plan = plan};
    int rc;

    if (plan->count == plan->conflicts)
        return AIF_EXIT_OK;
    rc = apply_qos(&a);
    if (rc == AIF_EXIT_OK)
        rc = apply_accounts(&a, true);
    if (rc == AIF_EXIT_OK)
        rc = apply_accounts(&a, false);
    if (rc == AIF_EXIT_OK)
        rc = apply_users(&a);
    if (rc == AIF_EXIT_OK)
        rc = apply_modified_assocs(&a);
    return rc == AIF_EXIT_OK ? commit(&a) : rc;
}
