/* dbd.c - see dbd.h */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "charge.h"
#include "common.h"
#include "dbd.h"
#include "slurmconn.h"

static int read_tres(void *conn, const struct aif_policy *policy, struct aif_dbd *dbd)
{
    const char *names[] = {policy->gpu_tres, aif_charge_tres_name(AIF_CHARGE_NODE),
                           aif_charge_tres_name(AIF_CHARGE_BILLING)};
    int rc = AIF_EXIT_OK;

    for (int i = AIF_CHARGE_GPU; rc == AIF_EXIT_OK && i <= AIF_CHARGE_BILLING; i++)
        rc = aif_slurmdb_tres_id(conn, names[i], &dbd->tres[i]);
    return rc;
}

/* The count of one TRES in "1=20,1001=300". */
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
    return AIF_LIMIT_NONE;
}

/* slurmdbd says "no limit" in more than one way. */
static uint64_t count(uint32_t value)
{
    return value == INFINITE || value == NO_VAL ? AIF_LIMIT_NONE : value;
}

static void take_tres(const struct aif_dbd *dbd, const char *grp_mins, const char *per_job, struct aif_limits *limits)
{
    aif_limits_fill(limits, AIF_LIMIT_NONE);
    for (int i = AIF_CHARGE_GPU; i <= AIF_CHARGE_BILLING; i++)
        limits->value[AIF_LIMIT_GPU_MINS + i] = tres_count(grp_mins, dbd->tres[i]);
    limits->value[AIF_LIMIT_JOB_GPUS] = tres_count(per_job, dbd->tres[AIF_CHARGE_GPU]);
    limits->value[AIF_LIMIT_JOB_NODES] = tres_count(per_job, dbd->tres[AIF_CHARGE_NODE]);
}

bool aif_dbd_is_ours(const char *description)
{
    return !strncasecmp(description, AIF_QOS_MARK, strlen(AIF_QOS_MARK));
}

/* ---- QOS ---- */

static int compare_qos(const void *a, const void *b)
{
    const struct aif_dbd_qos *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static int see_qos_id(void *item, void *arg)
{
    const slurmdb_qos_rec_t *rec = item;
    struct aif_dbd *dbd = arg;

    if (rec->id >= dbd->qos_ids)
        dbd->qos_ids = rec->id + 1;
    return 0;
}

static uint64_t *take_preempts(const struct aif_dbd *dbd, bitstr_t *bits)
{
    int64_t size = bits ? slurm_bit_size(bits) : 0;
    uint64_t *preempts = NULL;

    for (uint32_t id = 0; id < size && id < dbd->qos_ids; id++) {
        if (!slurm_bit_test(bits, id))
            continue;
        if (!preempts)
            preempts = aif_tool_alloc(dbd->qos_ids / 64 + 1, sizeof(*preempts));
        preempts[id / 64] |= UINT64_C(1) << id % 64;
    }
    return preempts;
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
    take_tres(dbd, rec->grp_tres_mins, rec->max_tres_pj, &qos->limits);
    qos->limits.value[AIF_LIMIT_WALL] = count(rec->max_wall_pj);
    qos->limits.value[AIF_LIMIT_USER_JOBS] = count(rec->max_jobs_pu);
    qos->limits.value[AIF_LIMIT_USER_SUBMITS] = count(rec->max_submit_jobs_pu);
    qos->limits.value[AIF_LIMIT_JOBS] = count(rec->grp_jobs);
    qos->limits.value[AIF_LIMIT_SUBMITS] = count(rec->grp_submit_jobs);
    qos->preempt_mode = rec->preempt_mode == NO_VAL16 ? 0 : rec->preempt_mode;
    qos->grace = rec->grace_time == NO_VAL || rec->grace_time == INFINITE ? 0 : rec->grace_time;
    qos->preempts = take_preempts(dbd, rec->preempt_bitstr);
    dbd->qos_count++;
    return 0;
}

static void free_qos(struct aif_dbd *dbd)
{
    for (size_t i = 0; i < dbd->qos_count; i++) {
        free(dbd->qos[i].name);
        free(dbd->qos[i].description);
        free(dbd->qos[i].preempts);
    }
    free(dbd->qos);
    dbd->qos = NULL;
    dbd->qos_count = 0;
    dbd->qos_ids = 0;
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
    aif_slurm_each(list, see_qos_id, dbd);
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

static void take_assoc_limits(const slurmdb_assoc_rec_t *rec, const struct aif_dbd *dbd, struct aif_dbd_assoc *assoc)
{
    struct aif_limits *limits = aif_tool_alloc(1, sizeof(*limits));

    take_tres(dbd, rec->grp_tres_mins, rec->max_tres_pj, limits);
    limits->value[AIF_LIMIT_WALL] = count(rec->max_wall_pj);
    limits->value[AIF_LIMIT_USER_JOBS] = count(rec->max_jobs);
    limits->value[AIF_LIMIT_USER_SUBMITS] = count(rec->max_submit_jobs);
    limits->value[AIF_LIMIT_JOBS] = count(rec->grp_jobs);
    limits->value[AIF_LIMIT_SUBMITS] = count(rec->grp_submit_jobs);
    assoc->limits = limits;
}

struct taking {
    struct aif_dbd *dbd;
    bool raw; /* limits and QOS of an association alone, nothing inherited */
};

static int take_assoc(void *item, void *arg)
{
    const slurmdb_assoc_rec_t *rec = item;
    const struct taking *taking = arg;
    struct aif_dbd *dbd = taking->dbd;
    struct aif_dbd_assoc *assoc = &dbd->assocs[dbd->assoc_count];

    if (!rec->acct || (rec->partition && rec->partition[0]))
        return 0;
    assoc->account = aif_tool_strdup(rec->acct);
    assoc->user = aif_tool_strdup(rec->user ? rec->user : "");
    assoc->parent = aif_tool_strdup(rec->parent_acct ? rec->parent_acct : "");
    assoc->default_qos = rec->def_qos_id == NO_VAL || rec->def_qos_id == INFINITE ? 0 : rec->def_qos_id;
    assoc->submits = count(rec->max_submit_jobs);
    assoc->is_default = rec->is_def == 1;
    if (taking->raw && !assoc->user[0])
        take_assoc_limits(rec, dbd, assoc);
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
    struct taking taking = {.dbd = dbd, .raw = policy->carrier == AIF_CARRIER_ASSOCIATION};
    slurmdb_assoc_cond_t cond = {0};
    list_t *list;
    int code;

    if (taking.raw)
        AIF_ASSOC_COND_RAW(&cond);
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
    aif_slurm_each(list, take_assoc, &taking);
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

/* ---- accounts and users ---- */

struct names {
    struct aif_dbd_name *names;
    size_t count;
};

static int compare_name(const void *a, const void *b)
{
    const struct aif_dbd_name *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static const struct aif_dbd_name *find_name(const struct aif_dbd_name *names, size_t count, const char *name)
{
    struct aif_dbd_name key = {.name = (char *)name};

    return count ? bsearch(&key, names, count, sizeof(*names), compare_name) : NULL;
}

static int take_account(void *item, void *arg)
{
    const slurmdb_account_rec_t *rec = item;
    struct names *names = arg;

    if (!rec->name)
        return 0;
    names->names[names->count].ours = rec->description && aif_dbd_is_ours(rec->description);
    names->names[names->count++].name = aif_tool_strdup(rec->name);
    return 0;
}

static int take_user(void *item, void *arg)
{
    const slurmdb_user_rec_t *rec = item;
    struct names *names = arg;

    if (rec->name)
        names->names[names->count++].name = aif_tool_strdup(rec->name);
    return 0;
}

static int read_names(void *conn, list_t *(*get)(void *conn), int (*take)(void *, void *), const char *what,
                      struct aif_dbd_name **ret_names, size_t *ret_count)
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

const struct aif_dbd_name *aif_dbd_find_account(const struct aif_dbd *dbd, const char *account)
{
    return find_name(dbd->accounts, dbd->account_count, account);
}

bool aif_dbd_has_user(const struct aif_dbd *dbd, const char *user)
{
    return find_name(dbd->users, dbd->user_count, user) != NULL;
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

static void free_names(struct aif_dbd_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i].name);
    free(names);
}

void aif_dbd_free(struct aif_dbd *dbd)
{
    free_qos(dbd);
    for (size_t i = 0; i < dbd->assoc_count; i++) {
        free(dbd->assocs[i].account);
        free(dbd->assocs[i].user);
        free(dbd->assocs[i].parent);
        free(dbd->assocs[i].qos);
        free(dbd->assocs[i].limits);
    }
    free(dbd->assocs);
    free_names(dbd->accounts, dbd->account_count);
    free_names(dbd->users, dbd->user_count);
    memset(dbd, 0, sizeof(*dbd));
}
