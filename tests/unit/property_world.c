/* property_world.c - see property_world.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charge.h"
#include "property_world.h"

#define DAY 86400

/* ---- chance ---- */

/* splitmix64 */
static uint64_t next_random(struct world *world)
{
    uint64_t z = world->random += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t world_random(struct world *world, uint64_t below)
{
    return next_random(world) % below;
}

bool world_chance(struct world *world, unsigned percent)
{
    return world_random(world, 100) < percent;
}

/* ---- configuration ---- */

static const char policy_text[] = "{\"version\": 1, \"cluster\": \"c\", \"time_excess\": \"reject\", \"modes\": {\"regular\": {\"open\": true}}}";

#define ALLOC(id, account, unit, start, end)                                                                     \
    "{\"id\": \"" id "\", \"account\": \"" account "\", \"mode\": \"regular\", \"amount\": 1, \"unit\": \"" unit \
    "\", \"start\": \"" start "\", \"end\": \"" end "\"}"
static const char allocs_text[] = "{\"version\": 1, \"allocations\": ["
    ALLOC("P-0", "a0", "gpu-hour", "2026-01-01", "2027-06-30") ","
    ALLOC("P-1", "a1", "node-hour", "2026-02-15", "2027-05-14") ","
    ALLOC("P-2", "a2", "gpu-hour", "2026-01-10", "2027-03-31") ","
    ALLOC("P-3", "a2", "node-hour", "2026-01-10", "2027-06-30") "]}";

static void stop(const char *text)
{
    fprintf(stderr, "%s\n", text);
    abort();
}

static void init_months(struct world *world)
{
    struct tm tm = {.tm_year = 126, .tm_mday = 1};

    for (int i = 0; i <= MONTHS; i++) {
        struct tm month = tm;

        month.tm_mon = i;
        world->month_start[i] = timegm(&month);
    }
}

void world_create(struct world *world)
{
    struct aif_error err;

    setenv("TZ", "UTC", 1);
    tzset();
    memset(world, 0, sizeof(*world));
    init_months(world);
    if (aif_policy_parse(policy_text, strlen(policy_text), "policy.json", &world->snapshot.policy, &err) ||
        aif_alloctable_parse(allocs_text, strlen(allocs_text), "allocations.json", world->snapshot.policy,
                             &world->snapshot.allocs, &err))
        stop(err.text);
    for (size_t i = 0; i < ALLOCS; i++) /* reading files anew for each change would cost most of the time */
        world->ours[i].alloc = (struct aif_alloc *)aif_alloctable_at(world->snapshot.allocs, i);
}

void world_destroy(struct world *world)
{
    for (size_t i = 0; i < ALLOCS; i++)
        world->ours[i].alloc->free_qos = NULL;
    aif_balances_destroy(world->snapshot.balances);
    aif_alloctable_destroy(world->snapshot.allocs);
    aif_policy_destroy(world->snapshot.policy);
}

static enum aif_pacing_kind random_kind(struct world *world)
{
    return (enum aif_pacing_kind)world_random(world, AIF_PACING_CUT + 1);
}

static void change_pacing(struct world *world, struct aif_alloc *alloc)
{
    static char free_qos[] = "free";

    alloc->pacing = (struct aif_pacing){.kind = world_chance(world, 70) ? world->usual : random_kind(world),
                                        .ceiling_percent = 101 + (uint32_t)world_random(world, 100),
                                        .priority = 1000,
                                        .cut_months = 1 + (uint32_t)world_random(world, 9),
                                        .cut_percent = (uint32_t)world_random(world, 101),
                                        .cut_keep_percent = (uint32_t)world_random(world, 101)};
    alloc->free_qos = alloc->pacing.kind == AIF_PACING_CEILING ? free_qos : NULL;
}

static void change_alloc(struct world *world, size_t index)
{
    static const uint32_t factors[] = {AIF_MILLION, 500000, 125000, 3333333, 7000000, 999999};
    static const enum aif_charge_tres tres[ALLOCS] = {AIF_CHARGE_GPU, AIF_CHARGE_NODE, AIF_CHARGE_GPU, AIF_CHARGE_BILLING};
    struct aif_alloc *alloc = world->ours[index].alloc;

    alloc->charge.tres = tres[index];
    alloc->charge.millionths = world_chance(world, 50) ? AIF_MILLION : factors[world_random(world, 6)];
    alloc->amount_secs = 3600 * world_random(world, world_chance(world, 70) ? 200 : 3);
    if (world_chance(world, 50))
        alloc->amount_secs += world_random(world, 3600);
    alloc->state = world_chance(world, 95) ? AIF_STATE_OK : AIF_STATE_PAUSED;
    change_pacing(world, alloc);
}

void world_reload(struct world *world)
{
    change_alloc(world, world_random(world, world->width));
    world_balance(world);
}

void world_reset(struct world *world, uint64_t seed)
{
    world->random = seed;
    world->now = world->month_start[0] + (time_t)world_random(world, 400 * (uint64_t)DAY) / 60 * 60;
    for (world->month = 0; world->month_start[world->month + 1] <= world->now;)
        world->month++;
    world->width = 1 + world_random(world, ALLOCS);
    world->usual = random_kind(world);
    world->ledger = world_chance(world, 90);
    world->lags = world_chance(world, 50);
    world->wiped = false;
    world->snapshot.policy->count_pending = world_chance(world, 30);
    memset(world->jobs, 0, sizeof(world->jobs));
    for (size_t i = 0; i < ALLOCS; i++) {
        memset(world->ours[i].mirror, 0, sizeof(world->ours[i].mirror));
        change_alloc(world, i);
    }
    world_balance(world);
    world_apply(world);
}

/* ---- Slurm ---- */

uint64_t world_tres(const struct world *world, const struct job *job)
{
    switch (world->ours[job->alloc].alloc->charge.tres) {
    case AIF_CHARGE_NODE:
        return job->nodes;
    case AIF_CHARGE_BILLING:
        return job->billing;
    default:
        return job->gpus;
    }
}

static bool runs_in(const struct job *job, size_t alloc, bool free)
{
    return job->state == JOB_RUNNING && job->alloc == alloc && job->free == free;
}

uint64_t world_reserved(const struct world *world, size_t alloc, bool free)
{
    uint64_t sum = 0;

    for (const struct job *job = world->jobs; job < world->jobs + JOBS; job++)
        if (runs_in(job, alloc, free))
            sum += world_tres(world, job) * (job->minutes * (uint64_t)MINUTE - job->counted);
    return sum;
}

uint64_t world_outstanding(const struct world *world, size_t alloc, bool free)
{
    uint64_t sum = 0;

    for (const struct job *job = world->jobs; job < world->jobs + JOBS; job++)
        if (runs_in(job, alloc, free))
            sum += world_tres(world, job) * (job->minutes * (uint64_t)MINUTE - job->elapsed);
    return sum;
}

bool world_fits(const struct aif_mirror *limit, uint64_t live, uint64_t reserved, uint64_t tres_mins)
{
    const uint64_t used = live / MINUTE;

    if (!limit->jobs)
        return false;
    if (!tres_mins)
        return true;
    return used < limit->tres_mins && tres_mins <= limit->tres_mins &&
           tres_mins + reserved / MINUTE <= limit->tres_mins - used;
}

bool world_start(struct world *world, struct job *job)
{
    const struct mirror *mirror = &world->ours[job->alloc].mirror[job->free];

    if (!world_fits(&mirror->limit, mirror->live, world_reserved(world, job->alloc, job->free),
                    world_tres(world, job) * job->minutes))
        return false;
    job->state = JOB_RUNNING;
    job->elapsed = job->counted = 0;
    memset(job->unseen_of, 0, sizeof(job->unseen_of));
    return true;
}

static void count(struct world *world, struct job *job)
{
    world->ours[job->alloc].mirror[job->free].live += world_tres(world, job) * (job->elapsed - job->counted);
    job->counted = job->elapsed;
}

void world_end(struct world *world, struct job *job)
{
    struct mirror *mirror = &world->ours[job->alloc].mirror[job->free];

    count(world, job);
    for (size_t i = 0; i < MONTHS; i++)
        mirror->unseen_of[i] += job->unseen_of[i];
    job->state = JOB_NONE;
}

/* All of secs lies in this month. */
static void run(struct world *world, struct job *job, uint64_t secs)
{
    struct mirror *mirror = &world->ours[job->alloc].mirror[job->free];
    const uint64_t left = job->minutes * (uint64_t)MINUTE - job->elapsed;
    const uint64_t use = world_tres(world, job) * (secs < left ? secs : left);

    job->elapsed += secs < left ? secs : left;
    mirror->truth += use;
    mirror->truth_of[world->month] += use;
    job->unseen_of[world->month] += use;
    if (secs >= left)
        world_end(world, job);
}

void world_advance(struct world *world, uint64_t secs)
{
    while (secs && world->month + 1 < MONTHS) {
        const uint64_t left = (uint64_t)(world->month_start[world->month + 1] - world->now);
        const uint64_t step = secs < left ? secs : left;

        for (struct job *job = world->jobs; job < world->jobs + JOBS; job++)
            if (job->state == JOB_RUNNING)
                run(world, job, step);
        world->now += (time_t)step;
        world->month += step == left;
        secs -= step;
    }
    for (struct job *job = world->jobs; job < world->jobs + JOBS; job++)
        if (job->state == JOB_RUNNING && !(world->lags && world_chance(world, 50)))
            count(world, job);
}

void world_wipe(struct world *world, bool jobs)
{
    world->wiped = true;
    for (struct job *job = world->jobs; jobs && job < world->jobs + JOBS; job++) {
        if (job->state == JOB_RUNNING)
            world_end(world, job);
        job->state = JOB_NONE;
    }
    for (size_t i = 0; i < 2 * ALLOCS; i++) {
        struct mirror *mirror = &world->ours[i / 2].mirror[i % 2];

        mirror->lost += mirror->live;
        mirror->live = 0;
    }
}

/* ---- the reporter, and "aif apply" ---- */

static void see(uint64_t seen[MONTHS], uint64_t unseen[MONTHS])
{
    for (size_t i = 0; i < MONTHS; i++)
        seen[i] += unseen[i];
    memset(unseen, 0, MONTHS * sizeof(*unseen));
}

void world_report(struct world *world)
{
    for (struct job *job = world->jobs; job < world->jobs + JOBS; job++)
        if (job->state == JOB_RUNNING && world_chance(world, 75))
            see(world->ours[job->alloc].mirror[job->free].seen_of, job->unseen_of);
    for (size_t i = 0; i < 2 * ALLOCS; i++)
        if (world_chance(world, 75))
            see(world->ours[i / 2].mirror[i % 2].seen_of, world->ours[i / 2].mirror[i % 2].unseen_of);
    world_balance(world);
}

static void balance_mirror(struct world *world, size_t index, bool free)
{
    const struct ours *ours = &world->ours[index];
    struct aif_error err;

    for (size_t i = 0; i < MONTHS; i++)
        if (ours->mirror[free].seen_of[i] &&
            aif_balances_add(world->snapshot.balances, ours->alloc->id, world->month_start[i], ours->mirror[free].seen_of[i],
                             free ? AIF_BALANCES_FREE : 0, &err))
            stop(err.text);
}

void world_balance(struct world *world)
{
    aif_balances_destroy(world->snapshot.balances);
    world->snapshot.balances = NULL;
    if (!world->ledger)
        return;
    world->snapshot.balances = aif_balances_create(world->now);
    for (size_t i = 0; i < 2 * ALLOCS; i++)
        balance_mirror(world, i / 2, i % 2);
    aif_balances_charge(world->snapshot.balances, world->snapshot.allocs);
}

static uint64_t total(const uint64_t of[MONTHS])
{
    uint64_t sum = 0;

    for (size_t i = 0; i < MONTHS; i++)
        sum += of[i];
    return sum;
}

void world_apply(struct world *world)
{
    for (size_t i = 0; i < 2 * ALLOCS; i++) {
        struct ours *ours = &world->ours[i / 2];
        struct mirror *mirror = &ours->mirror[i % 2];
        const uint64_t seen = world->ledger ? total(mirror->seen_of) : 0;
        const uint64_t known = seen > mirror->live ? seen : mirror->live;

        aif_mirror_make(NULL, ours->alloc, aif_balances_find(world->snapshot.balances, ours->alloc->id),
                        aif_charge_cost(&ours->alloc->charge, mirror->live), world->now, i % 2, &mirror->limit);
        ours->applied = *ours->alloc;
        ours->applied_month = world->month;
        mirror->unknown = mirror->truth > known ? mirror->truth - known : 0;
        mirror->lost = 0;
    }
}

void world_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
    const struct world_usage *query = arg;
    const struct world *world = query->world;
    const struct ours *ours = world->ours;
    const size_t index = (size_t)(alloc->id[2] - '0');

    ours += index;
    *ret_usage = (struct aif_usage){
        .known = true,
        .used_secs = aif_charge_cost(&alloc->charge, ours->mirror[0].live),
        .reserved_secs = aif_charge_cost(&alloc->charge, world_reserved(world, index, false)),
        .free_used_secs = aif_charge_cost(&alloc->charge, ours->mirror[1].live),
        .free_reserved_secs = aif_charge_cost(&alloc->charge, world_reserved(world, index, true))};
    for (const struct job *job = world->jobs; job < world->jobs + JOBS; job++)
        if (job->state == JOB_PENDING && job->alloc == index && !job->free && job != query->without)
            ret_usage->pending_secs +=
                aif_charge_cost(&alloc->charge, world_tres(world, job) * job->minutes * (uint64_t)MINUTE);
}
