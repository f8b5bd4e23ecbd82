/* jobfacts.c - see jobfacts.h */
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "jobfacts.h"
#include "slurmconn.h"
#include "treslist.h"

struct job_key {
    const char *text;
    uint32_t job_id;
    uint32_t task; /* NO_VAL: not given */
};

static int parse_number(const char *text, char **ret_end, uint32_t *ret_value)
{
    unsigned long value;

    if (*text < '0' || *text > '9')
        return -1;
    errno = 0;
    value = strtoul(text, ret_end, 10);
    if (errno || value >= NO_VAL)
        return -1;
    *ret_value = (uint32_t)value;
    return 0;
}

static int parse_key(const char *text, struct job_key *key)
{
    char *end;

    key->text = text;
    key->task = NO_VAL;
    if (parse_number(text, &end, &key->job_id) < 0 || !key->job_id)
        return -1;
    if (*end == '_' && parse_number(end + 1, &end, &key->task) < 0)
        return -1;
    return *end ? -1 : 0;
}

static char *user_name(const char *name, uint32_t uid)
{
    const struct passwd *entry = name && *name ? NULL : getpwuid(uid);

    if (name && *name)
        return aif_tool_strdup(name);
    return entry ? aif_tool_strdup(entry->pw_name) : aif_tool_format("%u", uid);
}

static void set_id(struct aif_jobfacts *job, uint32_t job_id, uint32_t array_id, uint32_t task)
{
    if (array_id && task != NO_VAL)
        snprintf(job->id, sizeof(job->id), "%u_%u", array_id, task);
    else
        snprintf(job->id, sizeof(job->id), "%u", array_id ? array_id : job_id);
}

/* ---- slurmctld ---- */

/* What suspension took away is not elapsed (the formula that squeue and sacct use). */
static uint64_t elapsed_of(const slurm_job_info_t *info)
{
    uint32_t base = info->job_state & JOB_STATE_BASE;
    time_t until = base == JOB_RUNNING ? time(NULL) : info->end_time;

    if (base == JOB_PENDING || !info->start_time)
        return 0;
    if (base == JOB_SUSPENDED)
        return (uint64_t)info->pre_sus_time;
    if (info->suspend_time)
        return (uint64_t)(info->pre_sus_time + (until > info->suspend_time ? until - info->suspend_time : 0));
    return until > info->start_time ? (uint64_t)(until - info->start_time) : 0;
}

static void take_info(const slurm_job_info_t *info, const struct aif_policy *policy, struct aif_jobfacts *job)
{
    const char *tres = info->tres_alloc_str && *info->tres_alloc_str ? info->tres_alloc_str : info->tres_req_str;

    set_id(job, AIF_JOB_ID(info), info->array_job_id, info->array_task_id);
    job->record_id = AIF_JOB_ID(info);
    job->live = true;
    job->name = aif_tool_strdup(info->name ? info->name : "");
    job->user = user_name(info->user_name, info->user_id);
    job->account = aif_tool_strdup(info->account ? info->account : "");
    job->qos = aif_tool_strdup(info->qos ? info->qos : "");
    job->partition = aif_tool_strdup(info->partition ? info->partition : "");
    job->nodes = info->nodes && *info->nodes ? aif_tool_strdup(info->nodes) : NULL;
    job->admin_comment = aif_tool_strdup(info->admin_comment);
    job->reason_text = info->state_desc && *info->state_desc ? aif_tool_strdup(info->state_desc) : NULL;
    job->uid = info->user_id;
    job->state = info->job_state & JOB_STATE_BASE;
    job->reason = info->state_reason;
    job->minutes = info->time_limit == INFINITE || info->time_limit == NO_VAL ? UINT32_MAX : info->time_limit;
    job->priority = info->priority;
    job->site_factor = (int64_t)info->site_factor - (int64_t)NICE_OFFSET;
    job->node_count = info->num_nodes;
    job->gpus = aif_treslist_count(tres, policy->gpu_tres);
    job->billing = aif_treslist_count(tres, "billing");
    job->exit_code = (int)(info->exit_code >> 8) & 0xff;
    job->exit_signal = (int)info->exit_code & 0x7f;
    job->submit = info->submit_time;
    job->begin = info->eligible_time;
    job->start = info->start_time;
    job->end = info->end_time;
    job->elapsed = elapsed_of(info);
}

static const slurm_job_info_t *pick_info(const job_info_msg_t *msg, const struct job_key *key)
{
    for (uint32_t i = 0; i < msg->record_count; i++) {
        const slurm_job_info_t *info = &msg->job_array[i];

        if (key->task == NO_VAL ? AIF_JOB_ID(info) == key->job_id : info->array_task_id == key->task)
            return info;
    }
    /* A task that is still part of the pending rest of its array is described by that record. */
    return msg->record_count ? &msg->job_array[0] : NULL;
}

/* 1 found, 0 slurmctld does not know it, -1 slurmctld does not answer (*ret_code says why). */
static int from_ctld(const struct job_key *key, const struct aif_policy *policy, struct aif_jobfacts *job,
                     int *ret_code)
{
    job_info_msg_t *msg = NULL;
    const slurm_job_info_t *info;
    int rc;

    aif_slurm_quiet();
    errno = 0;
    rc = slurm_load_job(&msg, key->job_id, SHOW_ALL | SHOW_DETAIL);
    *ret_code = errno;
    aif_slurm_loud();
    if (rc != SLURM_SUCCESS)
        return *ret_code == ESLURM_INVALID_JOB_ID ? 0 : -1;
    info = pick_info(msg, key);
    if (info)
        take_info(info, policy, job);
    slurm_free_job_info_msg(msg);
    return info ? 1 : 0;
}

/* ---- slurmdbd ---- */

#define BILLING_ID "5" /* fixed in every slurmdbd */

struct row_search {
    const struct job_key *key;
    const slurmdb_job_rec_t *best;
};

/* Requeued jobs have several rows: the newest counts. */
static int match_row(void *item, void *arg)
{
    const slurmdb_job_rec_t *row = item;
    struct row_search *search = arg;
    const struct job_key *key = search->key;

    if (key->task == NO_VAL ? row->jobid != key->job_id
                            : row->array_job_id != key->job_id || row->array_task_id != key->task)
        return 0;
    if (!search->best || row->submit >= search->best->submit)
        search->best = row;
    return 0;
}

struct qos_search {
    uint32_t id;
    const char *found;
};

static int match_qos_id(void *item, void *arg)
{
    const slurmdb_qos_rec_t *qos = item;
    struct qos_search *search = arg;

    if (qos->id != search->id)
        return 0;
    search->found = qos->name;
    return 1;
}

/* slurmdbd's rows hold ids where people want names. */
static int resolve_ids(void *conn, const slurmdb_job_rec_t *row, const struct aif_policy *policy,
                       struct aif_jobfacts *job)
{
    struct qos_search search = {.id = row->qosid};
    const char *tres;
    uint32_t gpu;
    char id[16];
    list_t *list;

    aif_slurm_quiet();
    list = slurmdb_qos_get(conn, NULL);
    aif_slurm_loud();
    aif_slurm_each(list, match_qos_id, &search);
    job->qos = aif_tool_strdup(search.found ? search.found : "");
    if (list)
        slurm_list_destroy(list);
    if (aif_slurmdb_tres_id(conn, policy->gpu_tres, &gpu) != AIF_EXIT_OK)
        return AIF_EXIT_SLURM;
    snprintf(id, sizeof(id), "%u", gpu);
    tres = row->tres_alloc_str && *row->tres_alloc_str ? row->tres_alloc_str : row->tres_req_str;
    job->gpus = aif_treslist_count(tres, id);
    job->billing = aif_treslist_count(tres, BILLING_ID);
    return AIF_EXIT_OK;
}

static void take_row(const slurmdb_job_rec_t *row, struct aif_jobfacts *job)
{
    set_id(job, row->jobid, row->array_job_id, row->array_task_id);
    job->name = aif_tool_strdup(row->jobname ? row->jobname : "");
    job->user = user_name(row->user, row->uid);
    job->account = aif_tool_strdup(row->account ? row->account : "");
    job->partition = aif_tool_strdup(row->partition ? row->partition : "");
    job->nodes = row->nodes && *row->nodes && strcmp(row->nodes, "None assigned") ? aif_tool_strdup(row->nodes) : NULL;
    job->admin_comment = aif_tool_strdup(row->admin_comment);
    job->uid = row->uid;
    job->state = row->state & JOB_STATE_BASE;
    job->reason = WAIT_NO_REASON;
    job->minutes = row->timelimit == INFINITE || row->timelimit == NO_VAL ? UINT32_MAX : row->timelimit;
    job->node_count = row->alloc_nodes;
    job->exit_code = (int)(row->exitcode >> 8) & 0xff;
    job->exit_signal = (int)row->exitcode & 0x7f;
    job->submit = row->submit;
    job->begin = row->eligible;
    job->start = row->start;
    job->end = row->end;
    job->elapsed = row->elapsed;
}

static list_t *fetch_rows(void *conn, const struct job_key *key, const struct aif_policy *policy, int *ret_code)
{
    slurmdb_job_cond_t cond = {0};
    slurm_selected_step_t step = {.array_task_id = key->task, .het_job_offset = NO_VAL};
    list_t *rows;

    step.step_id.job_id = key->job_id;
    step.step_id.step_id = NO_VAL;
    step.step_id.step_het_comp = NO_VAL;
    cond.flags = JOBCOND_FLAG_DUP | JOBCOND_FLAG_NO_STEP | JOBCOND_FLAG_NO_TRUNC;
    cond.db_flags = SLURMDB_JOB_FLAG_NOTSET;
    cond.step_list = slurm_list_create(NULL);
    slurm_list_append(cond.step_list, &step);
    cond.cluster_list = slurm_list_create(NULL);
    slurm_list_append(cond.cluster_list, policy->cluster);
    aif_slurm_quiet();
    errno = 0;
    rows = slurmdb_jobs_get(conn, &cond);
    *ret_code = errno;
    aif_slurm_loud();
    slurm_list_destroy(cond.step_list);
    slurm_list_destroy(cond.cluster_list);
    return rows;
}

/* AIF_EXIT_OK found, AIF_EXIT_FAILED no such job (nothing printed), AIF_EXIT_SLURM after one line. */
static int from_dbd(const struct job_key *key, const struct aif_policy *policy, struct aif_jobfacts *job)
{
    struct row_search search = {.key = key};
    void *conn = aif_slurmdb_open();
    list_t *rows;
    int code;

    if (!conn)
        return AIF_EXIT_SLURM;
    rows = fetch_rows(conn, key, policy, &code);
    aif_slurm_each(rows, match_row, &search);
    code = rows ? AIF_EXIT_OK : aif_slurmdb_failed("read the job", code);
    if (search.best) {
        take_row(search.best, job);
        code = resolve_ids(conn, search.best, policy, job);
    }
    if (rows)
        slurm_list_destroy(rows);
    aif_slurmdb_close(&conn);
    return code == AIF_EXIT_OK && !search.best ? AIF_EXIT_FAILED : code;
}

int aif_jobfacts_load(const char *id, const struct aif_policy *policy, struct aif_jobfacts *ret_job)
{
    struct job_key key;
    int code, found, rc;

    memset(ret_job, 0, sizeof(*ret_job));
    if (parse_key(id, &key) < 0)
        return aif_tool_fail(AIF_EXIT_USAGE, "\"%s\" is no job id; write 123 or, for a task of an array, 123_4; squeue lists yours", id);
    found = from_ctld(&key, policy, ret_job, &code);
    if (found == 1)
        return AIF_EXIT_OK;
    if (found < 0)
        return aif_slurmctld_failed("ask for the job", code);
    rc = from_dbd(&key, policy, ret_job);
    if (rc == AIF_EXIT_FAILED)
        aif_tool_fail(rc, "neither slurmctld nor slurmdbd knows a job %s (or may show it to you); squeue and sacct list yours, \"aif explain\" alone what was refused", id);
    return rc;
}

void aif_jobfacts_free(struct aif_jobfacts *job)
{
    free(job->name);
    free(job->user);
    free(job->account);
    free(job->qos);
    free(job->partition);
    free(job->nodes);
    free(job->admin_comment);
    free(job->reason_text);
    memset(job, 0, sizeof(*job));
}

const char *aif_jobfacts_state(uint32_t state)
{
    static const char *const names[] = {"PENDING", "RUNNING", "SUSPENDED", "COMPLETED", "CANCELLED", "FAILED",
                                        "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE", "OUT_OF_MEMORY"};

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : "UNKNOWN";
}
