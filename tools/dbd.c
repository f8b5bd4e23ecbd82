/* dbd.c - see dbd.h */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "dbd.h"
#include "slurmconn.h"

static int read_tres(void *conn, const struct aif_policy *policy, struct aif_dbd *dbd)
{
    int rc = aif_slurmdb_tres_id(conn, policy->gpu_tres, &dbd->gpu_tres);

    return rc == AIF_EXIT_OK ? aif_slurmdb_tres_id(conn, "node", &dbd->node_tres) : rc;
}

/* The count of one TRES in "1=20,1001=300"; INFINITE64 if it is not there. */
static uint64_t tres_count(const char *text, uint32_t id)
{
    while (text && *text && id) {
        char *end;
        unsigned long found = strtoul(text, &end, 10);

        if (*end != '=')
            break;
        if (found == id)
            return strtoull(end + 1, NULL, 10);
        text = strchr(end, ',');
        text += text ? 1 : 0;
    }
    return INFINITE64;
}

/* ---- QOS ---- */

static int compare_qos(const void *a, const void *b)
{
    const struct aif_dbd_qos *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static int take_qos(void *item, void *arg)
{
    const slurmdb_qos_rec_t *rec = item;
    struct aif_dbd *dbd = arg;
    struct aif_dbd_qos *qos = &dbd->qos[dbd->qos_count];

    if (!rec->name)
        return 0;
    qos->name = aif_tool_strdup(rec->name);
    qos->description = aif_tool_strdup(rec->description ? rec->description : "");
    qos->id = rec->id;
    qos->flags = (uint32_t)rec->flags & QOS_FLAG_BASE;
    qos->gpu_mins = tres_count(rec->grp_tres_mins, dbd->gpu_tres);
    qos->node_mins = tres_count(rec->grp_tres_mins, dbd->node_tres);
    qos->job_gpus = tres_count(rec->max_tres_pj, dbd->gpu_tres);
    qos->job_nodes = tres_count(rec->max_tres_pj, dbd->node_tres);
    qos->wall = rec->max_wall_pj;
    qos->jobs_per_user = rec->max_jobs_pu;
    qos->submits_per_user = rec->max_submit_jobs_pu;
    qos->jobs = rec->grp_jobs;
    qos->submits = rec->grp_submit_jobs;
    dbd->qos_count++;
    return 0;
}

static void free_qos(struct aif_dbd *dbd)
{
    for (size_t i = 0; i < dbd->qos_count; i++) {
        free(dbd->qos[i].name);
        free(dbd->qos[i].description);
    }
    free(dbd->qos);
    dbd->qos = NULL;
    dbd->qos_count = 0;
}

int aif_dbd_read_qos(void *conn, struct aif_dbd *dbd)
{
    list_t *list;
    int code;

    aif_slurm_quiet();
    errno = 0;
    list = slurmdb_qos_get(conn, NULL);
    code = errno;
    aif_slurm_loud();
    if (!list)
        return aif_slurmdb_failed("read the QOS", code);
    free_qos(dbd);
    dbd->qos = aif_tool_alloc((size_t)slurm_list_count(list), sizeof(*dbd->qos));
    aif_slurm_each(list, take_qos, dbd);
    slurm_list_destroy(list);
    qsort(dbd->qos, dbd->qos_count, sizeof(*dbd->qos), compare_qos);
    return AIF_EXIT_OK;
}

const struct aif_dbd_qos *aif_dbd_find_qos(const struct aif_dbd *dbd, const char *name)
{
    struct aif_dbd_qos key = {.name = (char *)name};

    return dbd->qos_count ? bsearch(&key, dbd->qos, dbd->qos_count, sizeof(key), compare_qos) : NULL;
}

/* ---- associations ---- */

static int compare_assoc(const void *a, const void *b)
{
    const struct aif_dbd_assoc *x = a, *y = b;
    int order = strcmp(x->account, y->account);

    return order ? order : strcmp(x->user, y->user);
}

static int compare_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static int take_qos_id(void *item, void *arg)
{
    struct aif_dbd_assoc *assoc = arg;

    assoc->qos[assoc->qos_count++] = (uint32_t)strtoul(item, NULL, 10);
    return 0;
}

static int take_assoc(void *item, void *arg)
{
    const slurmdb_assoc_rec_t *rec = item;
    struct aif_dbd *dbd = arg;
    struct aif_dbd_assoc *assoc = &dbd->assocs[dbd->assoc_count];

    if (!rec->acct || (rec->partition && rec->partition[0]))
        return 0;
    assoc->account = aif_tool_strdup(rec->acct);
    assoc->user = aif_tool_strdup(rec->user ? rec->user : "");
    assoc->default_qos = rec->def_qos_id == NO_VAL || rec->def_qos_id == INFINITE ? 0 : rec->def_qos_id;
    assoc->submits = rec->max_submit_jobs;
    if (rec->qos_list) {
        assoc->qos = aif_tool_alloc((size_t)slurm_list_count(rec->qos_list), sizeof(*assoc->qos));
        aif_slurm_each(rec->qos_list, take_qos_id, assoc);
        qsort(assoc->qos, assoc->qos_count, sizeof(*assoc->qos), compare_id);
    }
    dbd->assoc_count++;
    return 0;
}

static int read_assocs(void *conn, const struct aif_policy *policy, struct aif_dbd *dbd)
{
    slurmdb_assoc_cond_t cond = {0};
    list_t *list;
    int code;

    cond.cluster_list = slurm_list_create(NULL);
    slurm_list_append(cond.cluster_list, policy->cluster);
    aif_slurm_quiet();
    errno = 0;
    list = slurmdb_associations_get(conn, &cond);
    code = errno;
    aif_slurm_loud();
    slurm_list_destroy(cond.cluster_list);
    if (!list)
        return aif_slurmdb_failed("read the associations", code);
    dbd->assocs = aif_tool_alloc((size_t)slurm_list_count(list), sizeof(*dbd->assocs));
    aif_slurm_each(list, take_assoc, dbd);
    slurm_list_destroy(list);
    if (!dbd->assoc_count)
        return aif_tool_fail(AIF_EXIT_FAILED, "slurmdbd knows no cluster \"%s\" (policy.json: cluster); use ClusterName of slurm.conf (AIF-C008)",
                             policy->cluster);
    qsort(dbd->assocs, dbd->assoc_count, sizeof(*dbd->assocs), compare_assoc);
    return AIF_EXIT_OK;
}

const struct aif_dbd_assoc *aif_dbd_find_assoc(const struct aif_dbd *dbd, const char *account, const char *user)
{
    struct aif_dbd_assoc key = {.account = (char *)account, .user = (char *)user};

    return dbd->assoc_count ? bsearch(&key, dbd->assocs, dbd->assoc_count, sizeof(key), compare_assoc) : NULL;
}

const struct aif_dbd_assoc *aif_dbd_account_assocs(const struct aif_dbd *dbd, const char *account, size_t *ret_count)
{
    const struct aif_dbd_assoc *first = aif_dbd_find_assoc(dbd, account, "");
    const struct aif_dbd_assoc *end = dbd->assocs + dbd->assoc_count;
    size_t count = 0;

    while (first && first + count < end && !strcmp(first[count].account, account))
        count++;
    *ret_count = count;
    return first;
}

bool aif_dbd_assoc_allows(const struct aif_dbd_assoc *assoc, uint32_t qos)
{
    return assoc->qos_count && bsearch(&qos, assoc->qos, assoc->qos_count, sizeof(qos), compare_id);
}

/* ---- accounts and users: only their names matter ---- */

struct names {
    char **names;
    size_t count;
};

static int compare_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_name(char *const *names, size_t count, const char *name)
{
    return count && bsearch(&name, names, count, sizeof(*names), compare_name);
}

static int take_account(void *item, void *arg)
{
    const slurmdb_account_rec_t *rec = item;
    struct names *names = arg;

    if (rec->name)
        names->names[names->count++] = aif_tool_strdup(rec->name);
    return 0;
}

static int take_user(void *item, void *arg)
{
    const slurmdb_user_rec_t *rec = item;
    struct names *names = arg;

    if (rec->name)
        names->names[names->count++] = aif_tool_strdup(rec->name);
    return 0;
}

static int read_names(void *conn, list_t *(*get)(void *conn), int (*take)(void *, void *), const char *what,
                      char ***ret_names, size_t *ret_count)
{
    struct names names = {0};
    list_t *list;
    int code;

    aif_slurm_quiet();
    errno = 0;
    list = get(conn);
    code = errno;
    aif_slurm_loud();
    if (!list)
        return aif_slurmdb_failed(what, code);
    names.names = aif_tool_alloc((size_t)slurm_list_count(list), sizeof(*names.names));
    aif_slurm_each(list, take, &names);
    slurm_list_destroy(list);
    qsort(names.names, names.count, sizeof(*names.names), compare_name);
    *ret_names = names.names;
    *ret_count = names.count;
    return AIF_EXIT_OK;
}

static list_t *get_accounts(void *conn)
{
    return slurmdb_accounts_get(conn, NULL);
}

static list_t *get_users(void *conn)
{
    return slurmdb_users_get(conn, NULL);
}

bool aif_dbd_has_account(const struct aif_dbd *dbd, const char *account)
{
    return has_name(dbd->accounts, dbd->account_count, account);
}

bool aif_dbd_has_user(const struct aif_dbd *dbd, const char *user)
{
    return has_name(dbd->users, dbd->user_count, user);
}

/* ---- all of it ---- */

int aif_dbd_read(void *conn, const struct aif_policy *policy, struct aif_dbd *ret_dbd)
{
    struct aif_dbd dbd = {0};
    int rc = read_tres(conn, policy, &dbd);

    if (rc == AIF_EXIT_OK)
        rc = aif_dbd_read_qos(conn, &dbd);
    if (rc == AIF_EXIT_OK)
        rc = read_assocs(conn, policy, &dbd);
    if (rc == AIF_EXIT_OK)
        rc = read_names(conn, get_accounts, take_account, "read the accounts", &dbd.accounts, &dbd.account_count);
    if (rc == AIF_EXIT_OK)
        rc = read_names(conn, get_users, take_user, "read the users", &dbd.users, &dbd.user_count);
    if (rc == AIF_EXIT_OK)
        *ret_dbd = dbd;
    else
        aif_dbd_free(&dbd);
    return rc;
}

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

void aif_dbd_free(struct aif_dbd *dbd)
{
    free_qos(dbd);
    for (size_t i = 0; i < dbd->assoc_count; i++) {
        free(dbd->assocs[i].account);
        free(dbd->assocs[i].user);
        free(dbd->assocs[i].qos);
    }
    free(dbd->assocs);
    free_names(dbd->accounts, dbd->account_count);
    free_names(dbd->users, dbd->user_count);
    memset(dbd, 0, sizeof(*dbd));
}
