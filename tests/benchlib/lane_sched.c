/* lane_sched.c - see lane_sched.h */
#include "lane_sched.h"

#include <stdlib.h>
#include <string.h>

#include "lane.h"
#include "moments.h"

struct state {
    struct lane_sim *sim;
    struct aif_sharewindow *windows;
    struct lane_profile profile;
    struct moments ends;   /* of what runs */
    struct moments limits; /* when its time limits end */
    uint32_t *queue;       /* by priority */
    size_t queued;
    size_t next_submit;
    int64_t *best_age; /* by mode: the most points of a queued job, at the last computation */
    int64_t free;
    int64_t now;
};

/* ---- priorities ---- */

static int64_t age_of(const struct state *state, const struct lane_sim_job *job)
{
    const struct lane_sim_conf *conf = &state->sim->conf;
    const int64_t waited = state->now - job->submit;

    return (waited < conf->age_max ? waited : conf->age_max) * conf->age_weight / conf->age_max;
}

static int64_t *best_age_of(const struct state *state, const struct lane_sim_job *job)
{
    return &state->best_age[job->alloc->mode - state->sim->policy->modes];
}

static int64_t site_factor(const struct state *state, const struct lane_sim_job *job)
{
    const struct lane_sim_conf *conf = &state->sim->conf;
    const struct aif_lane_job asked = {.alloc = job->alloc,
                                       .since = job->submit,
                                       .behind = (int32_t)(*best_age_of(state, job) - job->age)};
    struct aif_lane_parts parts;

    if (!conf->lane)
        return job->alloc->mode->lane.present ? conf->qos : 0;
    aif_lane_parts(state->sim->policy, state->windows, &asked, state->now, &parts);
    return parts.total;
}

static void compute(const struct state *state, struct lane_sim_job *job)
{
    int64_t *best = best_age_of(state, job);

    if (*best < job->age)
        *best = job->age;
    job->priority = job->age + site_factor(state, job);
}

static bool is_before(const struct state *state, uint32_t a, uint32_t b)
{
    const struct lane_sim_job *x = &state->sim->jobs[a], *y = &state->sim->jobs[b];

    return x->priority != y->priority ? x->priority > y->priority : a < b;
}

/* By insertion: hardly anything changes its place. */
static void sort_queue(struct state *state)
{
    for (size_t i = 1; i < state->queued; i++) {
        const uint32_t job = state->queue[i];
        size_t place = i;

        for (; place > 0 && is_before(state, job, state->queue[place - 1]); place--)
            state->queue[place] = state->queue[place - 1];
        state->queue[place] = job;
    }
}

static void compute_all(struct state *state)
{
    struct lane_sim_job *jobs = state->sim->jobs;

    memset(state->best_age, 0, state->sim->policy->mode_count * sizeof(*state->best_age));
    for (size_t i = 0; i < state->queued; i++) {
        struct lane_sim_job *job = &jobs[state->queue[i]];

        job->age = age_of(state, job);
        if (*best_age_of(state, job) < job->age)
            *best_age_of(state, job) = job->age;
    }
    for (size_t i = 0; i < state->queued; i++)
        compute(state, &jobs[state->queue[i]]);
    sort_queue(state);
}

/* ---- jobs come, start and end ---- */

static void submit_jobs(struct state *state)
{
    struct lane_sim *sim = state->sim;

    while (state->next_submit < sim->count && sim->jobs[state->next_submit].submit <= state->now) {
        struct lane_sim_job *job = &sim->jobs[state->next_submit];

        job->age = age_of(state, job);
        compute(state, job);
        state->queue[state->queued++] = (uint32_t)state->next_submit++;
    }
    sort_queue(state);
}

static void start_job(struct state *state, uint32_t index)
{
    struct lane_sim_job *job = &state->sim->jobs[index];

    job->start = state->now;
    state->free -= job->gpus;
    moments_add(&state->ends, job->start + job->duration, index);
    moments_add(&state->limits, job->start + job->limit, index);
    aif_sharewindow_start(state->windows, job->alloc, (uint64_t)job->gpus, state->now);
}

static void end_jobs(struct state *state)
{
    while (moments_next(&state->ends) <= state->now) {
        const uint32_t index = state->ends.items[--state->ends.count].job;
        const struct lane_sim_job *job = &state->sim->jobs[index];

        moments_remove(&state->limits, job->start + job->limit, index);
        state->free += job->gpus;
        aif_sharewindow_stop(state->windows, job->alloc, (uint64_t)job->gpus, state->now);
    }
}

/* ---- passes of the scheduler ---- */

static void main_pass(struct state *state)
{
    size_t started = 0;

    while (started < state->queued && state->sim->jobs[state->queue[started]].gpus <= state->free)
        start_job(state, state->queue[started++]);
    state->queued -= started;
    memmove(state->queue, state->queue + started, state->queued * sizeof(*state->queue));
}

static void plan_running(struct state *state)
{
    lane_profile_reset(&state->profile, state->now, state->free);
    for (size_t i = state->limits.count; i-- > 0;) {
        const struct moment *limit = &state->limits.items[i];

        lane_profile_release(&state->profile, limit->at, state->sim->jobs[limit->job].gpus);
    }
}

/* Start the job if it fits now, else plan it if it is one of the first. Returns whether it started.
 */
static bool start_or_plan(struct state *state, uint32_t index, int64_t *reserved)
{
    const struct lane_sim_job *job = &state->sim->jobs[index];
    struct lane_profile *profile = &state->profile;

    if (job->gpus <= profile->steps[0].free && lane_profile_fits(profile, job->gpus, job->limit)) {
        lane_profile_take(profile, state->now, state->now + job->limit, job->gpus);
        start_job(state, index);
        return true;
    }
    if (*reserved < state->sim->conf.reserve) {
        const int64_t at = lane_profile_earliest(profile, job->gpus, job->limit);

        lane_profile_take(profile, at, at + job->limit, job->gpus);
        ++*reserved;
    }
    return false;
}

static void backfill_pass(struct state *state)
{
    size_t kept = 0;
    int64_t reserved = 0;

    if (!state->queued || !state->free)
        return;
    plan_running(state);
    for (size_t i = 0; i < state->queued; i++) {
        const uint32_t index = state->queue[i];
        const bool looks = state->free > 0 && (int64_t)i < state->sim->conf.depth;

        if (!looks || !start_or_plan(state, index, &reserved))
            state->queue[kept++] = index;
    }
    state->queued = kept;
}

/* ---- time ---- */

static bool is_lane_closed(const struct state *state)
{
    const struct aif_policy *policy = state->sim->policy;

    for (size_t i = 0; i < policy->share_count; i++) {
        struct aif_sharewindow_state share;
        bool has_lane = false;

        aif_sharewindow_get(state->windows, i, &share);
        for (size_t m = 0; share.closed && m < policy->mode_count && !has_lane; m++) {
            const struct aif_alloc any = {.mode = &policy->modes[m],
                                          .category = AIF_CATEGORY_UNKNOWN};

            has_lane = any.mode->lane.present && aif_share_has(&policy->shares[i], &any);
        }
        if (has_lane)
            return true;
    }
    return false;
}

static void recheck(struct state *state)
{
    aif_sharewindow_advance(state->windows, state->now);
    state->sim->ticks++;
    state->sim->closed_ticks += is_lane_closed(state);
    compute_all(state);
}

static void run(struct state *state)
{
    const struct lane_sim *sim = state->sim;
    int64_t tick = state->now;

    while (state->next_submit < sim->count || state->queued) {
        const int64_t end = moments_next(&state->ends);
        const int64_t submit =
            state->next_submit < sim->count ? sim->jobs[state->next_submit].submit : INT64_MAX;

        state->now = end < submit ? end : submit;
        if (tick < state->now)
            state->now = tick;
        end_jobs(state);
        submit_jobs(state);
        if (state->now == tick) {
            recheck(state);
            tick += sim->conf.recheck;
        }
        main_pass(state);
        backfill_pass(state);
    }
}

static int prepare(struct state *state)
{
    const struct lane_sim *sim = state->sim;
    const size_t gpus = (size_t)sim->conf.gpus;

    state->now = sim->jobs[0].submit;
    state->free = sim->conf.gpus;
    state->queue = calloc(sim->count, sizeof(*state->queue));
    state->ends.items = calloc(gpus + 1, sizeof(struct moment));
    state->limits.items = calloc(gpus + 1, sizeof(struct moment));
    state->best_age = calloc(sim->policy->mode_count, sizeof(*state->best_age));
    state->windows =
        aif_sharewindow_create(sim->policy, (uint64_t)sim->conf.gpus, (time_t)state->now);
    if (lane_profile_init(&state->profile, gpus + 2 * (size_t)sim->conf.reserve + 4))
        return -1;
    return state->queue && state->ends.items && state->limits.items && state->best_age &&
                   state->windows
               ? 0
               : -1;
}

int lane_sim_run(struct lane_sim *sim)
{
    struct state state = {.sim = sim};
    const int rc = prepare(&state);

    if (!rc)
        run(&state);
    free(state.queue);
    free(state.ends.items);
    free(state.limits.items);
    free(state.best_age);
    aif_sharewindow_destroy(state.windows);
    lane_profile_free(&state.profile);
    return rc;
}
