/* aif-reportd-row.c - a row of slurmdbd's job table as a usage record; see aif-reportd.h */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "admincomment.h"
#include "aif-reportd.h"
#include "trestext.h"

#define TRES_CPU_ID 1 /* the same in every database, see slurm_protocol_defs.h */

static const char *state_name(uint32_t state, char *buffer, size_t size)
{
    static const char *const names[] = {
        [JOB_PENDING] = "PENDING",     [JOB_RUNNING] = "RUNNING",     [JOB_SUSPENDED] = "SUSPENDED",
        [JOB_COMPLETE] = "COMPLETED",  [JOB_CANCELLED] = "CANCELLED", [JOB_FAILED] = "FAILED",
        [JOB_TIMEOUT] = "TIMEOUT",     [JOB_NODE_FAIL] = "NODE_FAIL", [JOB_PREEMPTED] = "PREEMPTED",
        [JOB_BOOT_FAIL] = "BOOT_FAIL", [JOB_DEADLINE] = "DEADLINE",   [JOB_OOM] = "OUT_OF_MEMORY",
    };
    uint32_t base = state & JOB_STATE_BASE;

    if (state & JOB_RESIZING)
        return "RESIZING";
    if (state & JOB_REQUEUE)
        return "REQUEUED";
    if (base < sizeof(names) / sizeof(names[0]))
        return names[base];
    snprintf(buffer, size, "STATE_%u", base); /* of a later Slurm: its usage counts all the same */
    return buffer;
}

static int copy_name(char *target, size_t size, const char *source, const char *what,
                     struct aif_error *err)
{
    if (!source)
        source = "";
    if (strlen(source) >= size)
        return aif_error_set(err, AIF_ELIMIT, "%s longer than %zu bytes", what, size - 1);
    memcpy(target, source, strlen(source) + 1);
    return 0;
}

static int copy_names(const slurmdb_job_rec_t *job, const char *qos, struct aif_record *record,
                      struct aif_error *err)
{
    char buffer[24];

    if (copy_name(record->account, sizeof(record->account), job->account, "account", err) < 0 ||
        copy_name(record->user, sizeof(record->user), job->user, "user", err) < 0 ||
        copy_name(record->partition, sizeof(record->partition), job->partition, "partition", err) < 0 ||
        copy_name(record->qos, sizeof(record->qos), qos, "QOS", err) < 0)
        return -1;
    return copy_name(record->state, sizeof(record->state), state_name(job->state, buffer, sizeof(buffer)),
                     "state", err);
}

static void copy_times(const slurmdb_job_rec_t *job, struct aif_record *record)
{
    record->submit = job->submit;
    /* A job that never could start has none, or INFINITE in its place. */
    if (job->eligible > 0 && job->eligible != (time_t)INFINITE && job->eligible != (time_t)NO_VAL)
        record->eligible = job->eligible;
    record->end = job->end;
    /* Cancelled before it started: no start, or NO_VAL in its place. */
    record->start = job->start == (time_t)NO_VAL ? 0 : job->start;
    record->elapsed = record->start ? job->elapsed : 0;
}

static int copy_counts(const struct aif_reportd_rows *rows, const slurmdb_job_rec_t *job,
                       struct aif_record *record, struct aif_error *err)
{
    const char *text = job->tres_alloc_str;

    /* Totals over all nodes already: nothing here is ever multiplied by the number of nodes. */
    if (aif_trestext_count(text, rows->gpu_tres, &record->gpus) < 0 ||
        aif_trestext_count(text, rows->node_tres, &record->nodes) < 0 ||
        aif_trestext_count(text, rows->billing_tres, &record->billing) < 0)
        return aif_error_set(err, AIF_EINVAL, "allocated resources \"%.80s\" are malformed", text);
    if (text && *text)
        return 0;
    if (record->elapsed)
        return aif_error_set(err, AIF_EINVAL, "ran %llu s, but without allocated resources",
                             (unsigned long long)record->elapsed);
    /* Cancelled before it started: slurmdbd may put the end in place of the start. */
    record->start = 0;
    return 0;
}

/* What was asked for is only compared with: where slurmdbd has none, or nonsense, it is not known. */
static uint64_t asked(const char *text, uint32_t tres)
{
    uint64_t count = 0;

    if (aif_trestext_count(text, tres, &count) < 0 || count > AIF_RECORD_BILLING_MAX)
        return 0;
    return count;
}

static void copy_asked(const struct aif_reportd_rows *rows, const slurmdb_job_rec_t *job, struct aif_record *record)
{
    record->cpus = asked(job->tres_alloc_str, TRES_CPU_ID);
    record->req_cpus = asked(job->tres_req_str, TRES_CPU_ID);
    record->req_gpus = asked(job->tres_req_str, rows->gpu_tres);
    record->req_nodes = asked(job->tres_req_str, rows->node_tres);
    record->req_billing = asked(job->tres_req_str, rows->billing_tres);
    if (job->timelimit != NO_VAL && job->timelimit != INFINITE)
        record->timelimit = (uint64_t)job->timelimit * 60;
}

/* Of several allocations of one account: what the job itself says, else the only one whose time it ran in. */
static int alloc_of_account(const struct aif_reportd_rows *rows, const slurmdb_job_rec_t *job,
                            const char *said, const struct aif_alloc **ret_alloc,
                            struct aif_error *err)
{
    const struct aif_alloc *first = aif_alloctable_by_account(rows->snapshot->allocs, job->account);
    const struct aif_alloc *found = NULL;
    time_t when = job->start && job->start != (time_t)NO_VAL ? job->start : job->submit;
    int fitting = 0;

    if (!first || !first->next_of_account) {
        *ret_alloc = first;
        return 0;
    }
    for (const struct aif_alloc *alloc = first; alloc; alloc = alloc->next_of_account) {
        if (!strcasecmp(alloc->id, said)) {
            *ret_alloc = alloc;
            return 0;
        }
        if (when >= alloc->start && when <= alloc->end) {
            fitting++;
            found = alloc;
        }
    }
    if (fitting != 1)
        return aif_error_set(err, AIF_EINVAL, "account %.60s: %d allocations of it fit the job's time", job->account,
                             fitting);
    *ret_alloc = found;
    return 0;
}

static int find_alloc(const struct aif_reportd_rows *rows, const slurmdb_job_rec_t *job, const char *qos,
                      const char *said, const struct aif_alloc **ret_alloc, struct aif_error *err)
{
    *ret_alloc = *qos ? aif_alloctable_by_qos(rows->snapshot->allocs, qos) : NULL;
    if (*ret_alloc || !job->account)
        return 0;
    return alloc_of_account(rows, job, said, ret_alloc, err);
}

/* What an operator may have made of it is no score; nor has a job one that never ran. */
static void copy_score(const char *said, struct aif_record *record)
{
    uint32_t percent;

    if (record->start && *said && !aif_placescore_read(said, &percent, NULL))
        snprintf(record->score, sizeof(record->score), "%s", said);
}

/* What the policy wants to be known of the user. */
static int hide_user(const struct aif_reportd_rows *rows, struct aif_record *record, struct aif_error *err)
{
    char user[sizeof(record->user)];

    if (rows->snapshot->policy->report.users == AIF_USERS_NONE)
        record->user[0] = '\0';
    if (!rows->pseudonym)
        return 0;
    memcpy(user, record->user, sizeof(user));
    return aif_pseudonym_name(rows->pseudonym, user, record->user, err);
}

int aif_reportd_pseudonym(const struct aif_reportd *reportd, struct aif_pseudonym *ret_pseudonym, struct aif_error *err)
{
    const char *path = reportd->snapshot->policy->report.users_key;
    struct aif_error why = {0};
    int rc = aif_pseudonym_load(path, ret_pseudonym, &why);

    if (rc < 0 && why.code == AIF_ENOENT && aif_pseudonym_create(path, &why) == 0)
        rc = aif_pseudonym_load(path, ret_pseudonym, &why);
    if (rc < 0)
        *err = why;
    return rc;
}

int aif_reportd_row(const struct aif_reportd_rows *rows, const slurmdb_job_rec_t *job,
                    struct aif_record *ret_record, struct aif_error *err)
{
    const char *qos = aif_reportd_qos_name(rows->qos, job->qosid);
    const struct aif_alloc *alloc = NULL;
    struct aif_admincomment ours = {0};

    *ret_record = (struct aif_record){.db_index = job->db_index, .job_id = job->jobid};
    if (copy_name(ret_record->cluster, sizeof(ret_record->cluster), job->cluster, "cluster", err) < 0)
        return -1;
    aif_admincomment_read(job->admin_comment ? job->admin_comment : "", &ours);
    if (find_alloc(rows, job, qos, ours.alloc, &alloc, err) < 0)
        return -1;
    if (!alloc)
        return 0;
    copy_times(job, ret_record);
    copy_asked(rows, job, ret_record);
    if (copy_name(ret_record->allocation, sizeof(ret_record->allocation), alloc->id, "allocation", err) < 0 ||
        copy_names(job, qos, ret_record, err) < 0 || copy_counts(rows, job, ret_record, err) < 0 ||
        hide_user(rows, ret_record, err) < 0)
        return -1;
    snprintf(ret_record->mode, sizeof(ret_record->mode), "%s", alloc->mode->name);
    snprintf(ret_record->residency, sizeof(ret_record->residency), "%s", ours.residency);
    snprintf(ret_record->purpose, sizeof(ret_record->purpose), "%s", ours.purpose);
    copy_score(ours.score, ret_record);
    return aif_record_check(ret_record, err) < 0 ? -1 : 1;
}
