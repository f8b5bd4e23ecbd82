/* apply_remove.c - what a plan of aif_prune_make() removes, as slurmdb calls; see applying.h */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "applying.h"
#include "common.h"
#include "slurmconn.h"

/* ---- default accounts ---- */

static struct aif_dbd_assoc *find_other(const struct aif_applying *a, const struct aif_dbd_assoc *assoc)
{
    for (size_t i = 0; i < a->dbd->assoc_count; i++) {
        struct aif_dbd_assoc *other = &a->dbd->assocs[i];

        if (other != assoc && !other->gone && !strcmp(other->user, assoc->user))
            return other;
    }
    return NULL;
}

static int make_default(struct aif_applying *a, const struct aif_dbd_assoc *assoc)
{
    slurmdb_assoc_cond_t cond = {0};
    slurmdb_assoc_rec_t rec;
    list_t *changed;
    char *what = aif_tool_format("make %s the default account of %s", assoc->account, assoc->user);
    int code, rc;

    slurmdb_init_assoc_rec(&rec, false);
    rec.is_def = 1;
    cond.cluster_list = aif_applying_name(a->policy->cluster);
    cond.acct_list = aif_applying_name(assoc->account);
    cond.user_list = aif_applying_name(assoc->user);
    aif_slurm_quiet();
    errno = 0;
    changed = slurmdb_associations_modify(a->conn, &cond, &rec);
    code = errno;
    aif_slurm_loud();
    slurm_list_destroy(cond.cluster_list);
    slurm_list_destroy(cond.acct_list);
    slurm_list_destroy(cond.user_list);
    rc = aif_applying_check(changed, code, what);
    free(what);
    return rc;
}

/* slurmdbd removes nobody's default account while he has another one: that becomes the default first. */
static int move_defaults(struct aif_applying *a, const char *account)
{
    size_t count;
    const struct aif_dbd_assoc *first = aif_dbd_account_assocs(a->dbd, account, &count);
    struct aif_dbd_assoc *assocs = first ? a->dbd->assocs + (first - a->dbd->assocs) : NULL;
    int rc = AIF_EXIT_OK;

    for (size_t i = 0; i < count; i++)
        assocs[i].gone = true;
    for (size_t i = 1; rc == AIF_EXIT_OK && i < count; i++) {
        struct aif_dbd_assoc *other = assocs[i].is_default ? find_other(a, &assocs[i]) : NULL;

        if (!other)
            continue;
        rc = make_default(a, other);
        other->is_default = true;
    }
    return rc;
}

/* ---- removals ---- */

/* The account's associations on our cluster; those on other clusters are not ours to remove. */
static int remove_assocs(struct aif_applying *a, char *account)
{
    slurmdb_assoc_cond_t cond = {0};
    char *what = aif_tool_format("remove the associations of account %s", account);
    list_t *removed;
    int code, rc;

    cond.cluster_list = aif_applying_name(a->policy->cluster);
    cond.acct_list = aif_applying_name(account);
    aif_slurm_quiet();
    errno = 0;
    removed = slurmdb_associations_remove(a->conn, &cond);
    code = errno;
    aif_slurm_loud();
    slurm_list_destroy(cond.cluster_list);
    slurm_list_destroy(cond.acct_list);
    /* What was refused is listed as well. */
    if (code == ESLURM_JOBS_RUNNING_ON_ASSOC || code == ESLURM_NO_REMOVE_DEFAULT_ACCOUNT) {
        if (removed)
            slurm_list_destroy(removed);
        removed = NULL;
    }
    rc = aif_applying_check(removed, code, what);
    free(what);
    return rc;
}

static bool is_used_elsewhere(struct aif_applying *a, char *account)
{
    slurmdb_assoc_cond_t cond = {.acct_list = aif_applying_name(account)};
    list_t *left;
    bool used;

    aif_slurm_quiet();
    left = slurmdb_associations_get(a->conn, &cond);
    aif_slurm_loud();
    slurm_list_destroy(cond.acct_list);
    used = !left || slurm_list_count(left) > 0; /* not known counts as used */
    if (left)
        slurm_list_destroy(left);
    return used;
}

static int remove_account(struct aif_applying *a, char *account)
{
    slurmdb_assoc_cond_t assoc_cond = {0};
    slurmdb_account_cond_t cond = {.assoc_cond = &assoc_cond};
    char *what;
    list_t *removed;
    int code, rc = move_defaults(a, account);

    if (rc == AIF_EXIT_OK)
        rc = remove_assocs(a, account);
    if (rc != AIF_EXIT_OK || is_used_elsewhere(a, account))
        return rc;
    assoc_cond.acct_list = aif_applying_name(account);
    aif_slurm_quiet();
    errno = 0;
    removed = slurmdb_accounts_remove(a->conn, &cond);
    code = errno;
    aif_slurm_loud();
    slurm_list_destroy(assoc_cond.acct_list);
    what = aif_tool_format("remove account %s", account);
    rc = aif_applying_check(removed, code, what);
    free(what);
    return rc;
}

static int remove_qos(struct aif_applying *a, size_t first, size_t count)
{
    slurmdb_qos_cond_t cond = {.name_list = slurm_list_create(NULL)};
    list_t *removed;
    int code;

    for (size_t i = first; i < first + count; i++)
        slurm_list_append(cond.name_list, a->plan->changes[i].name);
    aif_slurm_quiet();
    errno = 0;
    removed = slurmdb_qos_remove(a->conn, &cond);
    code = errno;
    aif_slurm_loud();
    slurm_list_destroy(cond.name_list);
    return aif_applying_check(removed, code, "remove QOS");
}

static bool is_qos(const struct aif_plan *plan, size_t index)
{
    return index < plan->count && plan->changes[index].object == AIF_OBJECT_QOS;
}

/* The removals are the end of the plan, accounts before QOS; what slurmdbd does not keep comes after these. */
int aif_applying_removed(struct aif_applying *a)
{
    const struct aif_plan *plan = a->plan;
    size_t i = 0;
    int rc = AIF_EXIT_OK;

    while (i < plan->count && plan->changes[i].op != AIF_CHANGE_REMOVE)
        i++;
    for (; rc == AIF_EXIT_OK && i < plan->count && plan->changes[i].object == AIF_OBJECT_ACCOUNT; i++)
        rc = remove_account(a, plan->changes[i].name);
    for (size_t count; rc == AIF_EXIT_OK && is_qos(plan, i); i += count) {
        for (count = 1; count < AIF_APPLYING_NAMES && is_qos(plan, i + count);)
            count++;
        rc = remove_qos(a, i, count);
    }
    return rc;
}
