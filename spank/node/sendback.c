/* sendback.c - see sendback.h */
#include "sendback.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "admincomment.h"
#include "slurmdb.h"

/* With the time, so that slurmctld tells a second refusal from the first. */
static void note_node(struct aif_admincomment *mark, const char *node)
{
    const time_t now = time(NULL);
    char at[32];
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (snprintf(mark->node, sizeof(mark->node), "%s at %s", node, at) >= (int)sizeof(mark->node))
        snprintf(mark->node, sizeof(mark->node), "? at %s", at);
}

/* Only a note: the job is taken back with or without it. */
static void note_rule(uint32_t job, const char *admin_comment, const char *rule, const char *node)
{
    struct aif_admincomment mark;
    job_desc_msg_t update;
    char *text = NULL;

    if (aif_admincomment_read(admin_comment, &mark) <= 0)
        return;
    snprintf(mark.rule, sizeof(mark.rule), "%s", rule);
    note_node(&mark, node);
    if (aif_admincomment_merge(admin_comment, &mark, &text, NULL))
        return;
    slurm_init_job_desc_msg(&update);
    AIF_JOB_ID(&update) = job;
    update.admin_comment = text;
    slurm_update_job(&update);
    free(text);
}

/* The whole of a heterogeneous job: a component cannot go alone. */
static uint32_t look_up(uint32_t job, const char *rule, const char *node)
{
    job_info_msg_t *found = NULL;
    uint32_t whole = job;

    if (slurm_load_job(&found, job, SHOW_ALL) != SLURM_SUCCESS)
        return job;
    for (uint32_t i = 0; i < found->record_count; i++) {
        const job_info_t *info = &found->job_array[i];

        if (AIF_JOB_ID(info) != job)
            continue;
        note_rule(job, info->admin_comment, rule, node);
        whole = info->het_job_id ? info->het_job_id : job;
    }
    slurm_free_job_info_msg(found);
    return whole;
}

int aif_node_sendback(uint32_t job, const char *rule, const char *node, struct aif_error *err)
{
    uint32_t whole = look_up(job, rule, node);

    if (slurm_requeue(whole, JOB_REQUEUE_HOLD) == SLURM_SUCCESS ||
        slurm_kill_job(whole, SIGKILL, 0) == SLURM_SUCCESS)
        return 0;
    return aif_error_set(err, AIF_EIO, "job %u can be neither requeued nor cancelled: %s", whole,
                         slurm_strerror(errno));
}
