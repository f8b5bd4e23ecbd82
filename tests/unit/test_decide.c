/* test_decide.c - unit tests of decide.h: every rule it can give, and what an accepted job gets */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decide_fixture.h"

static struct aif_snapshot *site;

/* What the usage callback answers, and how often it was asked. */
static struct aif_usage usage;
static int usage_calls;

static void give_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
    assert_ptr_equal(arg, &usage);
    assert_non_null(alloc);
    usage_calls++;
    *ret_usage = usage;
}

static int set_up(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    site = fixture_create(NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_destroy(site);
    return 0;
}

/* One job: the request, its options, and what has to come out. */
struct job {
    const char *account, *user, *qos, *partition;
    const char *mode, *allocation, *residency, *placement;
    uint64_t gpus;
    uint32_t nodes, tasks, minutes;
    time_t begin; /* 0: NOW */
    double used_hours, reserved_hours;
    bool untracked;
};

static struct aif_decision decide_at(const struct aif_snapshot *where, const struct job *job)
{
    struct aif_options options = {0};
    struct aif_decision decision;
    const struct aif_request request = {.account = job->account,
                                        .user = job->user,
                                        .qos = job->qos,
                                        .partition = job->partition,
                                        .options = &options,
                                        .gpus = job->gpus,
                                        .nodes = job->nodes ? job->nodes : 1,
                                        .array_tasks = job->tasks,
                                        .minutes = job->minutes,
                                        .begin = job->begin ? job->begin : NOW};

    snprintf(options.mode, sizeof(options.mode), "%s", job->mode ? job->mode : "");
    snprintf(options.allocation, sizeof(options.allocation), "%s",
             job->allocation ? job->allocation : "");
    snprintf(options.residency, sizeof(options.residency), "%s",
             job->residency ? job->residency : "");
    snprintf(options.placement, sizeof(options.placement), "%s",
             job->placement ? job->placement : "");
    usage = (struct aif_usage){!job->untracked, (uint64_t)(job->used_hours * HOUR),
                               (uint64_t)(job->reserved_hours * HOUR)};
    usage_calls = 0;
    memset(&decision, 'x', sizeof(decision));
    aif_decide(where, &request, give_usage, &usage, &decision);
    assert_true(usage_calls <= 1);
    if (decision.verdict == AIF_REJECT) {
        assert_memory_equal(decision.message, "aif: ", 5);
        assert_non_null(strstr(decision.message, decision.rule));
        assert_null(strstr(decision.message, "error"));
    } else {
        assert_null(decision.rule);
    }
    return decision;
}

static struct aif_decision decide(const struct job *job)
{
    return decide_at(site, job);
}

static void check_reject(const struct job *job, const char *rule, const char *message)
{
    const struct aif_decision decision = decide(job);

    if (decision.verdict != AIF_REJECT || strcmp(decision.rule, rule))
        fail_msg("verdict %d: %s", decision.verdict, decision.message);
    if (message)
        assert_string_equal(decision.message, message);
    if (strcmp(rule, "AIF-Q001") && strcmp(rule, "AIF-Q002") && strcmp(rule, "AIF-Q003"))
        assert_int_equal(usage_calls, 0);
}

static struct aif_decision check_accept(const struct job *job, const char *allocation)
{
    const struct aif_decision decision = decide(job);

    if (decision.verdict != AIF_ACCEPT)
        fail_msg("verdict %d: %s", decision.verdict, decision.message);
    assert_string_equal(decision.alloc->id, allocation);
    assert_int_equal(usage_calls, 1);
    return decision;
}

/* ---- whose job is it ---- */

static void check_ignore(const struct job *job)
{
    const struct aif_decision decision = decide(job);

    assert_int_equal(decision.verdict, AIF_IGNORE);
    assert_null(decision.alloc);
    assert_int_equal(decision.minutes, AIF_MINUTES_UNKNOWN);
    assert_string_equal(decision.message, "");
    assert_string_equal(decision.residency_text, "");
    assert_int_equal(usage_calls, 0);
}

static void test_ignores_jobs_of_others(void **state)
{
    struct aif_decision decision;

    (void)state;
    check_ignore(&(struct job){.account = "physics", .gpus = 4, .minutes = 60});
    check_ignore(&(struct job){.account = "physics", .qos = "normal"});
    check_ignore(&(struct job){.gpus = 4});
    aif_decide(site, &(struct aif_request){.account = "physics"}, NULL, NULL, &decision);
    assert_int_equal(decision.verdict, AIF_IGNORE);
}

static void test_no_allocation(void **state)
{
    struct aif_snapshot *strict = fixture_create("\"ignore\"\t\"reject\"");

    (void)state;
    check_reject(
        &(struct job){.account = "physics", .mode = "playground"}, "AIF-A007",
        "aif: account physics has no allocation on this cluster (AIF-A007); give the account or "
        "--ai-allocation of one that \"aif quota\" lists");
    check_reject(&(struct job){.account = "physics", .residency = "FI"}, "AIF-A007", NULL);
    check_reject(&(struct job){.account = "physics", .placement = "pack"}, "AIF-A007", NULL);
    check_reject(&(struct job){.mode = "playground"}, "AIF-A007", NULL);
    assert_string_equal(decide_at(strict, &(struct job){.account = "physics"}).rule, "AIF-A007");
    assert_string_equal(decide_at(strict, &(struct job){0}).rule, "AIF-A007");
    assert_int_equal(decide_at(strict, &(struct job){.account = "r1", .minutes = 60}).verdict,
                     AIF_ACCEPT);
    fixture_destroy(strict);
}

static void test_without_policy(void **state)
{
    (void)state;
    assert_int_equal(decide_at(NULL, &(struct job){.account = "pg1"}).verdict, AIF_IGNORE);
    assert_string_equal(decide_at(NULL, &(struct job){.account = "pg1", .mode = "playground"}).rule,
                        "AIF-C010");
}

/* ---- picking ---- */

static void test_picks_the_only_one(void **state)
{
    (void)state;
    check_accept(&(struct job){.account = "pg1", .user = "alice", .gpus = 8, .minutes = 60},
                 "PG-1");
    check_accept(&(struct job){.account = "PG1", .gpus = 8, .minutes = 60}, "PG-1");
    check_accept(&(struct job){.account = "pg1", .mode = "Playground", .minutes = 60}, "PG-1");
    check_accept(&(struct job){.account = "pg1", .mode = "PG", .minutes = 60}, "PG-1");
    check_accept(&(struct job){.account = "pg1", .qos = "pg-1", .minutes = 60}, "PG-1");
    check_accept(&(struct job){.account = "pg1", .qos = "PG-1", .minutes = 60}, "PG-1");
}

static void test_picks_by_name_and_qos(void **state)
{
    (void)state;
    check_accept(&(struct job){.allocation = "same-c", .minutes = 60}, "SAME-C");
    check_accept(&(struct job){.allocation = "SAME-C", .account = "same", .minutes = 60}, "SAME-C");
    check_accept(&(struct job){.qos = "same-c", .account = "same", .minutes = 60}, "SAME-C");
    check_accept(&(struct job){.qos = "mix-r", .minutes = 60}, "MIX-R");
    check_accept(
        &(struct job){.allocation = "MIX-R", .account = "mix", .mode = "regular", .minutes = 60},
        "MIX-R");
}

static void test_picks_among_several(void **state)
{
    (void)state;
    check_accept(&(struct job){.account = "same", .minutes = 60}, "SAME-B");
    check_accept(&(struct job){.account = "mix", .mode = "regular", .minutes = 60}, "MIX-R");
    check_accept(&(struct job){.account = "team", .user = "bob", .minutes = 60}, "TEAM-R");
    check_accept(&(struct job){.account = "team", .user = "alice", .minutes = 60}, "TEAM-PG");
    /* Only later, when the other has ended, it is clear. */
    check_accept(&(struct job){.account = "mix", .begin = NOW + 20 * 24 * HOUR, .minutes = 60},
                 "MIX-R");
    check_reject(&(struct job){.account = "mix", .minutes = 60}, "AIF-A006",
                 "aif: account mix has usable allocations of several modes (AIF-A006); say which "
                 "by --ai-mode or "
                 "--ai-allocation: MIX-PG (playground), MIX-R (regular)");
}

static void test_explains_the_nearest(void **state)
{
    (void)state;
    check_reject(&(struct job){.account = "past"}, "AIF-A003",
                 "aif: allocation PAST-B has ended: asked start on 2026-11-21, limit 2026-06-30 "
                 "(AIF-A003); use "
                 "another allocation, or ask for an extension");
    check_reject(&(struct job){.account = "next"}, "AIF-A002",
                 "aif: allocation NEXT-A has not started: asked start on 2026-11-21, limit "
                 "2027-01-01 (AIF-A002); "
                 "submit then, or give --begin with that day");
    check_reject(&(struct job){.account = "same", .begin = NOW + 60 * 24 * HOUR}, "AIF-A003", NULL);
    check_reject(&(struct job){.account = "team", .user = "eve"}, "AIF-A005", NULL);
}

static void test_refused_names(void **state)
{
    (void)state;
    check_reject(&(struct job){.allocation = "PG-2"}, "AIF-A001",
                 "aif: this cluster has no such allocation: asked PG-2 (AIF-A001); see \"aif "
                 "quota\" for the "
                 "allocations there are");
    check_reject(
        &(struct job){.allocation = "PG-1", .account = "fl1"}, "AIF-A010",
        "aif: allocation PG-1 belongs to another account: asked fl1, limit pg1 (AIF-A010); use "
        "--account=pg1");
    check_reject(&(struct job){.qos = "pg-1", .account = "fl1"}, "AIF-A010", NULL);
    check_reject(&(struct job){.account = "pg1", .qos = "normal"}, "AIF-A009",
                 "aif: allocation PG-1 runs under its own QOS: asked normal, limit pg-1 "
                 "(AIF-A009); leave --qos out, "
                 "it is set for you");
    check_reject(&(struct job){.allocation = "PG-1", .qos = "fl-1"}, "AIF-A009", NULL);
    check_reject(&(struct job){.account = "pg1", .user = "eve"}, "AIF-A005",
                 "aif: user eve is no member of allocation PG-1 (AIF-A005); ask the project's "
                 "leader, or use another "
                 "allocation");
}

/* ---- mode, state, dates ---- */

static void test_modes(void **state)
{
    (void)state;
    check_reject(&(struct job){.account = "pg1", .mode = "playgruond"}, "AIF-M001",
                 "aif: no such mode: asked playgruond (AIF-M001); did you mean playground?");
    check_reject(&(struct job){.account = "physics", .mode = "zzzzzzzzzzzzz"}, "AIF-M001", NULL);
    check_reject(&(struct job){.account = "mix", .mode = "fast-lane"}, "AIF-M002",
                 "aif: account mix has no allocation of that mode: asked fast-lane, limit "
                 "playground, regular "
                 "(AIF-M002); use another --ai-mode or --account");
    check_reject(&(struct job){.allocation = "PG-1", .mode = "fast-lane"}, "AIF-M002",
                 "aif: allocation PG-1 is of another mode: asked fast-lane, limit playground "
                 "(AIF-M002); use "
                 "--ai-mode=playground, or leave it out");
    check_reject(&(struct job){.qos = "pg-1", .mode = "fast-lane"}, "AIF-M002", NULL);
    check_reject(&(struct job){.account = "b1"}, "AIF-M003",
                 "aif: mode benchmark takes no new jobs here (AIF-M003); open again in January");
}

static void test_state_and_dates(void **state)
{
    const time_t last = 1796255999; /* 2026-12-02 23:59:59 UTC */

    (void)state;
    check_reject(&(struct job){.account = "paused"}, "AIF-A004",
                 "aif: allocation PG-PAUSED is paused (AIF-A004); the manager of the award can "
                 "tell why, or use "
                 "another allocation");
    check_reject(&(struct job){.account = "old"}, "AIF-A003", NULL);
    check_reject(&(struct job){.account = "new"}, "AIF-A002", NULL);
    check_accept(&(struct job){.account = "r1", .begin = last - 119, .minutes = 2}, "R-1");
    check_reject(&(struct job){.account = "r1", .begin = last - 118, .minutes = 2}, "AIF-A008",
                 NULL);
    check_reject(&(struct job){.account = "r1", .begin = last, .minutes = 1}, "AIF-A008", NULL);
    check_reject(&(struct job){.account = "r1", .begin = last + 1, .minutes = 1}, "AIF-A003", NULL);
}

/* ---- partition and size ---- */

static void test_partitions(void **state)
{
    (void)state;
    check_accept(&(struct job){.account = "fl1", .partition = "gpu", .minutes = 1}, "FL-1");
    check_accept(&(struct job){.account = "fl1", .partition = "gpu,fast", .minutes = 1}, "FL-1");
    check_accept(&(struct job){.account = "fl1", .minutes = 1}, "FL-1");
    check_accept(&(struct job){.account = "pg1", .partition = "anything", .minutes = 1}, "PG-1");
    check_reject(&(struct job){.account = "fl1", .partition = "gpu,long", .minutes = 1}, "AIF-M004",
                 "aif: mode fast-lane may not use this partition: asked long, limit gpu, fast "
                 "(AIF-M004); use "
                 "--partition with one of those");
    check_reject(&(struct job){.account = "fl1", .partition = "gp", .minutes = 1}, "AIF-M004",
                 NULL);
    check_reject(&(struct job){.account = "fl1", .partition = "gpux", .minutes = 1}, "AIF-M004",
                 NULL);
}

static void test_sizes(void **state)
{
    (void)state;
    check_reject(&(struct job){.account = "pg1", .gpus = 9, .minutes = 1}, "AIF-M005",
                 "aif: number of GPUs per job in mode playground: asked 9 GPUs, limit 8 GPUs "
                 "(AIF-M005); ask for "
                 "fewer");
    check_reject(&(struct job){.account = "ls1", .gpus = 15, .minutes = 1}, "AIF-M005",
                 "aif: number of GPUs per job in mode large-scale: asked 15 GPUs, limit at least "
                 "16 GPUs (AIF-M005); "
                 "ask for more");
    check_reject(&(struct job){.account = "pg1", .nodes = 3, .minutes = 1}, "AIF-M006",
                 "aif: number of nodes per job in mode playground: asked 3 nodes, limit 1 to 2 "
                 "nodes (AIF-M006); ask "
                 "for fewer");
    check_accept(&(struct job){.account = "ls1", .gpus = 16, .nodes = 4, .minutes = 1}, "LS-1");
}

/* ---- time ---- */

static void test_time_refused(void **state)
{
    (void)state;
    check_accept(&(struct job){.account = "pg1", .minutes = 240}, "PG-1");
    check_reject(&(struct job){.account = "pg1", .minutes = 241}, "AIF-M007",
                 "aif: time limit of mode playground: asked 4:01:00, limit 4:00:00 (AIF-M007); ask "
                 "for less time");
    check_reject(&(struct job){.account = "r1", .minutes = 13 * 24 * 60}, "AIF-A008",
                 "aif: allocation R-1 ends on 2026-12-02: asked 13-00:00:00, limit 12-00:00:00 "
                 "(AIF-A008); ask for "
                 "less time");
    assert_int_equal(check_accept(&(struct job){.account = "r1", .minutes = 7}, "R-1").minutes, 7);
}

static void test_time_capped(void **state)
{
    struct aif_snapshot *soft =
        fixture_create("\"time_excess\": \"reject\"\t\"time_excess\": \"cap\"");
    struct aif_decision decision;

    (void)state;
    decision = decide_at(soft, &(struct job){.account = "pg1", .gpus = 1, .minutes = 3000});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.minutes, 240);
    assert_int_equal(decision.asked_secs, 4 * HOUR);
    assert_string_equal(
        decision.message,
        "aif: time limit lowered: time limit of mode playground: asked 2-02:00:00, limit 4:00:00 "
        "(AIF-M007)");
    /* Both: the tighter one has the last word. */
    decision = decide_at(
        soft,
        &(struct job){.account = "pg1", .begin = NOW + 12 * 24 * HOUR - 600, .minutes = 3000});
    assert_int_equal(decision.minutes, 10);
    assert_non_null(strstr(decision.message, "asked 2-02:00:00, limit 0:10:00 (AIF-A008)"));
    /* No time limit at all. */
    decision =
        decide_at(soft, &(struct job){.account = "pg1", .gpus = 1, .minutes = AIF_MINUTES_UNKNOWN});
    assert_int_equal(decision.minutes, 240);
    decision = decide_at(soft, &(struct job){.account = "same", .gpus = 0});
    assert_int_equal(decision.minutes, 12 * 24 * 60);
    assert_non_null(strstr(decision.message, "asked UNLIMITED"));
    /* Less than a minute is left: nothing to cap to. */
    decision = decide_at(
        soft, &(struct job){.account = "r1", .begin = NOW + 12 * 24 * HOUR - 59, .minutes = 1});
    assert_string_equal(decision.rule, "AIF-A008");
    /* Within the limits nothing is said. */
    decision = decide_at(soft, &(struct job){.account = "pg1", .minutes = 5});
    assert_string_equal(decision.message, "");
    fixture_destroy(soft);
}

static void test_time_unknown(void **state)
{
    (void)state;
    check_reject(&(struct job){.account = "pg1", .gpus = 1, .minutes = AIF_MINUTES_UNKNOWN},
                 "AIF-Q002",
                 "aif: without a time limit the cost cannot be known (AIF-Q002); give --time");
    check_reject(&(struct job){.account = "pg1", .gpus = 1, .minutes = 0}, "AIF-Q002", NULL);
    check_reject(&(struct job){.account = "r1"}, "AIF-Q002", NULL);
    assert_int_equal(check_accept(&(struct job){.account = "pg1"}, "PG-1").minutes,
                     AIF_MINUTES_UNKNOWN);
}

/* ---- residency ---- */

static void check_residency(const struct job *job, const char *text)
{
    const struct aif_decision decision = decide(job);
    struct aif_residency expected, written;

    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_true(decision.has_residency);
    assert_int_equal(aif_residency_parse(text, NULL, 0, &expected, NULL), 0);
    assert_true(aif_residency_equal(&decision.residency, &expected));
    assert_int_equal(aif_residency_parse(decision.residency_text, NULL, 0, &written, NULL), 0);
    assert_true(aif_residency_equal(&written, &expected));
}

static void test_residency(void **state)
{
    struct aif_decision decision =
        check_accept(&(struct job){.account = "r1", .minutes = 1}, "R-1");

    (void)state;
    assert_false(decision.has_residency);
    assert_string_equal(decision.residency_text, "");
    check_residency(&(struct job){.account = "r1", .residency = "FI|SE", .minutes = 1}, "FI|SE");
    check_residency(&(struct job){.account = "pg1", .minutes = 1}, "EUROHPC");
    check_residency(&(struct job){.account = "fl1", .minutes = 1}, "EU27");
    check_residency(&(struct job){.account = "fl1", .residency = "NORDIC", .minutes = 1},
                    "DK|FI|SE");
    check_residency(&(struct job){.account = "pgnor", .residency = "NORDIC", .minutes = 1}, "NO");
}

static void test_residency_refused(void **state)
{
    (void)state;
    check_reject(&(struct job){.account = "r1", .residency = "ATLANTIS", .minutes = 1}, "AIF-R001",
                 NULL);
    check_reject(&(struct job){.account = "r1", .residency = "FI&SE", .minutes = 1}, "AIF-R001",
                 NULL);
    check_reject(&(struct job){.account = "fl1", .residency = "CH", .minutes = 1}, "AIF-R002",
                 "aif: no country fits both residency tags: asked CH of the job, limit EEA30 of "
                 "the allocation "
                 "(AIF-R002); choose --data-residency inside the limit, or leave it out");
    check_reject(&(struct job){.account = "fl1", .residency = "NO", .minutes = 1}, "AIF-R002",
                 "aif: no country fits both residency tags: asked NO of the job, limit EU27 of the "
                 "mode (AIF-R002); "
                 "choose --data-residency inside the limit, or leave it out");
    check_reject(&(struct job){.account = "pgnor", .residency = "US|FI", .minutes = 1}, "AIF-R002",
                 "aif: no country fits both residency tags: asked FI|US of the job, limit NO of "
                 "allocation and mode "
                 "together (AIF-R002); choose --data-residency inside the limit, or leave it out");
    check_reject(&(struct job){.account = "flch", .minutes = 1}, "AIF-R002",
                 "aif: no country fits both residency tags: asked EU27 of the mode, limit CH of "
                 "the allocation "
                 "(AIF-R002); tell the site: these two can never agree");
}

/* ---- placement ---- */

static void test_placement(void **state)
{
    struct aif_decision decision;

    (void)state;
    decision = check_accept(
        &(struct job){.account = "r1", .placement = "spread,strict", .minutes = 1}, "R-1");
    assert_int_equal(decision.placement, AIF_PLACE_SPREAD);
    assert_true(decision.placement_strict);
    decision = check_accept(&(struct job){.account = "r1", .minutes = 1}, "R-1");
    assert_int_equal(decision.placement, AIF_PLACE_DEFAULT);
    assert_false(decision.placement_strict);
    check_reject(&(struct job){.account = "r1", .placement = "packed", .minutes = 1}, "AIF-P001",
                 NULL);
}

/* ---- budget ---- */

static void test_budget(void **state)
{
    struct aif_decision decision;

    (void)state;
    decision = check_accept(
        &(struct job){
            .account = "pg1", .gpus = 8, .minutes = 240, .used_hours = 4900, .reserved_hours = 68},
        "PG-1");
    assert_int_equal(decision.asked_secs, 32 * HOUR);
    assert_int_equal(decision.left_secs, 32 * HOUR);
    assert_int_equal(decision.usage.used_secs, 4900 * HOUR);
    check_reject(&(struct job){.account = "fl1", .gpus = 8, .minutes = 480, .used_hours = 11987.5},
                 "AIF-Q001",
                 "aif: allocation FL-1 has too little left: asked 64 GPU-hours (8 GPUs x 8:00:00), "
                 "left 12.5 "
                 "GPU-hours, used 11987.5 of 12000 GPU-hours (AIF-Q001); ask for less time or "
                 "fewer GPUs, or see "
                 "\"aif quota\"");
    check_reject(&(struct job){.account = "pg1",
                               .gpus = 1,
                               .tasks = 100,
                               .minutes = 60,
                               .used_hours = 4000,
                               .reserved_hours = 950.25},
                 "AIF-Q001",
                 "aif: allocation PG-1 has too little left: asked 100 GPU-hours (100 tasks x 1 GPU "
                 "x 1:00:00), left "
                 "49.75 GPU-hours, used 4000 and reserved by running jobs 950.25 of 5000 GPU-hours "
                 "(AIF-Q001); ask "
                 "for less time or fewer GPUs, or see \"aif quota\"");
    check_reject(&(struct job){.account = "r1", .gpus = 64, .nodes = 16, .minutes = 600},
                 "AIF-Q001",
                 "aif: allocation R-1 has too little left: asked 160 node-hours (16 nodes x "
                 "10:00:00), left 100 "
                 "node-hours, used 0 of 100 node-hours (AIF-Q001); ask for less time or fewer "
                 "nodes, or see \"aif "
                 "quota\"");
}

static void test_budget_edges(void **state)
{
    struct aif_decision decision;

    (void)state;
    /* One second short. */
    check_accept(&(struct job){.account = "same", .gpus = 1, .minutes = 600}, "SAME-B");
    check_reject(
        &(struct job){.account = "same", .gpus = 1, .minutes = 600, .used_hours = 1.0 / HOUR},
        "AIF-Q001", NULL);
    /* Overdrawn: what is left does not wrap. */
    decision = decide(&(struct job){.account = "same", .gpus = 1, .minutes = 1, .used_hours = 50});
    assert_string_equal(decision.rule, "AIF-Q001");
    assert_int_equal(decision.left_secs, 0);
    /* Numbers beyond 64 bits saturate. */
    decision = decide(
        &(struct job){.account = "ls1", .gpus = UINT64_MAX, .tasks = UINT32_MAX, .minutes = 600});
    assert_string_equal(decision.rule, "AIF-Q001");
    assert_int_equal(decision.asked_secs, UINT64_MAX);
    usage = (struct aif_usage){true, UINT64_MAX, UINT64_MAX};
    aif_decide(
        site,
        &(struct aif_request){.account = "same", .gpus = 1, .nodes = 1, .minutes = 1, .begin = NOW},
        give_usage, &usage, &decision);
    assert_string_equal(decision.rule, "AIF-Q001");
    assert_int_equal(decision.left_secs, 0);
}

static void test_budget_free_and_untracked(void **state)
{
    (void)state;
    check_accept(&(struct job){.account = "same", .minutes = 60, .used_hours = 50}, "SAME-B");
    check_accept(&(struct job){.account = "same", .minutes = 60, .untracked = true}, "SAME-B");
    check_reject(&(struct job){.account = "same", .gpus = 1, .minutes = 60, .untracked = true},
                 "AIF-Q003",
                 "aif: Slurm does not count what this job would use (AIF-Q003); tell the site: "
                 "AccountingStorageTRES lacks the resource");
}

static void test_offline_counts_nothing_used(void **state)
{
    struct aif_decision decision;

    (void)state;
    aif_decide(site,
               &(struct aif_request){.account = "same", .gpus = 1, .minutes = 600, .begin = NOW},
               NULL, NULL, &decision);
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.left_secs, 10 * HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ignores_jobs_of_others),
        cmocka_unit_test(test_no_allocation),
        cmocka_unit_test(test_without_policy),
        cmocka_unit_test(test_picks_the_only_one),
        cmocka_unit_test(test_picks_by_name_and_qos),
        cmocka_unit_test(test_picks_among_several),
        cmocka_unit_test(test_explains_the_nearest),
        cmocka_unit_test(test_refused_names),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_state_and_dates),
        cmocka_unit_test(test_partitions),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_time_refused),
        cmocka_unit_test(test_time_capped),
        cmocka_unit_test(test_time_unknown),
        cmocka_unit_test(test_residency),
        cmocka_unit_test(test_residency_refused),
        cmocka_unit_test(test_placement),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_budget_edges),
        cmocka_unit_test(test_budget_free_and_untracked),
        cmocka_unit_test(test_offline_counts_nothing_used),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
