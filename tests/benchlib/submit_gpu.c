/*
 * submit_gpu.c - submits GPU jobs as fast as slurmctld takes them (tests/bench select)
 *
 *     submit_gpu NAME PARTITION [ACCOUNT QOS COMMENT]
 *
 * Reads lines "NODES GPUS MINUTES EXCLUDE" and submits what
 *     sbatch -J NAME -p PARTITION -N NODES --gpus-per-node=GPUS -t MINUTES --exclude=EXCLUDE
 * does; EXCLUDE is - for none. With an account the jobs are what
 *     sbatch ... -A ACCOUNT --qos=QOS --comment=COMMENT --begin=now+1hour
 * makes of them. One process for all of them, for the reason that submit.c gives, and
 * because thousands are needed to fill a machine. Exit 1 at the first job that is refused.
 */
#include "slurmdb.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXCLUDE_SIZE 65536
#define LATER 3600

extern char **environ;

static void fill_environment(job_desc_msg_t *job)
{
    while (environ[job->env_size])
        job->env_size++;
    job->environment = environ;
}

static void fill_job(job_desc_msg_t *job, uint32_t nodes, uint32_t minutes, char *gres,
                     char *exclude)
{
    slurm_init_job_desc_msg(job);
    job->tres_per_node = gres;
    job->min_nodes = job->max_nodes = nodes;
    job->num_tasks = nodes;
    job->time_limit = minutes;
    job->exc_nodes = strcmp(exclude, "-") ? exclude : NULL;
    job->user_id = getuid();
    job->group_id = getgid();
    job->script = (char *)"#!/bin/sh\ntrue\n";
    job->work_dir = (char *)"/";
    job->std_out = (char *)"/dev/null";
    fill_environment(job);
}

/* account, QOS, comment; NULL: the user's own, to start at once */
static void fill_account(job_desc_msg_t *job, char **of)
{
    if (!of[0])
        return;
    job->account = of[0];
    job->qos = of[1];
    job->comment = of[2];
    job->begin_time = time(NULL) + LATER;
}

static int submit(char **names, uint32_t nodes, uint32_t gpus, uint32_t minutes, char *exclude)
{
    submit_response_msg_t *response = NULL;
    job_desc_msg_t job;
    char gres[64];
    int rc;

    snprintf(gres, sizeof(gres), AIF_GRES_GPU "%u", gpus);
    fill_job(&job, nodes, minutes, gres, exclude);
    job.name = names[0];
    job.partition = names[1];
    fill_account(&job, names + 2);
    rc = slurm_submit_batch_job(&job, &response);
    if (rc)
        slurm_perror("submit");
    slurm_free_submit_response_response_msg(response);
    return rc;
}

int main(int argc, char **argv)
{
    static char exclude[EXCLUDE_SIZE];
    unsigned nodes, gpus, minutes;

    if (argc != 3 && argc != 6) {
        fprintf(stderr, "submit_gpu: want the jobs' name and partition, and perhaps account, QOS and comment\n");
        return 1;
    }
    slurm_init(NULL);
    while (scanf("%u %u %u %65535s", &nodes, &gpus, &minutes, exclude) == 4) {
        if (submit(argv + 1, nodes, gpus, minutes, exclude))
            return 1;
    }
    return 0;
}
