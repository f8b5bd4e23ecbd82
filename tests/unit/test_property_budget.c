/*
 * test_property_budget.c - nothing is overspent, whatever happens in whatever order
 *
 * Random sequences of submit, start, end, requeue, modify, reload, report, apply and loss of counters against the model
 * of property_world.h, with job_submit and without. After each step that could break one, the invariants:
 *
 * 1. used + reserved <= amount once a job has started, exactly. Where Slurm lost counters: more by what neither it nor
 *    the ledger knew when limits were last applied, and by what it lost since then. The free QOS has its own amount.
 * 2. The same of this month's grant, where that is hard.
 * 3. What a decision accepts, Slurm would start at once if limits were applied now; and it fits into the amount.
 * 4. What a decision refuses for lack of budget does not fit, or only into the minutes that are kept back.
 *
 * AIF_PROPERTY_SEED=<n> AIF_PROPERTY_RUNS=1 repeats the sequence that a failure names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "property_world.h"
#include "rules.h"

#define RUNS 100000
#define RUNS_CHECKED 2000 /* under valgrind, which is fifty times slower */
#define STEPS 60
#define KEPT_BACK 180     /* TRES-seconds: two minutes against Slurm's rounding, and what is no whole minute */
#define DAY 86400

static struct world world;

/* The sequence. */
static uint64_t seed;
static int step;
static bool hook;    /* job_submit/aif is loaded */
static bool minutes; /* all times are whole minutes */

/* Of all sequences: that they reach what they are to test. */
static struct {
    unsigned accepted, refused, started, blocked, free_started, after_wipe;
    uint64_t furthest; /* TRES-seconds beyond an amount without any loss */
} seen;

static void broken(const char *what, size_t alloc)
{
    fail_msg("%s: allocation P-%zu, step %d; AIF_PROPERTY_SEED=%llu AIF_PROPERTY_RUNS=1 repeats it", what, alloc, step,
             (unsigned long long)seed);
}

/* ---- the rules in their plainest form ---- */

/* Cost of TRES-seconds in millionths of a second of the unit. */
static unsigned __int128 cost(const struct aif_alloc *alloc, uint64_t tres_secs)
{
    return (unsigned __int128)tres_secs * alloc->charge.millionths;
}

static unsigned __int128 units(uint64_t secs)
{
    return (unsigned __int128)secs * AIF_MILLION;
}

static uint64_t amount_of(const struct aif_alloc *alloc, bool free)
{
    if (!free)
        return alloc->amount_secs;
    if (alloc->pacing.kind != AIF_PACING_CEILING)
        return 0;
    return alloc->amount_secs * (alloc->pacing.ceiling_percent - 100) / 100;
}

static uint64_t total(const uint64_t of[MONTHS])
{
    uint64_t sum = 0;

    for (size_t i = 0; i < MONTHS; i++)
        sum += of[i];
    return sum;
}

/* TRES-seconds used, as far as Slurm or the ledger know. */
static uint64_t known_use(size_t alloc, bool free)
{
    const struct mirror *mirror = &world.ours[alloc].mirror[free];
    const uint64_t ledger = world.ledger ? total(mirror->seen_of) : 0;

    return ledger > mirror->live ? ledger : mirror->live;
}

static uint64_t month_grant(const struct aif_alloc *alloc, size_t month)
{
    const time_t from = world.month_start[month], until = world.month_start[month + 1];
    const uint64_t days = (uint64_t)(alloc->end + 1 - alloc->start) / DAY;
    const uint64_t before = from > alloc->start ? (uint64_t)(from - alloc->start) / DAY : 0;
    const uint64_t through = (uint64_t)((until < alloc->end + 1 ? until : alloc->end + 1) - alloc->start) / DAY;

    return alloc->amount_secs * through / days - alloc->amount_secs * before / days;
}

/* ---- invariants of a start ---- */

static void check_amount(size_t index, bool free)
{
    const struct ours *ours = &world.ours[index];
    const struct mirror *mirror = &ours->mirror[free];
    const uint64_t taken = mirror->truth + world_outstanding(&world, index, free);
    const uint64_t loss = mirror->unknown + mirror->lost;
    const unsigned __int128 limit = units(amount_of(&ours->applied, free)) +
                                    cost(&ours->applied, loss) + units(world.wiped ? 2 : 0);
    const uint64_t most = amount_of(&ours->applied, free) * AIF_MILLION / ours->applied.charge.millionths;

    if (cost(&ours->applied, taken) > limit)
        broken("overspent", index);
    if (!world.wiped && taken > most && taken - most > seen.furthest)
        seen.furthest = taken - most;
    seen.after_wipe += loss > 0;
}

static void check_month(size_t index)
{
    const struct ours *ours = &world.ours[index];
    const struct aif_alloc *applied = &ours->applied;
    const uint64_t taken = ours->mirror[0].truth_of[world.month] + world_outstanding(&world, index, false);

    if (applied->pacing.kind != AIF_PACING_MONTHLY || ours->applied_month != world.month || world.wiped ||
        world.now < applied->start || world.now > applied->end)
        return;
    if (cost(applied, taken) > units(month_grant(applied, world.month) + MONTHS))
        broken("more than the month's grant", index);
}

static void try_start(struct job *job)
{
    if (job->state != JOB_PENDING)
        return;
    if (!world_start(&world, job)) {
        seen.blocked++;
        return;
    }
    seen.started++;
    seen.free_started += job->free;
    if (world.ours[job->alloc].applied.state != AIF_STATE_OK)
        broken("started though paused", job->alloc);
    if (!world_tres(&world, job)) /* costs nothing, so it may start where the amount was reduced below what is used */
        return;
    check_amount(job->alloc, job->free);
    if (!job->free)
        check_month(job->alloc);
}

/* ---- invariants of a decision ---- */

struct question {
    struct job job;
    uint32_t tasks;
    uint64_t also_secs; /* het component decided before */
};

static unsigned __int128 asked(const struct question *question)
{
    return cost(world.ours[question->job.alloc].alloc,
                world_tres(&world, &question->job) * question->tasks * question->job.minutes * MINUTE);
}

/* Used, reserved and asked; strict: with each rounded up by a second, and without what is kept back. */
static bool fits(const struct question *question, bool free, bool strict)
{
    const size_t index = question->job.alloc;
    const struct aif_alloc *alloc = world.ours[index].alloc;
    const unsigned __int128 sum = cost(alloc, known_use(index, free)) + cost(alloc, world_reserved(&world, index, free)) +
                                  asked(question) + units(question->also_secs) +
                                  (strict ? cost(alloc, KEPT_BACK) + units(3) : 0);

    return sum <= units(amount_of(alloc, free));
}

static void check_can_start(const struct question *question, bool free)
{
    const size_t index = question->job.alloc;
    const struct aif_alloc *alloc = world.ours[index].alloc;
    const uint64_t live = world.ours[index].mirror[free].live, tres = world_tres(&world, &question->job);
    uint64_t reserved = world_reserved(&world, index, free);
    struct aif_mirror limit;

    aif_mirror_make(NULL, alloc, aif_balances_find(world.snapshot.balances, alloc->id), (uint64_t)((cost(alloc, live) + AIF_MILLION - 1) / AIF_MILLION),
                    world.now, free, &limit);
    for (uint32_t i = 0; i < question->tasks; i++) {
        if (!world_fits(&limit, live, reserved, tres * question->job.minutes))
            broken("accepted what Slurm would never start", index);
        reserved += tres * question->job.minutes * MINUTE;
    }
}

static void check_decision(const struct question *question, const struct aif_decision *decision)
{
    const size_t index = question->job.alloc;
    const enum aif_pacing_kind kind = world.ours[index].alloc->pacing.kind;
    const bool by_amount = kind == AIF_PACING_NONE || kind == AIF_PACING_CREDIT || kind == AIF_PACING_LINEAR ||
                           kind == AIF_PACING_CEILING;

    if (decision->verdict == AIF_ACCEPT) {
        seen.accepted++;
        if (asked(question) && !fits(question, decision->free, false))
            broken("accepted more than is left", index);
        check_can_start(question, decision->free);
        return;
    }
    seen.refused++;
    if (decision->verdict != AIF_REJECT)
        broken("neither accepted nor rejected", index);
    if (strcmp(decision->rule, AIF_Q_LEFT) && strcmp(decision->rule, AIF_Q_PACE))
        return;
    if (by_amount && !world.snapshot.policy->count_pending && (fits(question, false, true) || fits(question, true, true)))
        broken("refused what is left", index);
}

static bool decide(struct question *question, const struct job *without)
{
    const struct aif_alloc *alloc = world.ours[question->job.alloc].alloc;
    struct world_usage usage = {.world = &world, .without = without};
    struct aif_options options = {0};
    struct aif_decision decision;
    const struct aif_request request = {.account = alloc->account,
                                        .options = &options,
                                        .gpus = question->job.gpus,
                                        .nodes = question->job.nodes,
                                        .billing = question->job.billing,
                                        .array_tasks = question->tasks,
                                        .minutes = question->job.minutes,
                                        .also_alloc = question->also_secs ? alloc->id : NULL,
                                        .also_secs = question->also_secs,
                                        .begin = world.now};

    memcpy(options.allocation, alloc->id, strlen(alloc->id));
    aif_decide(&world.snapshot, &request, world_usage, &usage, &decision);
    check_decision(question, &decision);
    question->job.free = decision.free;
    question->also_secs += decision.asked_secs;
    return decision.verdict == AIF_ACCEPT;
}

/* ---- steps ---- */

static struct job random_job(void)
{
    static const uint64_t spans[] = {10, 600, 6000};
    const uint32_t nodes = 1 + (uint32_t)world_random(&world, 4);

    return (struct job){.state = JOB_PENDING,
                        .alloc = world_random(&world, world.width),
                        .free = !hook && world_chance(&world, 20),
                        .gpus = nodes * (uint32_t)world_random(&world, 9),
                        .nodes = nodes,
                        .billing = (uint32_t)world_random(&world, 40),
                        .minutes = 1 + (uint32_t)world_random(&world, spans[world_random(&world, 3)])};
}

static void queue(const struct job *wanted, uint32_t tasks)
{
    for (struct job *job = world.jobs; tasks && job < world.jobs + JOBS; job++) {
        if (job->state != JOB_NONE)
            continue;
        *job = *wanted;
        tasks--;
    }
}

static void submit(void)
{
    struct question question = {.job = random_job(), .tasks = world_chance(&world, 20) ? 1 + (uint32_t)world_random(&world, 4) : 1};
    struct job first;

    if (hook && !decide(&question, NULL))
        return;
    first = question.job;
    if (hook && world_chance(&world, 15) && question.tasks == 1 && !first.free) { /* a het job: both or none */
        question.job = random_job();
        question.job.alloc = first.alloc;
        if (!decide(&question, NULL))
            return;
        queue(&question.job, 1);
    }
    queue(&first, question.tasks);
}

static void modify(struct job *job)
{
    struct question question = {.job = random_job(), .tasks = 1};

    if (job->state == JOB_RUNNING && question.job.minutes < job->minutes &&
        question.job.minutes * (uint64_t)MINUTE > job->elapsed) { /* users may only shorten what runs */
        job->minutes = question.job.minutes;
        return;
    }
    if (job->state != JOB_PENDING)
        return;
    question.job.alloc = job->alloc;
    if (!hook || decide(&question, job))
        *job = question.job;
}

static void requeue(struct job *job)
{
    const struct job again = *job;

    if (job->state != JOB_RUNNING)
        return;
    world_end(&world, job);
    *job = again;
    job->state = JOB_PENDING;
}

static void pass_time(void)
{
    static const uint64_t spans[] = {2 * MINUTE, 10 * MINUTE, 600 * MINUTE, DAY, 40 * DAY};
    const uint64_t secs = world_random(&world, spans[world_random(&world, 20) ? world_random(&world, 4) : 4]);

    world_advance(&world, minutes ? secs / MINUTE * MINUTE : secs);
}

static void start_all(void)
{
    for (struct job *job = world.jobs; job < world.jobs + JOBS; job++)
        try_start(job);
}

static void take_step(void)
{
    struct job *job = &world.jobs[world_random(&world, JOBS)];
    const uint64_t what = world_random(&world, 100);

    if (what < 35)
        submit();
    else if (what < 50)
        try_start(job);
    else if (what < 58)
        start_all();
    else if (what < 74)
        pass_time();
    else if (what < 79 && job->state == JOB_RUNNING)
        world_end(&world, job);
    else if (what < 82)
        requeue(job);
    else if (what < 86)
        modify(job);
    else if (what < 91)
        world_report(&world);
    else if (what < 96)
        world_apply(&world);
    else if (what < 97)
        world_reload(&world);
    else if (what < 99 && seed % 2)
        world_wipe(&world, world_chance(&world, 50));
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static uint64_t usual_runs(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload && strstr(preload, "vgpreload") ? RUNS_CHECKED : RUNS;
}

static void test_nothing_is_overspent(void **state)
{
    const uint64_t first = setting("AIF_PROPERTY_SEED", 1), runs = setting("AIF_PROPERTY_RUNS", usual_runs());

    (void)state;
    for (seed = first; seed < first + runs; seed++) {
        world_reset(&world, seed);
        hook = world_chance(&world, 60);
        minutes = world_chance(&world, 50);
        for (step = 0; step < STEPS; step++)
            take_step();
    }
    print_message("accepted %u, refused %u, started %u (%u free, %u after a loss), blocked %u; furthest %llu\n", seen.accepted,
                  seen.refused, seen.started, seen.free_started, seen.after_wipe, seen.blocked, (unsigned long long)seen.furthest);
    if (runs < RUNS)
        return;
    assert_true(seen.accepted > RUNS && seen.refused > RUNS && seen.started > RUNS && seen.blocked > RUNS);
    assert_true(seen.free_started > RUNS / 20 && seen.after_wipe > RUNS / 100);
    assert_int_equal(seen.furthest, 0);
}

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_destroy(&world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_overspent),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
