/*
 * place_choice.c - how long aif_place_choose() takes, and how much memory it needs (tests/bench
 * select)
 *
 *     place_choice NODES FILL MIX CALLS
 *
 * NODES nodes of 4 GPUs, 16 to a leaf, 240 to a group, are filled by the choice itself until FILL
 * percent of the GPUs are in use, then jobs end at random and others take their place: CALLS
 * choices are timed each by itself, with all nodes as candidates. MIX of the jobs: "seren" (node
 * counts as in the Acme Seren trace: 54 % one GPU, 14 % two, 29 % a node, 3 % 2 to 256 nodes) or
 * "wide" (54 % one GPU, 29 % a node, 17 % 2 to 256 nodes, each power of two as often), "partial"
 * (54 % one GPU, 29 % two, 17 % 2 to 128 nodes with two GPUs on each). One line of
 * JSON on stdout; jobs that found no room are counted apart, they are timed as well.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "place.h"

#define GPUS 4
#define LEAF 16
#define GROUP 240
#define NODES_MAX 100000
#define CALLS_MAX 1000000
#define WIDEST 256
#define NOW 1795219200u
#define HOUR 3600
#define LEFTOVER_SECONDS 60
#define REFUSED_MAX 1000         /* that long it is tried to fill the machine */
#define PERMILLE_OF_PERCENT 1000 /* chances are in 1/100000 */

/* A kind of job: how often of 100000, how many nodes, GPUs on each. */
struct kind {
    uint32_t chance, nodes, gpus;
};

static const struct kind seren[] = {{54037, 1, 1}, {13907, 1, 2}, {28800, 1, 4}, {1113, 2, 4},
                                    {958, 4, 4},   {69, 6, 4},    {428, 8, 4},   {235, 16, 4},
                                    {182, 32, 4},  {129, 64, 4},  {79, 128, 4},  {63, 256, 4}};
static const struct kind wide[] = {{54000, 1, 1},  {29000, 1, 4}, {2125, 2, 4},  {2125, 4, 4},
                                   {2125, 8, 4},   {2125, 16, 4}, {2125, 32, 4}, {2125, 64, 4},
                                   {2125, 128, 4}, {2125, 256, 4}};

static const struct kind partial[] = {{54000, 1, 1}, {29000, 1, 2}, {3400, 2, 2},  {3400, 4, 2},
                                      {3400, 8, 2},  {3400, 32, 2}, {3400, 128, 2}};

struct job {
    uint32_t *nodes;
    uint32_t count;
    uint64_t mask[WIDEST]; /* GPUs taken, node by node */
};

struct machine {
    struct aif_fabric *fabric;
    struct aif_place_node *nodes;
    struct aif_place_view view;
    struct aif_place_scratch *scratch;
    uint32_t *candidates;
    uint32_t count;
    uint64_t used;
    struct job **jobs;
    uint32_t job_count;
    size_t bytes;
};

struct tally {
    uint64_t *ns;
    uint32_t calls;
    uint32_t refused;
    uint32_t inexact;
    uint64_t several_ns;
    uint32_t several;
};

static uint64_t state_of_chance = 88172645463325252u;

/* Same in every run. */
static uint32_t chance(uint32_t below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (uint32_t)((state_of_chance >> 16) % below);
}

/* Processor time, so that what else the machine does does not count. */
static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory)
        return memory;
    fprintf(stderr, "place_choice: out of memory\n");
    exit(1);
}

static size_t bytes_in_use(void)
{
    const struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* ---- the machine ---- */

static struct aif_fabric *make_fabric(uint32_t count)
{
    uint32_t *leaf = allocate(count, sizeof(*leaf)), *group = allocate(count, sizeof(*group));
    const uint32_t *rows[] = {leaf, group};
    const struct aif_fabric_levelconf confs[] = {{.name = "leaf", .weight = 1},
                                                 {.name = "group", .weight = 100}};
    struct aif_fabric *fabric = NULL;

    for (uint32_t i = 0; i < count; i++) {
        leaf[i] = i / LEAF;
        group[i] = i / GROUP;
    }
    aif_fabric_from_islands(count, 2, rows, NULL, confs, &fabric, NULL);
    free(leaf);
    free(group);
    return fabric;
}

static int make_machine(uint32_t count, struct machine *ret_machine)
{
    const size_t before = bytes_in_use();

    ret_machine->count = count;
    ret_machine->fabric = make_fabric(count);
    if (!ret_machine->fabric)
        return -1;
    ret_machine->scratch = aif_place_scratch_create(ret_machine->fabric);
    if (!ret_machine->scratch)
        return -1;
    ret_machine->nodes = allocate(count, sizeof(struct aif_place_node));
    ret_machine->candidates = allocate(count, sizeof(uint32_t));
    ret_machine->bytes = bytes_in_use() - before;
    ret_machine->jobs = allocate((size_t)count * GPUS, sizeof(struct job *));
    for (uint32_t i = 0; i < count; i++) {
        ret_machine->candidates[i] = i;
        ret_machine->nodes[i] = (struct aif_place_node){.free_mask = (1u << GPUS) - 1,
                                                        .gpus = GPUS,
                                                        .free = GPUS,
                                                        .pattern = AIF_PLACE_PATTERN_NONE};
    }
    ret_machine->view =
        (struct aif_place_view){.fabric = ret_machine->fabric, .nodes = ret_machine->nodes};
    return 0;
}

static void end_job(struct machine *machine, uint32_t at)
{
    struct job *job = machine->jobs[at];

    for (uint32_t i = 0; i < job->count; i++) {
        struct aif_place_node *node = &machine->nodes[job->nodes[i]];

        node->free_mask |= job->mask[i];
        node->free = (uint8_t)__builtin_popcountll(node->free_mask);
        machine->used -= (uint64_t)__builtin_popcountll(job->mask[i]);
    }
    free(job->nodes);
    free(job);
    machine->jobs[at] = machine->jobs[--machine->job_count];
}

static void start_job(struct machine *machine, const struct aif_place_ask *ask,
                      const uint32_t *nodes)
{
    struct job *job = allocate(1, sizeof(*job));

    job->count = ask->nodes;
    job->nodes = allocate(ask->nodes, sizeof(uint32_t));
    memcpy(job->nodes, nodes, ask->nodes * sizeof(uint32_t));
    for (uint32_t i = 0; i < ask->nodes; i++) {
        struct aif_place_node *node = &machine->nodes[nodes[i]];

        for (uint32_t k = 0; k < ask->gpus; k++)
            job->mask[i] |= (node->free_mask ^ job->mask[i]) & -(node->free_mask ^ job->mask[i]);
        node->free_mask &= ~job->mask[i];
        node->free = (uint8_t)__builtin_popcountll(node->free_mask);
        if (node->until < ask->now + ask->seconds)
            node->until = ask->now + ask->seconds;
    }
    machine->used += (uint64_t)ask->nodes * ask->gpus;
    machine->jobs[machine->job_count++] = job;
}

/* ---- jobs ---- */

static struct aif_place_ask draw_ask(const struct kind *kinds)
{
    uint32_t drawn = chance(100 * PERMILLE_OF_PERCENT);

    while (drawn >= kinds->chance)
        drawn -= kinds++->chance;
    return (struct aif_place_ask){.nodes = kinds->nodes,
                                  .gpus = kinds->gpus,
                                  .whole = kinds->gpus == GPUS,
                                  .seconds = 60 + chance(24 * HOUR),
                                  .now = NOW,
                                  .leftover_seconds = LEFTOVER_SECONDS};
}

/* Choose for one job and start it; false if there is no room for it. */
static bool do_job(struct machine *machine, const struct kind *kinds, struct tally *tally)
{
    const struct aif_place_ask ask = draw_ask(kinds);
    struct aif_place_result result;
    uint32_t nodes[WIDEST];
    const uint64_t start = now_ns();
    const bool found = aif_place_choose(&machine->view, &ask, machine->candidates, NULL,
                                        machine->count, machine->scratch, nodes, &result);
    const uint64_t took = now_ns() - start;

    if (found)
        start_job(machine, &ask, nodes);
    if (!tally)
        return found;
    tally->ns[tally->calls++] = took;
    tally->refused += !found;
    tally->inexact += found && !result.exact;
    if (ask.nodes > 1) {
        tally->several++;
        tally->several_ns += took;
    }
    return found;
}

static void end_down_to(struct machine *machine, uint64_t gpus)
{
    while (machine->job_count && machine->used > gpus)
        end_job(machine, chance(machine->job_count));
}

static int compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void print_tally(const struct machine *machine, const char *mix, uint32_t fill,
                        struct tally *tally)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < tally->calls; i++)
        sum += tally->ns[i];
    qsort(tally->ns, tally->calls, sizeof(uint64_t), compare);
    printf("{\"nodes\": %" PRIu32 ", \"fill\": %" PRIu32 ", \"mix\": \"%s\", \"calls\": %" PRIu32
           ", \"refused\": %" PRIu32 ", \"inexact\": %" PRIu32 ", \"mean_us\": %.1f"
           ", \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f"
           ", \"several_nodes_mean_us\": %.1f, \"bytes_per_node\": %.0f}\n",
           machine->count, fill, mix, tally->calls, tally->refused, tally->inexact,
           (double)sum / tally->calls / 1e3, (double)tally->ns[tally->calls / 2] / 1e3,
           (double)tally->ns[(uint64_t)tally->calls * 99 / 100] / 1e3,
           (double)tally->ns[tally->calls - 1] / 1e3,
           tally->several ? (double)tally->several_ns / tally->several / 1e3 : 0,
           (double)machine->bytes / machine->count);
}

/* As many jobs again before anything is timed, so that the machine looks like one that has run for
 * long. */
static void run(struct machine *machine, const struct kind *kinds, uint32_t fill, uint32_t calls,
                struct tally *tally)
{
    const uint64_t goal = (uint64_t)machine->count * GPUS * fill / 100;

    for (uint32_t refused = 0; machine->used < goal && refused < REFUSED_MAX;)
        refused += !do_job(machine, kinds, NULL);
    for (uint32_t i = 0; i < 2 * calls; i++) {
        end_down_to(machine, goal);
        do_job(machine, kinds, i < calls ? NULL : tally);
    }
}

static long number(const char *text, long most)
{
    const long value = strtol(text, NULL, 10);

    return value >= 0 && value <= most ? value : -1;
}

int main(int argc, char **argv)
{
    const long nodes = argc == 5 ? number(argv[1], NODES_MAX) : -1;
    const long fill = argc == 5 ? number(argv[2], 100) : -1;
    const long calls = argc == 5 ? number(argv[4], CALLS_MAX) : -1;
    const struct kind *kinds = argc != 5                         ? NULL
                               : strcmp(argv[3], "seren") == 0   ? seren
                               : strcmp(argv[3], "partial") == 0 ? partial
                               : strcmp(argv[3], "wide") == 0    ? wide
                                                                 : NULL;
    struct machine machine = {0};
    struct tally tally = {0};

    if (nodes < 1 || fill < 0 || calls < 1 || !kinds) {
        fprintf(stderr, "usage: place_choice NODES FILL seren|wide|partial CALLS\n");
        return 2;
    }
    tally.ns = allocate((size_t)calls, sizeof(uint64_t));
    if (make_machine((uint32_t)nodes, &machine)) {
        fprintf(stderr, "place_choice: out of memory\n");
        return 1;
    }
    run(&machine, kinds, (uint32_t)fill, (uint32_t)calls, &tally);
    print_tally(&machine, argv[3], (uint32_t)fill, &tally);
    end_down_to(&machine, 0);
    aif_place_scratch_destroy(machine.scratch);
    aif_fabric_destroy(machine.fabric);
    free(machine.nodes);
    free(machine.candidates);
    free(machine.jobs);
    free(tally.ns);
    return 0;
}
