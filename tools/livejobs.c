/* livejobs.c - see livejobs.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "admincomment.h"
#include "array_count.h"
#include "common.h"
#include "joballoc.h"
#include "livejobs.h"
#include "slurmconn.h"
#include "treslist.h"

/* ---- slurmctld's job list ---- */

static bool is_ready(const slurm_job_info_t *info)
{
    return info->priority &&
           (info->state_reason == WAIT_NO_REASON || info->state_reason == WAIT_PRIORITY ||
            info->state_reason == WAIT_RESOURCES);
}

static void set_state(const slurm_job_info_t *info, struct aif_livejob *job)
{
    const uint32_t base = info->job_state & JOB_STATE_BASE;
    const bool ran = info->nodes && *info->nodes;

    if (base == JOB_PENDING) {
        job->state = AIF_LIVEJOB_WAITING;
        job->held = !info->priority;
        job->ready = is_ready(info);
        job->tasks = aif_array_count(info->array_task_str, UINT32_MAX);
    } else if (base == JOB_RUNNING || base == JOB_SUSPENDED) {
        job->state = AIF_LIVEJOB_RUNNING;
        job->start = info->start_time;
    } else {
        job->state = AIF_LIVEJOB_ENDED;
        job->end = info->end_time;
        job->start = ran ? info->start_time : 0; /* one that was cancelled has its end there */
    }
}

static void set_owner(const slurm_job_info_t *info, const struct aif_snapshot *snapshot,
                      struct aif_livejob *job)
{
    struct aif_admincomment ours = {0};

    if (info->admin_comment && aif_admincomment_read(info->admin_comment, &ours) != 1)
        memset(&ours, 0, sizeof(ours));
    job->alloc = aif_joballoc_find(snapshot, info->qos, info->account, &ours);
    job->free = aif_joballoc_is_free(job->alloc, info->qos);
}

static void take(const slurm_job_info_t *info, const struct aif_snapshot *snapshot,
                 struct aif_livejob *job)
{
    const char *tres =
        info->tres_alloc_str && *info->tres_alloc_str ? info->tres_alloc_str : info->tres_req_str;

    job->id = AIF_JOB_ID(info);
    job->tasks = 1;
    set_owner(info, snapshot, job);
    set_state(info, job);
    job->partitions = info->partition ? info->partition : "";
    job->submit = info->submit_time;
    job->eligible = info->eligible_time;
    job->gpus = aif_treslist_count(tres, snapshot->policy->gpu_tres);
    job->priority = info->priority;
    job->site = (int64_t)info->site_factor - (int64_t)NICE_OFFSET;
}

static int compare_ids(const void *a, const void *b)
{
    const struct aif_livejob *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static void take_all(const job_info_msg_t *info, const struct aif_snapshot *snapshot,
                     struct aif_livejobs *jobs)
{
    jobs->jobs = aif_tool_alloc(info->record_count, sizeof(*jobs->jobs));
    for (uint32_t i = 0; i < info->record_count; i++)
        if (!(info->job_array[i].job_state &
              JOB_REVOKED)) /* runs on another cluster of a federation */
            take(&info->job_array[i], snapshot, &jobs->jobs[jobs->count++]);
    qsort(jobs->jobs, jobs->count, sizeof(*jobs->jobs), compare_ids);
}

/* ---- what is kept from the caller ---- */

static bool sees_others(const job_info_msg_t *info)
{
    for (uint32_t i = 0; i < info->record_count; i++)
        if (info->job_array[i].user_id != getuid())
            return true;
    return false;
}

static bool is_word(const char *text, const char *word)
{
    return text && !strcmp(text, word);
}

/* Operators and coordinators see more than users; that they do is seen by what they see. */
static void read_conf(const job_info_msg_t *info, struct aif_livejobs *jobs)
{
    slurm_conf_t *conf = NULL;
    int rc;

    aif_slurm_quiet();
    rc = slurm_load_ctl_conf((time_t)0, &conf);
    aif_slurm_loud();
    if (rc != SLURM_SUCCESS)
        return;
    jobs->plugin = is_word(conf->priority_type, "priority/aif") ||
                   is_word(conf->site_factor_plugin, "site_factor/aif");
    jobs->state_dir = aif_tool_strdup(conf->state_save_location);
    jobs->hidden = (conf->private_data & PRIVATE_DATA_JOBS) && getuid() &&
                   getuid() != conf->slurm_user_id && !sees_others(info);
    slurm_free_ctl_conf(conf);
}

/* ---- what priorities are made of ---- */

/* 0 for what is none: no factor is as large as that. */
static int64_t points(double value)
{
    return value > -1e12 && value < 1e12 ? (int64_t)(value + (value < 0 ? -0.5 : 0.5)) : 0;
}

/* Partition, QOS, association, TRES. */
static int64_t other_points(const priority_factors_object_t *object)
{
    double sum = AIF_PRIO_FACTORS(object)->priority_part + AIF_PRIO_FACTORS(object)->priority_qos +
                 AIF_PRIO_FACTORS(object)->priority_assoc;

    for (uint32_t i = 0;
         AIF_PRIO_FACTORS(object)->priority_tres && i < AIF_PRIO_FACTORS(object)->tres_cnt; i++)
        sum += AIF_PRIO_FACTORS(object)->priority_tres[i];
    return points(sum);
}

/* All but the rest come rounded; the rest is what makes them add up, unless Slurm has cut the sum:
 * it gives at least 1. */
static void set_other(const priority_factors_object_t *object, struct aif_livejob *job)
{
    const int64_t sum = job->site + job->factors[AIF_FACTOR_AGE] +
                        job->factors[AIF_FACTOR_FAIR_SHARE] + job->factors[AIF_FACTOR_SIZE];
    const int64_t other = other_points(object) - job->nice;

    job->least = job->priority == 1 && sum + other < 1;
    job->factors[AIF_FACTOR_OTHER] = job->least ? other : (int64_t)job->priority - sum;
}

static int take_factors(void *item, void *arg)
{
    const priority_factors_object_t *object = item;
    struct aif_livejobs *jobs = arg;
    const struct aif_livejob key = {.id = AIF_PRIO_JOB_ID(object)};
    struct aif_livejob *job = bsearch(&key, jobs->jobs, jobs->count, sizeof(key), compare_ids);

    if (!job)
        return 0;
    job->direct = object->direct_prio > 0;
    if (job->direct || !AIF_PRIO_FACTORS(object))
        return 0;
    job->has_factors = true;
    job->factors[AIF_FACTOR_AGE] = points(AIF_PRIO_FACTORS(object)->priority_age);
    job->factors[AIF_FACTOR_FAIR_SHARE] = points(AIF_PRIO_FACTORS(object)->priority_fs);
    job->factors[AIF_FACTOR_SIZE] = points(AIF_PRIO_FACTORS(object)->priority_js);
    job->nice = (int64_t)AIF_PRIO_FACTORS(object)->nice - (int64_t)NICE_OFFSET;
    set_other(object, job);
    return 0;
}

/* Without an answer (another priority plugin) all jobs are without factors. */
static void load_factors(struct aif_livejobs *jobs)
{
    priority_factors_response_msg_t *response = NULL;
    int rc;

    aif_slurm_quiet();
    rc = AIF_LOAD_JOB_PRIO(&response);
    aif_slurm_loud();
    if (rc != SLURM_SUCCESS)
        return;
    aif_slurm_each(response->priority_factors_list, take_factors, jobs);
    slurm_free_priority_factors_response_msg(response);
}

int aif_livejobs_load(const struct aif_snapshot *snapshot, struct aif_livejobs **ret_jobs)
{
    struct aif_livejobs *jobs;
    job_info_msg_t *info = NULL;
    int rc = aif_slurmctld_jobs("read the queue", &info);

    if (rc != AIF_EXIT_OK)
        return rc;
    jobs = aif_tool_alloc(1, sizeof(*jobs));
    jobs->message = info;
    take_all(info, snapshot, jobs);
    read_conf(info, jobs);
    load_factors(jobs);
    *ret_jobs = jobs;
    return AIF_EXIT_OK;
}

void aif_livejobs_free(struct aif_livejobs *jobs)
{
    if (!jobs)
        return;
    slurm_free_job_info_msg(jobs->message);
    free(jobs->jobs);
    free(jobs->state_dir);
    free(jobs);
}

struct aif_livejob *aif_livejobs_find(const struct aif_livejobs *jobs, uint32_t id)
{
    const struct aif_livejob key = {.id = id};

    return bsearch(&key, jobs->jobs, jobs->count, sizeof(key), compare_ids);
}

uint64_t aif_livejobs_capacity(const struct aif_policy *policy)
{
    node_info_msg_t *nodes = NULL;
    uint64_t gpus = 0;
    int rc;

    aif_slurm_quiet();
    rc = slurm_load_node((time_t)0, &nodes, SHOW_ALL);
    aif_slurm_loud();
    if (rc != SLURM_SUCCESS)
        return 0;
    for (uint32_t i = 0; i < nodes->record_count; i++)
        gpus += aif_treslist_count(nodes->node_array[i].tres_fmt_str, policy->gpu_tres);
    slurm_free_node_info_msg(nodes);
    return gpus;
}
