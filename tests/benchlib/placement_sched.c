/* placement_sched.c - see placement_sched.h */
#include "placement_sched.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "moments.h"
#include "placement_plan.h"

#define BACKFILL_SECONDS 30

struct state {
    struct placement_sim *sim;
    struct placement_cluster *cluster;
    struct placement_chooser *chooser;
    struct placement_plans plans;
    struct moments ends;   /* of what runs */
    struct moments limits; /* when its time limits end */
    uint32_t *queue;
    uint32_t *chosen;
    uint32_t queued;
    uint32_t next_submit;
    uint32_t now;
    uint32_t counted; /* jobs that count and have not started */
    bool blocked;     /* the first job does not fit, and nothing ended since */
    bool changed;     /* since the last backfill pass */
    /* Sizes that found no nodes in this pass outside of the first so many plans. */
    uint8_t refused[PLACEMENT_PLANS_MAX + 1][PLACEMENT_SIZES_MAX];
};

/* ---- islands ---- */

uint32_t placement_least_leaves(const struct placement_shape *shape, uint32_t nodes)
{
    return (nodes + shape->leaf - 1) / shape->leaf;
}

uint32_t placement_least_groups(const struct placement_shape *shape, uint32_t nodes)
{
    return shape->group ? (nodes + shape->group - 1) / shape->group : 1;
}

/* Nodes are numbered island by island, and the list ascends. */
static void count_islands(const struct placement_cluster *cluster, struct placement_job *job)
{
    uint32_t leaf = UINT32_MAX, group = UINT32_MAX;

    job->leaves = job->groups = 0;
    for (uint32_t i = 0; i < job->nodes; i++) {
        if (cluster->leaf_of[job->at[i]] == leaf)
            continue;
        leaf = cluster->leaf_of[job->at[i]];
        job->leaves++;
        job->groups += cluster->group_of[leaf] != group;
        group = cluster->group_of[leaf];
    }
}

static uint32_t run_time(const struct placement_sim *sim, const struct placement_job *job)
{
    uint64_t thousandths = 1000;

    if (job->leaves > placement_least_leaves(&sim->shape, job->nodes))
        thousandths += sim->conf.slow_leaf;
    if (job->groups > placement_least_groups(&sim->shape, job->nodes))
        thousandths += sim->conf.slow_group;
    return (uint32_t)(job->duration * thousandths / 1000);
}

/* ---- jobs come, start and end ---- */

static bool counts(const struct state *state, const struct placement_job *job)
{
    return job->submit >= state->sim->conf.begin && job->submit < state->sim->conf.end;
}

static void print_start(const struct state *state, uint32_t index)
{
    const struct placement_job *job = &state->sim->jobs[index];

    printf("start %u %u", state->now, index);
    for (uint32_t i = 0; i < job->nodes; i++)
        printf(" %u", job->at[i]);
    printf("\n");
}

static int start_job(struct state *state, uint32_t index)
{
    struct placement_job *job = &state->sim->jobs[index];
    uint32_t end;

    job->at = malloc(job->nodes * sizeof(*job->at));
    if (!job->at)
        return -1;
    memcpy(job->at, state->chosen, job->nodes * sizeof(*job->at));
    job->start = state->now;
    count_islands(state->cluster, job);
    job->run = run_time(state->sim, job);
    end = state->now + (job->limit > job->run ? job->limit : job->run);
    for (uint32_t i = 0; i < job->nodes; i++)
        placement_cluster_take(state->cluster, job->at[i], job->gpus, index,
                               state->sim->arm == PLACEMENT_BEST_FIT ? UINT32_MAX : end);
    moments_add(&state->ends, state->now + job->run, index);
    moments_add(&state->limits, end, index);
    state->counted -= counts(state, job);
    if (state->sim->conf.trace)
        print_start(state, index);
    return 0;
}

static void end_jobs(struct state *state)
{
    while (moments_next(&state->ends) <= state->now) {
        const uint32_t index = state->ends.items[--state->ends.count].job;
        struct placement_job *job = &state->sim->jobs[index];
        const uint32_t longest = job->limit > job->run ? job->limit : job->run;

        moments_remove(&state->limits, job->start + longest, index);
        for (uint32_t i = 0; i < job->nodes; i++)
            placement_cluster_give(state->cluster, job->at[i], index);
        free(job->at);
        job->at = NULL;
        state->blocked = false;
        state->changed = true;
    }
}

static void submit_jobs(struct state *state)
{
    const struct placement_sim *sim = state->sim;

    while (state->next_submit < sim->count && sim->jobs[state->next_submit].submit <= state->now) {
        state->queue[state->queued++] = state->next_submit++;
        state->changed = true;
    }
}

/* ---- passes of the scheduler ---- */

static struct placement_wish wish_of(const struct state *state, const struct placement_job *job)
{
    const struct placement_wish wish = {.nodes = job->nodes,
                                        .gpus = job->gpus,
                                        .seconds = job->limit,
                                        .now = state->now,
                                        .patient = state->now - job->submit <
                                                   state->sim->conf.strict_seconds};

    return wish;
}

static bool has_nodes(const struct placement_cluster *cluster, const struct placement_job *job)
{
    uint32_t count = 0;

    for (uint32_t i = job->gpus; i <= cluster->shape.gpus; i++)
        count += cluster->with_free[i];
    return count >= job->nodes;
}

static double clock_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Chooses nodes for the job into state->chosen. */
static bool can_start(struct state *state, const struct placement_job *job, const uint8_t *excluded)
{
    const struct placement_wish wish = wish_of(state, job);
    struct placement_meter *meter = &state->sim->meter;
    double begin;
    bool found;

    if (!has_nodes(state->cluster, job))
        return false;
    begin = clock_ns();
    found = placement_choose(state->chooser, state->cluster->nodes, excluded, &wish, state->chosen);
    begin = clock_ns() - begin;
    meter->choices++;
    meter->choice_ns += begin;
    if (meter->choice_ns_max < begin)
        meter->choice_ns_max = begin;
    return found;
}

static void drop_first(struct state *state, uint32_t count)
{
    state->queued -= count;
    memmove(state->queue, state->queue + count, state->queued * sizeof(*state->queue));
}

static int main_pass(struct state *state)
{
    uint32_t started = 0;

    while (!state->blocked && started < state->queued) {
        const uint32_t index = state->queue[started];

        state->blocked = !can_start(state, &state->sim->jobs[index], NULL);
        if (!state->blocked && start_job(state, index))
            return -1;
        started += !state->blocked;
    }
    if (started)
        drop_first(state, started);
    return 0;
}

/* A job may start where it ends before the plans for its nodes begin. */
static bool can_backfill(struct state *state, const struct placement_job *job)
{
    const uint32_t before = placement_plans_before(&state->plans, (int64_t)state->now + job->limit);
    uint8_t *refused = &state->refused[before][job->size];

    if (*refused)
        return false;
    *refused = !can_start(state, job, before ? state->plans.reserved[before] : NULL);
    return !*refused;
}

static void plan(struct state *state, const struct placement_job *job)
{
    const struct placement_wish wish = wish_of(state, job);
    const uint32_t count = state->plans.count;
    const uint32_t place = placement_plans_add(&state->plans, state->cluster, state->chooser,
                                               state->sim->jobs, &state->limits, &wish);

    if (state->plans.count > count)
        memmove(state->refused[place + 1], state->refused[place],
                (count - place + 1) * sizeof(state->refused[0]));
}

static int backfill_pass(struct state *state)
{
    const uint32_t depth = state->sim->conf.depth;
    const uint32_t looked = state->queued < depth ? state->queued : depth;
    uint32_t kept = 0;

    state->plans.count = 0;
    memset(state->refused, 0, sizeof(state->refused));
    for (uint32_t i = 0; i < looked; i++) {
        const uint32_t index = state->queue[i];
        const struct placement_job *job = &state->sim->jobs[index];

        if (i && can_backfill(state, job)) {
            if (start_job(state, index))
                return -1;
            continue;
        }
        if (kept < state->sim->conf.reserve)
            plan(state, job);
        state->queue[kept++] = index;
    }
    if (kept < looked) {
        memmove(&state->queue[kept], &state->queue[looked],
                (state->queued - looked) * sizeof(*state->queue));
        state->queued -= looked - kept;
    }
    return 0;
}

/* ---- time ---- */

static uint32_t free_gpus(const struct state *state)
{
    return state->sim->shape.nodes * state->sim->shape.gpus - state->cluster->busy;
}

static void measure_queue(struct state *state, double seconds)
{
    struct placement_meter *meter = &state->sim->meter;
    const struct placement_job *first = &state->sim->jobs[state->queue[0]];

    meter->queue_seconds += seconds;
    meter->queue_busy += seconds * state->cluster->busy;
    if (free_gpus(state) >= first->nodes * first->gpus) {
        meter->starved_seconds += seconds;
        meter->starved_free += seconds * free_gpus(state);
    }
}

/* What has been since state->now. */
static void measure(struct state *state, uint32_t until)
{
    const struct placement_cluster *cluster = state->cluster;
    const struct placement_conf *conf = &state->sim->conf;
    struct placement_meter *meter = &state->sim->meter;
    const uint32_t from = state->now > conf->begin ? state->now : conf->begin;
    const uint32_t to = until < conf->end ? until : conf->end;
    const double seconds = to > from ? to - from : 0;

    if (seconds <= 0)
        return;
    meter->seconds += seconds;
    meter->busy += seconds * cluster->busy;
    meter->stranded += seconds * cluster->stranded;
    meter->idle += seconds * cluster->idle;
    meter->broken += seconds * cluster->broken;
    for (uint32_t i = 1; i <= cluster->shape.gpus; i++)
        meter->fragments += seconds * cluster->with_free[i] * state->sim->fragment_of[i];
    if (cluster->busy * UINT64_C(10) >= (uint64_t)cluster->shape.nodes * cluster->shape.gpus * 9) {
        meter->band_seconds += seconds;
        meter->band_stranded += seconds * cluster->stranded;
    }
    if (state->queued)
        measure_queue(state, seconds);
}

static int64_t next_event(const struct state *state)
{
    const struct placement_sim *sim = state->sim;
    const int64_t end = moments_next(&state->ends);
    int64_t next =
        state->next_submit < sim->count ? sim->jobs[state->next_submit].submit : INT64_MAX;

    if (end < next)
        next = end;
    if (state->queued && state->changed) {
        const int64_t pass = ((int64_t)state->now / BACKFILL_SECONDS + 1) * BACKFILL_SECONDS;

        if (pass < next)
            next = pass;
    }
    return next;
}

static int run(struct state *state)
{
    const struct placement_sim *sim = state->sim;

    while (state->counted || state->now < sim->conf.end) {
        const int64_t next = next_event(state);

        if (next == INT64_MAX)
            break;
        measure(state, (uint32_t)next);
        state->now = (uint32_t)next;
        end_jobs(state);
        submit_jobs(state);
        const bool pass = state->now % BACKFILL_SECONDS == 0;

        if (pass)
            state->blocked = false; /* a patient job may have waited long enough */
        if (main_pass(state))
            return -1;
        if (pass && state->queued && backfill_pass(state))
            return -1;
        if (pass)
            state->changed = false;
    }
    return 0;
}

static int prepare(struct state *state)
{
    struct placement_sim *sim = state->sim;
    const size_t gpus = (size_t)sim->shape.nodes * sim->shape.gpus;

    memset(&sim->meter, 0, sizeof(sim->meter));
    state->cluster = placement_cluster_create(&sim->shape);
    state->queue = calloc(sim->count, sizeof(*state->queue));
    state->chosen = calloc(sim->shape.nodes, sizeof(*state->chosen));
    state->ends.items = calloc(gpus + 1, sizeof(struct moment));
    state->limits.items = calloc(gpus + 1, sizeof(struct moment));
    if (!state->cluster || !state->queue || !state->chosen || !state->ends.items ||
        !state->limits.items || placement_plans_init(&state->plans, state->cluster))
        return -1;
    state->chooser = placement_chooser_create(state->cluster, sim->arm, sim->conf.leftover_seconds);
    for (uint32_t i = 0; i < sim->count; i++) {
        sim->jobs[i].start = PLACEMENT_WAITS;
        state->counted += counts(state, &sim->jobs[i]);
    }
    return state->chooser ? 0 : -1;
}

int placement_sim_run(struct placement_sim *sim)
{
    struct state state = {.sim = sim};
    int rc = prepare(&state);

    if (!rc)
        rc = run(&state);
    for (uint32_t i = 0; i < sim->count; i++) {
        free(sim->jobs[i].at);
        sim->jobs[i].at = NULL;
    }
    placement_chooser_destroy(state.chooser);
    placement_plans_free(&state.plans);
    placement_cluster_destroy(state.cluster);
    free(state.queue);
    free(state.chosen);
    free(state.ends.items);
    free(state.limits.items);
    return rc;
}
