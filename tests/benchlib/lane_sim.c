/*
 * lane_sim.c - start times of a list of jobs on a cluster of GPUs, with priorities by the lane
 * engine or without it (tests/bench lane)
 *
 *     lane_sim CONF_DIR KEY=NUMBER... < JOBS
 *
 * Policy and allocations are read from CONF_DIR like the plugins do; keys are those of struct
 * lane_sim_conf. JOBS: their number, then a line each, by submit time: "SUBMIT DURATION LIMIT GPUS
 * QOS", times in seconds. Prints the start times in that order, a line each, and a last line "TICKS
 * CLOSED": priority computations, and how many saw a lane closed by its share.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lane_sched.h"

#define JOBS_MAX 10000000u
#define SECONDS_MAX 1000000000
#define EPOCH INT64_C(1767225600) /* second 0 of the trace: 2026-01-01T00:00:00Z */

struct key {
    const char *name;
    int64_t *value;
    int64_t min, max;
};

static int set_key(struct key *keys, const char *text)
{
    for (struct key *key = keys; key->name; key++) {
        const size_t length = strlen(key->name);
        char *end;

        if (strncmp(text, key->name, length) || text[length] != '=')
            continue;
        *key->value = strtoll(text + length + 1, &end, 10);
        if (*end || *key->value < key->min || *key->value > key->max)
            break;
        return 0;
    }
    fprintf(stderr, "lane_sim: %s: no such key, or a number outside of its range\n", text);
    return -1;
}

static int configure(struct lane_sim_conf *conf, int argc, char **argv)
{
    struct key keys[] = {{"gpus", &conf->gpus, 1, 10000000},
                         {"recheck", &conf->recheck, 1, 86400},
                         {"reserve", &conf->reserve, 0, 100000},
                         {"depth", &conf->depth, 1, JOBS_MAX},
                         {"age_weight", &conf->age_weight, 0, 1000000000},
                         {"age_max", &conf->age_max, 1, SECONDS_MAX},
                         {"qos", &conf->qos, 0, 4000000000},
                         {"lane", &conf->lane, 0, 1},
                         {NULL, NULL, 0, 0}};

    for (int i = 0; i < argc; i++) {
        if (set_key(keys, argv[i]))
            return -1;
    }
    return 0;
}

/* ---- jobs ---- */

static bool is_possible(const struct lane_sim *sim, size_t index)
{
    const struct lane_sim_job *job = &sim->jobs[index];

    return job->submit >= (index ? job[-1].submit : EPOCH) && job->submit <= EPOCH + SECONDS_MAX &&
           job->duration >= 1 && job->limit >= job->duration && job->limit <= SECONDS_MAX &&
           job->gpus >= 1 && job->gpus <= sim->conf.gpus;
}

static int read_job(struct lane_sim *sim, size_t index, const struct aif_alloctable *allocs)
{
    struct lane_sim_job *job = &sim->jobs[index];
    char qos[128];

    *job = (struct lane_sim_job){.start = -1};
    if (scanf("%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %127s", &job->submit, &job->duration,
              &job->limit, &job->gpus, qos) != 5) {
        fprintf(stderr, "lane_sim: job %zu: want SUBMIT DURATION LIMIT GPUS QOS\n", index);
        return -1;
    }
    job->submit += EPOCH;
    job->alloc = aif_alloctable_by_qos(allocs, qos);
    if (job->alloc && is_possible(sim, index))
        return 0;
    fprintf(stderr, "lane_sim: job %zu: %s\n", index,
            job->alloc ? "out of order, larger than the cluster, or longer than its limit"
                       : "no allocation has this QOS");
    return -1;
}

static int read_jobs(struct lane_sim *sim, const struct aif_alloctable *allocs)
{
    if (scanf("%zu", &sim->count) != 1 || sim->count < 1 || sim->count > JOBS_MAX) {
        fprintf(stderr, "lane_sim: want the number of jobs first, 1 to %u\n", JOBS_MAX);
        return -1;
    }
    sim->jobs = calloc(sim->count, sizeof(*sim->jobs));
    if (!sim->jobs)
        return -1;
    for (size_t i = 0; i < sim->count; i++) {
        if (read_job(sim, i, allocs))
            return -1;
    }
    return 0;
}

static void print_starts(const struct lane_sim *sim)
{
    for (size_t i = 0; i < sim->count; i++)
        printf("%" PRId64 "\n", sim->jobs[i].start - EPOCH);
    printf("%" PRIu64 " %" PRIu64 "\n", sim->ticks, sim->closed_ticks);
}

int main(int argc, char **argv)
{
    struct lane_sim sim = {
        .conf = {.gpus = 1024, .recheck = 30, .reserve = 10, .depth = 1000, .age_max = 604800}};
    struct aif_snapshot *site = NULL;
    struct aif_error err = {0};
    int rc = 1;

    if (argc < 2 || configure(&sim.conf, argc - 2, argv + 2)) {
        fprintf(stderr, "usage: lane_sim CONF_DIR KEY=NUMBER... < JOBS\n");
        return 2;
    }
    if (aif_snapshot_load(argv[1], &site, &err)) {
        fprintf(stderr, "lane_sim: %s\n", err.text);
        return 1;
    }
    sim.policy = site->policy;
    if (!read_jobs(&sim, site->allocs) && !lane_sim_run(&sim)) {
        print_starts(&sim);
        rc = 0;
    }
    free(sim.jobs);
    aif_snapshot_put(site);
    return rc;
}
