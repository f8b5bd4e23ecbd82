/*
 * placement_sim.c - a list of GPU jobs on a cluster of nodes, once per way to place them
 * (tests/bench placement)
 *
 *     placement_sim KEY=NUMBER... ARM... < JOBS
 *
 * Keys are those of struct placement_shape and struct placement_conf, arms those of
 * placement_arm_names. JOBS: their number, then a line each, by submit time: "SUBMIT DURATION LIMIT
 * NODES GPUS", times in seconds, GPUs per node. Prints "key value" lines per arm, each begun by
 * "arm NAME" (placement_report.h).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "placement_plan.h"
#include "placement_report.h"

#define JOBS_MAX 10000000u
#define SECONDS_MAX 1000000000u

struct key {
    const char *name;
    uint32_t *value;
    uint32_t min, max;
};

struct arguments {
    struct placement_sim sim;
    uint32_t pairs, trace;
    bool arms[PLACEMENT_ARMS];
};

/* ---- arguments ---- */

static int set_key(const struct key *keys, const char *text)
{
    for (const struct key *key = keys; key->name; key++) {
        const size_t length = strlen(key->name);
        char *end;
        unsigned long value;

        if (strncmp(text, key->name, length) || text[length] != '=')
            continue;
        value = strtoul(text + length + 1, &end, 10);
        if (*end || value < key->min || value > key->max)
            return -1;
        *key->value = (uint32_t)value;
        return 0;
    }
    return -1;
}

static int set_arm(struct arguments *args, const char *text)
{
    for (int i = 0; i < PLACEMENT_ARMS; i++) {
        if (!strcmp(text, placement_arm_names[i])) {
            args->arms[i] = true;
            return 0;
        }
    }
    return -1;
}

static int configure(struct arguments *args, int argc, char **argv)
{
    struct placement_shape *shape = &args->sim.shape;
    struct placement_conf *conf = &args->sim.conf;
    const struct key keys[] = {{"nodes", &shape->nodes, 1, AIF_FABRIC_NODES_MAX},
                               {"gpus", &shape->gpus, 1, PLACEMENT_GPUS_MAX},
                               {"leaf", &shape->leaf, 1, AIF_FABRIC_NODES_MAX},
                               {"group", &shape->group, 0, AIF_FABRIC_NODES_MAX},
                               {"pairs", &args->pairs, 0, 1},
                               {"begin", &conf->begin, 0, SECONDS_MAX},
                               {"end", &conf->end, 1, SECONDS_MAX},
                               {"depth", &conf->depth, 1, JOBS_MAX},
                               {"reserve", &conf->reserve, 1, PLACEMENT_PLANS_MAX},
                               {"leftover", &conf->leftover_seconds, 0, 1000000},
                               {"strict", &conf->strict_seconds, 0, SECONDS_MAX},
                               {"slow_leaf", &conf->slow_leaf, 0, 10000},
                               {"slow_group", &conf->slow_group, 0, 10000},
                               {"trace", &args->trace, 0, 1},
                               {NULL, NULL, 0, 0}};

    for (int i = 0; i < argc; i++) {
        if (strchr(argv[i], '=') ? set_key(keys, argv[i]) : set_arm(args, argv[i])) {
            fprintf(stderr, "placement_sim: %s: no such key or arm, or a number out of range\n",
                    argv[i]);
            return -1;
        }
    }
    shape->pairs = args->pairs;
    conf->trace = args->trace;
    return 0;
}

/* ---- jobs ---- */

static bool is_possible(const struct placement_sim *sim, uint32_t index)
{
    const struct placement_job *job = &sim->jobs[index];

    return job->submit >= (index ? job[-1].submit : 0) && job->submit <= SECONDS_MAX &&
           job->duration >= 1 && job->limit >= job->duration && job->limit <= SECONDS_MAX &&
           job->gpus >= 1 && job->gpus <= sim->shape.gpus && job->nodes >= 1 &&
           job->nodes <= sim->shape.nodes;
}

/* Jobs of equal size have equal numbers, looked up among those before. */
static int number_size(struct placement_sim *sim, uint32_t index, uint32_t *firsts)
{
    struct placement_job *job = &sim->jobs[index];

    for (job->size = 0; job->size < sim->size_count; job->size++) {
        const struct placement_job *first = &sim->jobs[firsts[job->size]];

        if (first->nodes == job->nodes && first->gpus == job->gpus)
            return 0;
    }
    if (job->size == PLACEMENT_SIZES_MAX)
        return -1;
    firsts[sim->size_count++] = index;
    return 0;
}

static int read_jobs(struct placement_sim *sim)
{
    uint32_t firsts[PLACEMENT_SIZES_MAX];

    if (scanf("%" SCNu32, &sim->count) != 1 || sim->count < 1 || sim->count > JOBS_MAX) {
        fprintf(stderr, "placement_sim: want the number of jobs first, 1 to %u\n", JOBS_MAX);
        return -1;
    }
    sim->jobs = calloc(sim->count, sizeof(*sim->jobs));
    if (!sim->jobs)
        return -1;
    for (uint32_t i = 0; i < sim->count; i++) {
        struct placement_job *job = &sim->jobs[i];

        if (scanf("%" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, &job->submit,
                  &job->duration, &job->limit, &job->nodes, &job->gpus) != 5 ||
            !is_possible(sim, i) || number_size(sim, i, firsts)) {
            fprintf(stderr,
                    "placement_sim: job %u: want SUBMIT DURATION LIMIT NODES GPUS, in order, not "
                    "larger than the cluster nor longer than the limit, of at most %d sizes\n",
                    i, PLACEMENT_SIZES_MAX);
            return -1;
        }
    }
    return 0;
}

/*
 * What a node with so many GPUs free cannot give to a typical job of one node or more: all of them,
 * for each job that needs more there (Weng et al., ATC'23).
 */
static void weigh_fragments(struct placement_sim *sim)
{
    double more[PLACEMENT_GPUS_MAX + 1] = {0};

    for (uint32_t i = 0; i < sim->count; i++) {
        for (uint32_t k = 0; k < sim->jobs[i].gpus; k++)
            more[k]++;
    }
    for (uint32_t k = 0; k <= PLACEMENT_GPUS_MAX; k++)
        sim->fragment_of[k] = k * more[k] / sim->count;
}

int main(int argc, char **argv)
{
    struct arguments args = {.sim = {.shape = {.nodes = 64, .gpus = 4, .leaf = 16},
                                     .conf = {.end = SECONDS_MAX,
                                              .depth = 1000,
                                              .reserve = 1,
                                              .leftover_seconds = 60,
                                              .strict_seconds = 86400}}};
    struct placement_sim *sim = &args.sim;
    int rc = configure(&args, argc - 1, argv + 1) || read_jobs(sim);

    if (!rc)
        weigh_fragments(sim);
    for (int i = 0; i < PLACEMENT_ARMS && !rc; i++) {
        if (!args.arms[i])
            continue;
        sim->arm = (enum placement_arm)i;
        rc = placement_sim_run(sim) || placement_report(sim);
    }
    free(sim->jobs);
    return rc ? 1 : 0;
}
