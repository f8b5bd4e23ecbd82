/*
 * submit.c - submits jobs as fast as slurmctld takes them (tests/bench decide, site_factor)
 *
 *     submit [pending]
 *
 * One process for all of them: on the machine of slurmctld the start of an sbatch for each would do more to the
 * processor's caches than the submission whose cost is measured; real clients are on other machines. Reads lines
 * "ACCOUNT QOS COMMENT GPUS" and submits what
 *     sbatch --hold -N1 --gpus-per-node=GPUS -t60 -A ACCOUNT --qos=QOS --comment=COMMENT
 * does; with `pending` without --hold. Exit 1 at the first job that is refused.
 */
#include "slurmdb.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void fill_environment(job_desc_msg_t *job)
{
    while (environ[job->env_size])
        job->env_size++;
    job->environment = environ;
}

static void fill_job(job_desc_msg_t *job, char *account, char *qos, char *comment, char *gres)
{
    slurm_init_job_desc_msg(job);
    job->account = account;
    job->qos = qos;
    job->comment = comment;
    job->tres_per_node = gres;
    job->min_nodes = job->max_nodes = 1;
    job->num_tasks = 1;
    job->time_limit = 60;
    job->priority = 0;
    job->user_id = getuid();
    job->group_id = getgid();
    job->name = (char *)"bench";
    job->script = (char *)"#!/bin/sh\ntrue\n";
    job->work_dir = (char *)"/";
    job->std_out = (char *)"/dev/null";
    fill_environment(job);
}

static int submit(char *account, char *qos, char *comment, const char *gpus, bool pending)
{
    submit_response_msg_t *response = NULL;
    job_desc_msg_t job;
    char gres[64];
    int rc;

    snprintf(gres, sizeof(gres), AIF_GRES_GPU "%s", gpus);
    fill_job(&job, account, qos, comment, gres);
    if (pending)
        job.priority = NO_VAL;
    rc = slurm_submit_batch_job(&job, &response);
    if (rc)
        slurm_perror("submit");
    else if (response && response->job_submit_user_msg)
        fprintf(stderr, "%s\n", response->job_submit_user_msg);
    slurm_free_submit_response_response_msg(response);
    return rc;
}

int main(int argc, char **argv)
{
    const bool pending = argc > 1 && !strcmp(argv[1], "pending");
    char account[128], qos[128], comment[256], gpus[16];

    slurm_init(NULL);
    while (scanf("%127s %127s %255s %15s", account, qos, comment, gpus) == 4) {
        if (submit(account, qos, comment, gpus, pending))
            return 1;
    }
    return 0;
}
