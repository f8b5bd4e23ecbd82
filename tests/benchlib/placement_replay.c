/*
 * placement_replay.c - what the simulator's rules would have done in a run of slurmctld
 * (tests/bench placement --live)
 *
 *     placement_replay NODES LEAF ARM < EVENTS
 *
 * Nodes of 4 GPUs. EVENTS: "start JOB NOW LIMIT NODES GPUS NODE..." with the nodes (from 0) that
 * slurmctld chose, "end JOB"; jobs are numbered from 0, times in seconds. Two clusters are kept:
 * one goes slurmctld's way, the other the rules' own. Prints "key value" lines: starts; equal (the
 * rules choose the same nodes in the same state); better, worse (of the others: our nodes have
 * fewer, more leaves, or as many and fewer, more GPUs stranded right after); and the means of
 * stranded GPUs and leaves over all starts of either way; refused: starts for which the rules' own
 * way had no room.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "placement_choice.h"

#define GPUS 4
#define JOBS_MAX 100000u
#define NODES_MAX 100000u
#define LEFTOVER_SECONDS 60

struct placed {
    uint32_t count;
    uint32_t *nodes;
};

/* One of the two ways. */
struct way {
    struct placement_cluster *cluster;
    struct placement_chooser *chooser;
    struct placed *jobs; /* [JOBS_MAX] */
    double stranded, leaves;
};

struct replay {
    struct way real, own;
    uint32_t *chosen; /* [nodes] */
    uint32_t *given;  /* [nodes] */
    uint32_t starts, equal, better, worse, refused;
};

static int way_init(struct way *way, const struct placement_shape *shape, enum placement_arm arm)
{
    way->cluster = placement_cluster_create(shape);
    way->jobs = calloc(JOBS_MAX, sizeof(*way->jobs));
    if (!way->cluster || !way->jobs)
        return -1;
    way->chooser = placement_chooser_create(way->cluster, arm, LEFTOVER_SECONDS);
    return way->chooser ? 0 : -1;
}

static void way_free(struct way *way)
{
    for (uint32_t i = 0; way->jobs && i < JOBS_MAX; i++)
        free(way->jobs[i].nodes);
    free(way->jobs);
    placement_chooser_destroy(way->chooser);
    placement_cluster_destroy(way->cluster);
}

static uint32_t leaves_of(const struct way *way, const uint32_t *nodes, uint32_t count)
{
    uint32_t leaves = 1;

    for (uint32_t i = 1; i < count; i++)
        leaves += way->cluster->leaf_of[nodes[i]] != way->cluster->leaf_of[nodes[i - 1]];
    return leaves;
}

static int take(struct way *way, uint32_t job, const struct placement_wish *wish,
                const uint32_t *nodes)
{
    struct placed *placed = &way->jobs[job];

    placed->nodes = malloc(wish->nodes * sizeof(*placed->nodes));
    if (!placed->nodes)
        return -1;
    placed->count = wish->nodes;
    memcpy(placed->nodes, nodes, wish->nodes * sizeof(*nodes));
    for (uint32_t i = 0; i < wish->nodes; i++)
        placement_cluster_take(way->cluster, nodes[i], wish->gpus, job, wish->now + wish->seconds);
    way->stranded += way->cluster->stranded;
    way->leaves += leaves_of(way, nodes, wish->nodes);
    return 0;
}

static void give(struct way *way, uint32_t job)
{
    struct placed *placed = &way->jobs[job];

    for (uint32_t i = 0; i < placed->count; i++)
        placement_cluster_give(way->cluster, placed->nodes[i], job);
    free(placed->nodes);
    *placed = (struct placed){0};
}

/* GPUs that would be free on nodes in use if the job got these nodes. */
static int64_t stranded_after(const struct way *way, const struct placement_wish *wish,
                              const uint32_t *nodes)
{
    int64_t stranded = way->cluster->stranded;

    for (uint32_t i = 0; i < wish->nodes; i++) {
        const struct aif_place_node *node = &way->cluster->nodes[nodes[i]];

        stranded +=
            node->free == node->gpus ? (int64_t)node->gpus - wish->gpus : -(int64_t)wish->gpus;
    }
    return stranded;
}

static void compare(struct replay *replay, const struct placement_wish *wish)
{
    const struct way *way = &replay->real;
    int64_t ours, theirs;

    replay->starts++;
    if (!placement_choose(way->chooser, way->cluster->nodes, NULL, wish, replay->chosen)) {
        replay->worse++;
        return;
    }
    if (!memcmp(replay->chosen, replay->given, wish->nodes * sizeof(*replay->given))) {
        replay->equal++;
        return;
    }
    ours = leaves_of(way, replay->chosen, wish->nodes);
    theirs = leaves_of(way, replay->given, wish->nodes);
    if (ours == theirs) {
        ours = stranded_after(way, wish, replay->chosen);
        theirs = stranded_after(way, wish, replay->given);
    }
    replay->better += ours < theirs;
    replay->worse += ours > theirs;
}

static int start(struct replay *replay)
{
    struct placement_wish wish = {.patient = false};
    uint32_t job;

    if (scanf("%" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, &job, &wish.now,
              &wish.seconds, &wish.nodes, &wish.gpus) != 5 ||
        job >= JOBS_MAX || wish.nodes < 1 || wish.nodes > replay->real.cluster->shape.nodes ||
        wish.gpus < 1 || wish.gpus > GPUS)
        return -1;
    for (uint32_t i = 0; i < wish.nodes; i++) {
        if (scanf("%" SCNu32, &replay->given[i]) != 1 ||
            replay->given[i] >= replay->real.cluster->shape.nodes ||
            replay->real.cluster->nodes[replay->given[i]].free < wish.gpus)
            return -1;
    }
    compare(replay, &wish);
    if (take(&replay->real, job, &wish, replay->given))
        return -1;
    if (!placement_choose(replay->own.chooser, replay->own.cluster->nodes, NULL, &wish,
                          replay->chosen)) {
        replay->refused++;
        return 0;
    }
    return take(&replay->own, job, &wish, replay->chosen);
}

static int run(struct replay *replay)
{
    char word[8];
    uint32_t job;

    while (scanf("%7s", word) == 1) {
        if (!strcmp(word, "start")) {
            if (start(replay))
                return -1;
            continue;
        }
        if (strcmp(word, "end") || scanf("%" SCNu32, &job) != 1 || job >= JOBS_MAX)
            return -1;
        give(&replay->real, job);
        give(&replay->own, job);
    }
    return 0;
}

static void print(const struct replay *replay)
{
    const double starts = replay->starts ? replay->starts : 1;
    const double own = replay->starts > replay->refused ? replay->starts - replay->refused : 1;

    printf("starts %u\nequal %u\nbetter %u\nworse %u\nrefused %u\n", replay->starts, replay->equal,
           replay->better, replay->worse, replay->refused);
    printf("stranded_real %.9g\nstranded_own %.9g\n", replay->real.stranded / starts,
           replay->own.stranded / own);
    printf("leaves_real %.9g\nleaves_own %.9g\n", replay->real.leaves / starts,
           replay->own.leaves / own);
}

static int arm_named(const char *name)
{
    for (int i = 0; i < PLACEMENT_ARMS; i++) {
        if (!strcmp(name, placement_arm_names[i]))
            return i;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct placement_shape shape = {.gpus = GPUS};
    struct replay replay = {.starts = 0};
    const int arm = argc == 4 ? arm_named(argv[3]) : -1;
    int rc = 1;

    if (arm >= 0) {
        shape.nodes = (uint32_t)strtoul(argv[1], NULL, 10);
        shape.leaf = (uint32_t)strtoul(argv[2], NULL, 10);
    }
    if (!shape.nodes || shape.nodes > NODES_MAX || !shape.leaf) {
        fprintf(stderr, "usage: placement_replay NODES LEAF ARM < EVENTS\n");
        return 2;
    }
    replay.chosen = calloc(shape.nodes, sizeof(*replay.chosen));
    replay.given = calloc(shape.nodes, sizeof(*replay.given));
    if (replay.chosen && replay.given && !way_init(&replay.real, &shape, (enum placement_arm)arm) &&
        !way_init(&replay.own, &shape, (enum placement_arm)arm))
        rc = run(&replay) ? 1 : 0;
    if (rc)
        fprintf(stderr, "placement_replay: an event that cannot be, or no memory\n");
    else
        print(&replay);
    way_free(&replay.real);
    way_free(&replay.own);
    free(replay.chosen);
    free(replay.given);
    return rc;
}
