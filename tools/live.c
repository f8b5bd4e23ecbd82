/* live.c - see live.h */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "charge.h"
#include "common.h"
#include "live.h"
#include "slurmconn.h"
#include "treslist.h"

struct aif_live {
    assoc_mgr_info_msg_t *info;
    const slurmdb_qos_rec_t **qos; /* sorted by name */
    size_t qos_count;
    const slurmdb_assoc_rec_t **accounts; /* the accounts' own associations, sorted by account */
    size_t account_count;
};

static int compare_qos(const void *a, const void *b)
{
    const slurmdb_qos_rec_t *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static int compare_account(const void *a, const void *b)
{
    const slurmdb_assoc_rec_t *const *x = a, *const *y = b;

    return strcmp((*x)->acct, (*y)->acct);
}

static int take_qos(void *item, void *arg)
{
    const slurmdb_qos_rec_t *rec = item;
    struct aif_live *live = arg;

    if (rec->name)
        live->qos[live->qos_count++] = rec;
    return 0;
}

static int take_account(void *item, void *arg)
{
    const slurmdb_assoc_rec_t *rec = item;
    struct aif_live *live = arg;

    if (rec->acct && !rec->user)
        live->accounts[live->account_count++] = rec;
    return 0;
}

/* Returns 0, or slurmctld's error code. */
static int fetch(const char *user, assoc_mgr_info_msg_t **ret_info)
{
    assoc_mgr_info_request_msg_t request = {.flags = ASSOC_MGR_INFO_FLAG_QOS};
    int rc, code;

    if (user) {
        request.flags |= ASSOC_MGR_INFO_FLAG_ASSOC | ASSOC_MGR_INFO_FLAG_USERS;
        request.user_list = slurm_list_create(NULL);
        slurm_list_append(request.user_list, (char *)user);
    }
    aif_slurm_quiet();
    errno = 0;
    rc = slurm_load_assoc_mgr_info(&request, ret_info);
    code = errno;
    aif_slurm_loud();
    if (request.user_list)
        slurm_list_destroy(request.user_list);
    if (rc == SLURM_SUCCESS && *ret_info)
        return 0;
    return code ? code : SLURM_ERROR;
}

static size_t length_of(list_t *list)
{
    return list ? (size_t)slurm_list_count(list) : 0;
}

int aif_live_try(const char *user, struct aif_live **ret_live)
{
    struct aif_live *live;
    assoc_mgr_info_msg_t *info = NULL;
    int code = fetch(user, &info);

    if (code)
        return code;
    live = aif_tool_alloc(1, sizeof(*live));
    live->info = info;
    live->qos = aif_tool_alloc(length_of(info->qos_list), sizeof(*live->qos));
    live->accounts = aif_tool_alloc(length_of(info->assoc_list), sizeof(*live->accounts));
    aif_slurm_each(info->qos_list, take_qos, live);
    aif_slurm_each(info->assoc_list, take_account, live);
    if (live->qos_count)
        qsort(live->qos, live->qos_count, sizeof(*live->qos), compare_qos);
    if (live->account_count)
        qsort(live->accounts, live->account_count, sizeof(*live->accounts), compare_account);
    *ret_live = live;
    return 0;
}

int aif_live_load(const char *user, struct aif_live **ret_live)
{
    int code = aif_live_try(user, ret_live);

    return code ? aif_slurmctld_failed("read the usage", code) : AIF_EXIT_OK;
}

void aif_live_free(struct aif_live *live)
{
    if (!live)
        return;
    slurm_free_assoc_mgr_info_msg(live->info);
    free(live->qos);
    free(live->accounts);
    free(live);
}

struct rank {
    const char *user;
    bool operates;
};

static int look_at_user(void *item, void *arg)
{
    const slurmdb_user_rec_t *rec = item;
    struct rank *rank = arg;

    if (rec->name && !strcmp(rec->name, rank->user))
        rank->operates = rec->admin_level >= SLURMDB_ADMIN_OPERATOR;
    return 0;
}

bool aif_live_is_operator(const struct aif_live *live, const char *user)
{
    struct rank rank = {.user = user};

    aif_slurm_each(live->info->user_list, look_at_user, &rank);
    return rank.operates;
}

const slurmdb_qos_rec_t *aif_live_qos(const struct aif_live *live, const char *name)
{
    slurmdb_qos_rec_t rec = {.name = (char *)name};
    const slurmdb_qos_rec_t *key = &rec;
    const slurmdb_qos_rec_t **found;

    if (!live->qos_count)
        return NULL;
    found = bsearch(&key, live->qos, live->qos_count, sizeof(*live->qos), compare_qos);
    return found ? *found : NULL;
}

const slurmdb_assoc_rec_t *aif_live_account(const struct aif_live *live, const char *account)
{
    slurmdb_assoc_rec_t rec = {.acct = (char *)account};
    const slurmdb_assoc_rec_t *key = &rec;
    const slurmdb_assoc_rec_t **found;

    if (!live->account_count)
        return NULL;
    found = bsearch(&key, live->accounts, live->account_count, sizeof(*live->accounts),
                    compare_account);
    return found ? *found : NULL;
}

static int match_account(void *item, void *arg)
{
    const slurmdb_assoc_rec_t *rec = item;

    return rec->user && rec->acct && !strcmp(rec->acct, arg);
}

bool aif_live_has_account(const struct aif_live *live, const char *account)
{
    return aif_slurm_each(live->info->assoc_list, match_account, (void *)account);
}

static int tres_position(const assoc_mgr_info_msg_t *info, const char *name)
{
    for (uint32_t i = 0; i < info->tres_cnt; i++)
        if (info->tres_names[i] && !strcasecmp(info->tres_names[i], name))
            return (int)i;
    return -1;
}

/* Slurm's two counters of one TRES, in TRES-seconds; false: it keeps none. */
struct counters {
    uint64_t used;
    uint64_t reserved;
};

static uint64_t rounded(const long double *usage, int position)
{
    return usage && usage[position] > 0 ? (uint64_t)(usage[position] + 0.5L) : 0;
}

static bool read_qos(const struct aif_live *live, const char *name, int position,
                     struct counters *ret)
{
    const slurmdb_qos_rec_t *qos = aif_live_qos(live, name);
    const slurmdb_qos_usage_t *usage = qos ? qos->usage : NULL;

    if (!usage || position < 0 || (uint32_t)position >= usage->tres_cnt)
        return false;
    ret->used = rounded(usage->usage_tres_raw, position);
    ret->reserved = usage->grp_used_tres_run_secs ? usage->grp_used_tres_run_secs[position] : 0;
    return true;
}

static bool read_account(const struct aif_live *live, const char *name, int position,
                         struct counters *ret)
{
    const slurmdb_assoc_rec_t *account = aif_live_account(live, name);
    const slurmdb_assoc_usage_t *usage = account ? account->usage : NULL;

    if (!usage || position < 0 || (uint32_t)position >= usage->tres_cnt)
        return false;
    ret->used = rounded(usage->usage_tres_raw, position);
    ret->reserved = usage->grp_used_tres_run_secs ? usage->grp_used_tres_run_secs[position] : 0;
    return true;
}

void aif_live_usage(const struct aif_live *live, const struct aif_policy *policy,
                    const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
    int position = tres_position(live->info, aif_treslist_name(policy, &alloc->charge));
    struct counters main = {0}, free_part = {0};

    memset(ret_usage, 0, sizeof(*ret_usage));
    ret_usage->known = policy->carrier == AIF_CARRIER_ASSOCIATION
                           ? read_account(live, alloc->account, position, &main)
                           : read_qos(live, alloc->qos, position, &main);
    if (alloc->free_qos)
        read_qos(live, alloc->free_qos, position, &free_part);
    ret_usage->used_secs = aif_charge_cost(&alloc->charge, main.used);
    ret_usage->reserved_secs = aif_charge_cost(&alloc->charge, main.reserved);
    ret_usage->free_used_secs = aif_charge_cost(&alloc->charge, free_part.used);
    ret_usage->free_reserved_secs = aif_charge_cost(&alloc->charge, free_part.reserved);
}

struct user_jobs {
    uint32_t uid, running, queued;
};

static int match_user_jobs(void *item, void *arg)
{
    const slurmdb_used_limits_t *used = item;
    struct user_jobs *jobs = arg;

    if (used->uid != jobs->uid)
        return 0;
    jobs->running = used->jobs;
    jobs->queued = used->submit_jobs;
    return 1;
}

void aif_live_user_jobs(const slurmdb_qos_rec_t *qos, uint32_t uid, uint32_t *ret_running,
                        uint32_t *ret_queued)
{
    struct user_jobs jobs = {.uid = uid};

    if (qos && qos->usage)
        aif_slurm_each(qos->usage->user_limit_list, match_user_jobs, &jobs);
    *ret_running = jobs.running;
    *ret_queued = jobs.queued;
}
