/* apply_assoc.c - accounts, users and associations of a plan as slurmdb calls; see applying.h */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "applying.h"
#include "common.h"
#include "slurmconn.h"

/* ---- records ---- */

static void free_assoc_rec(void *item)
{
    slurmdb_assoc_rec_t *rec = item;

    if (rec->qos_list)
        slurm_list_destroy(rec->qos_list);
    free(rec->grp_tres_mins);
    free(rec->max_tres_pj);
    free(rec);
}

static void add_qos_ids(const struct aif_applying *a, list_t *list, const char **names, const char *sign)
{
    for (; names && *names; names++) {
        const struct aif_dbd_qos *qos = aif_dbd_find_qos(a->dbd, *names);

        if (qos)
            slurm_list_append(list, aif_tool_format("%s%u", sign, qos->id));
    }
}

/* An account's limits; a change of a user's association has none of these. */
static void set_limits(const struct aif_applying *a, const struct aif_change *change, slurmdb_assoc_rec_t *rec)
{
    const struct aif_limits *limits = &change->limits;
    bool adding = change->op == AIF_CHANGE_ADD;

    rec->grp_tres_mins = aif_applying_tres(a->dbd, limits, AIF_LIMIT_GPU_MINS, AIF_LIMIT_BILLING_MINS, adding);
    rec->max_tres_pj = aif_applying_tres(a->dbd, limits, AIF_LIMIT_JOB_GPUS, AIF_LIMIT_JOB_NODES, adding);
    rec->max_wall_pj = aif_applying_count(limits->value[AIF_LIMIT_WALL]);
    rec->max_jobs = aif_applying_count(limits->value[AIF_LIMIT_USER_JOBS]);
    rec->max_submit_jobs = aif_applying_count(limits->value[AIF_LIMIT_USER_SUBMITS]);
    rec->grp_jobs = aif_applying_count(limits->value[AIF_LIMIT_JOBS]);
    rec->grp_submit_jobs = aif_applying_count(limits->value[AIF_LIMIT_SUBMITS]);
    if (change->submits != AIF_LIMIT_KEEP)
        rec->max_submit_jobs = aif_applying_count(change->submits);
}

static slurmdb_assoc_rec_t *make_assoc_rec(const struct aif_applying *a, const struct aif_change *change)
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
    set_limits(a, change, rec);
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

/* ---- additions ---- */

static int add_accounts(struct aif_applying *a, bool parent)
{
    list_t *accounts = slurm_list_create(free_account_rec);
    list_t *assocs = slurm_list_create(free_assoc_rec);
    int rc;

    for (size_t i = 0; i < a->plan->count; i++) {
        const struct aif_change *change = &a->plan->changes[i];

        if (change->object != AIF_OBJECT_ACCOUNT || change->op != AIF_CHANGE_ADD ||
            !strcmp(change->name, a->policy->parent_account) != parent)
            continue;
        if (change->new_account)
            slurm_list_append(accounts, make_account_rec(change));
        slurm_list_append(assocs, make_assoc_rec(a, change));
    }
    rc = aif_applying_add(a, slurmdb_accounts_add, accounts, "add accounts");
    if (rc != AIF_EXIT_OK) {
        slurm_list_destroy(assocs);
        return rc;
    }
    return aif_applying_add(a, slurmdb_associations_add, assocs, "add associations of accounts");
}

/* The parent goes first, alone: within one request slurmdbd keeps no order. */
int aif_applying_accounts(struct aif_applying *a)
{
    int rc = add_accounts(a, true);

    return rc == AIF_EXIT_OK ? add_accounts(a, false) : rc;
}

/*
 * The members of an account follow each other, in the order in which the accounts were added: slurmdbd up to 23.02 renumbers
 * the associations behind an account's once per run of one account, and so has the fewest behind it.
 */
int aif_applying_users(struct aif_applying *a)
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
    rc = aif_applying_add(a, slurmdb_users_add, users, "add users");
    if (rc != AIF_EXIT_OK) {
        slurm_list_destroy(assocs);
        return rc;
    }
    return aif_applying_add(a, slurmdb_associations_add, assocs, "add associations of users");
}

/* ---- modifications ---- */

static void set_qos(const struct aif_applying *a, const struct aif_change *change, slurmdb_assoc_rec_t *rec)
{
    if ((change->revoke && change->revoke[0]) || (change->grant && change->grant[0]))
        rec->qos_list = slurm_list_create(free);
    add_qos_ids(a, rec->qos_list, change->revoke, "-");
    /* Without a sign: the whole list, for one who comes back and shall not keep what he inherited meanwhile. */
    add_qos_ids(a, rec->qos_list, change->grant, change->submits == AIF_LIMIT_NONE ? "" : "+");
    if (change->clear_default)
        rec->def_qos_id = INFINITE;
}

static int modify_assoc(struct aif_applying *a, const struct aif_change *change)
{
    slurmdb_assoc_rec_t *rec = aif_tool_alloc(1, sizeof(*rec));
    slurmdb_assoc_cond_t cond = {0};
    list_t *changed;
    char *what = aif_tool_format("change the association of %s in %s", change->name, change->account);
    int code;

    slurmdb_init_assoc_rec(rec, false);
    set_qos(a, change, rec);
    set_limits(a, change, rec);
    cond.cluster_list = aif_applying_name(a->policy->cluster);
    cond.acct_list = aif_applying_name(change->account);
    cond.user_list = change->name[0] ? aif_applying_name(change->name) : NULL;
    aif_slurm_quiet();
    errno = 0;
    changed = slurmdb_associations_modify(a->conn, &cond, rec);
    code = errno;
    aif_slurm_loud();
    free_assoc_rec(rec);
    slurm_list_destroy(cond.cluster_list);
    slurm_list_destroy(cond.acct_list);
    if (cond.user_list)
        slurm_list_destroy(cond.user_list);
    code = aif_applying_check(changed, code, what);
    free(what);
    return code;
}

int aif_applying_modified_assocs(struct aif_applying *a)
{
    int rc = AIF_EXIT_OK;

    for (size_t i = 0; rc == AIF_EXIT_OK && i < a->plan->count; i++) {
        const struct aif_change *change = &a->plan->changes[i];

        if (change->object == AIF_OBJECT_ASSOC && (change->op == AIF_CHANGE_MODIFY || change->op == AIF_CHANGE_CLOSE))
            rc = modify_assoc(a, change);
    }
    return rc;
}
