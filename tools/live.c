/* live.c - see live.h */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "live.h"
#include "slurmconn.h"

struct aif_live {
    assoc_mgr_info_msg_t *info;
    const slurmdb_qos_rec_t **qos; /* sorted by name */
    size_t qos_count;
};

static int compare_qos(const void *a, const void *b)
{
    const slurmdb_qos_rec_t *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static int take_qos(void *item, void *arg)
{
    const slurmdb_qos_rec_t *rec = item;
    struct aif_live *live = arg;

    if (rec->name)
        live->qos[live->qos_count++] = rec;
    return 0;
}

static int fetch(const char *user, assoc_mgr_info_msg_t **ret_info)
{
    assoc_mgr_info_request_msg_t request = {.flags = ASSOC_MGR_INFO_FLAG_QOS};
    int rc, code;

    if (user) {
        request.flags |= ASSOC_MGR_INFO_FLAG_ASSOC;
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
    return rc == SLURM_SUCCESS && *ret_info ? AIF_EXIT_OK : aif_slurmctld_failed("read the usage", code);
}

int aif_live_load(const char *user, struct aif_live **ret_live)
{
    struct aif_live *live;
    assoc_mgr_info_msg_t *info = NULL;
    int rc = fetch(user, &info);

    if (rc != AIF_EXIT_OK)
        return rc;
    live = aif_tool_alloc(1, sizeof(*live));
    live->info = info;
    live->qos = aif_tool_alloc(info->qos_list ? (size_t)slurm_list_count(info->qos_list) : 0, sizeof(*live->qos));
    aif_slurm_each(info->qos_list, take_qos, live);
    if (live->qos_count)
        qsort(live->qos, live->qos_count, sizeof(*live->qos), compare_qos);
    *ret_live = live;
    return AIF_EXIT_OK;
}

void aif_live_free(struct aif_live *live)
{
    if (!live)
        return;
    slurm_free_assoc_mgr_info_msg(live->info);
    free(live->qos);
    free(live);
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

void aif_live_usage(const struct aif_live *live, const struct aif_policy *policy, const struct aif_alloc *alloc,
                    struct aif_usage *ret_usage)
{
    const slurmdb_qos_rec_t *qos = aif_live_qos(live, alloc->qos);
    int position = tres_position(live->info, alloc->unit == AIF_UNIT_NODE_HOUR ? "node" : policy->gpu_tres);
    const slurmdb_qos_usage_t *usage = qos ? qos->usage : NULL;

    memset(ret_usage, 0, sizeof(*ret_usage));
    if (!usage || position < 0 || (uint32_t)position >= usage->tres_cnt)
        return;
    ret_usage->known = true;
    if (usage->usage_tres_raw && usage->usage_tres_raw[position] > 0)
        ret_usage->used_secs = (uint64_t)(usage->usage_tres_raw[position] + 0.5L);
    if (usage->grp_used_tres_run_secs)
        ret_usage->reserved_secs = usage->grp_used_tres_run_secs[position];
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

void aif_live_user_jobs(const slurmdb_qos_rec_t *qos, uint32_t uid, uint32_t *ret_running, uint32_t *ret_queued)
{
    struct user_jobs jobs = {.uid = uid};

    if (qos && qos->usage)
        aif_slurm_each(qos->usage->user_limit_list, match_user_jobs, &jobs);
    *ret_running = jobs.running;
    *ret_queued = jobs.queued;
}

uint64_t aif_live_left(const struct aif_alloc *alloc, const struct aif_usage *usage)
{
    uint64_t taken = usage->used_secs + usage->reserved_secs;

    return alloc->amount_secs > taken ? alloc->amount_secs - taken : 0;
}
