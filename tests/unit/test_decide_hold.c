/* test_decide_hold.c - unit tests of decide.h: closures, holders, counts, interactive jobs, holds,
 * carrier, second look */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "decide_fixture.h"
#include "rules.h"

#define DAY (24 * HOUR)

static struct aif_alloc *alloc_of(struct aif_snapshot *where, const char *id)
{
    return (struct aif_alloc *)aif_alloctable_by_id(where->allocs, id);
}

static struct aif_mode *mode_of(struct aif_snapshot *where, const char *name)
{
    return (struct aif_mode *)aif_policy_mode(where->policy, name);
}

static void check_rule(struct aif_snapshot *where, const struct job *job, const char *rule,
                       const char *message)
{
    const struct aif_decision decision = decide_at(where, job);

    if (decision.verdict != AIF_REJECT || strcmp(decision.rule, rule))
        fail_msg("verdict %d: %s", decision.verdict, decision.message);
    if (message)
        assert_string_equal(decision.message, message);
}

/* ---- closures ---- */

static void test_closed_partitions(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_mode *mode = mode_of(own, "playground");
    char boost[] = "boost", note[] = "demand is too high", *partitions[] = {boost, NULL};
    struct aif_closure closures[] = {{partitions, NOW, NOW + 9 * DAY - 1, note}};
    struct job job = {.account = "pg1", .partition = "gpu,boost", .minutes = 1};

    (void)state;
    mode->closures = closures;
    mode->closure_count = 1;
    check_rule(own, &job, "AIF-M003",
               "aif: mode playground takes no new jobs in partition boost: asked start on "
               "2026-11-21, limit from 2026-11-30 on (AIF-M003); demand is too high; use another "
               "partition, or give --begin=2026-11-30");
    job.begin = NOW + 9 * DAY - 1;
    check_rule(own, &job, "AIF-M003", NULL);
    job.begin = NOW + 9 * DAY;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    job.begin = NOW - 1;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    job.begin = NOW;
    job.partition = "gpu,boosted";
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    job.partition = NULL;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    mode->closures = NULL;
    mode->closure_count = 0;
    fixture_destroy(own);
}

static void test_closed_everywhere(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_mode *mode = mode_of(own, "playground");
    struct aif_closure closures[] = {{NULL, NOW + 90 * DAY, 0, NULL}, {NULL, 0, 0, NULL}};

    (void)state;
    mode->closures = closures;
    mode->closure_count = 1;
    assert_int_equal(decide_at(own, &(struct job){.account = "pg1", .minutes = 1}).verdict,
                     AIF_ACCEPT);
    mode->closure_count = 2;
    check_rule(own, &(struct job){.account = "pg1", .minutes = 1}, "AIF-M003",
               "aif: mode playground takes no new jobs here (AIF-M003); ask the site when it opens "
               "again");
    mode->closures = NULL;
    mode->closure_count = 0;
    fixture_destroy(own);
}

/* Nobody is asked to choose an allocation that takes no jobs. */
static void test_closed_modes_are_not_offered(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_decision decision;

    (void)state;
    mode_of(own, "playground")->open = false;
    decision = decide_at(own, &(struct job){.account = "mix", .minutes = 1});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_string_equal(decision.alloc->id, "MIX-R");
    check_rule(own, &(struct job){.account = "mix", .mode = "playground", .minutes = 1}, "AIF-M003",
               NULL);
    fixture_destroy(own);
}

/* ---- holders ---- */

static void test_categories(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_alloc *alloc = alloc_of(own, "PG-1");
    const struct job job = {.account = "pg1", .minutes = 1};

    (void)state;
    alloc->category = AIF_CATEGORY_SCIENCE;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    mode_of(own, "playground")->categories = 1u << AIF_CATEGORY_SME | 1u << AIF_CATEGORY_STARTUP;
    check_rule(own, &job, "AIF-A011",
               "aif: mode playground is not for the holder of allocation PG-1: asked science, "
               "limit sme, startup (AIF-A011); use another allocation, or ask the site");
    alloc->category = AIF_CATEGORY_STARTUP;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    alloc->category = AIF_CATEGORY_UNKNOWN;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    fixture_destroy(own);
}

/* ---- counts ---- */

static void test_counts_of_a_user(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct job job = {.account = "pg1", .gpus = 1, .minutes = 1, .user_submits = 3};

    (void)state;
    mode_of(own, "playground")->submits_per_user = 4;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    job.user_submits = 4;
    check_rule(own, &job, "AIF-M008",
               "aif: queued and running jobs of one user under allocation PG-1: asked 1 job, limit "
               "4 jobs, used 4 jobs (AIF-M008); wait for jobs to end");
    job.user_submits = 1;
    job.tasks = 4;
    check_rule(own, &job, "AIF-M008",
               "aif: queued and running jobs of one user under allocation PG-1: asked 4 jobs, "
               "limit 4 jobs, used 1 job (AIF-M008); submit fewer array tasks, or wait for jobs to "
               "end");
    job.tasks = 5;
    check_rule(own, &job, "AIF-M008",
               "aif: queued and running jobs of one user under allocation PG-1: asked 5 jobs, "
               "limit 4 jobs, used 1 job (AIF-M008); submit fewer array tasks at once");
    fixture_destroy(own);
}

static void test_counts_of_an_allocation(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct job job = {.account = "pg1", .gpus = 1, .minutes = 1, .submits = 9, .user_submits = 9};

    (void)state;
    mode_of(own, "playground")->submits_per_allocation = 10;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    job.submits = UINT32_MAX;
    check_rule(own, &job, "AIF-M009", NULL);
    job.submits = 9;
    job.tasks = 2;
    check_rule(own, &job, "AIF-M009",
               "aif: queued and running jobs of all users of allocation PG-1: asked 2 jobs, limit "
               "10 jobs, used 9 jobs (AIF-M009); submit fewer array tasks, or wait for jobs to "
               "end");
    fixture_destroy(own);
}

/* ---- interactive jobs ---- */

static void test_interactive(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_interactive *rules = &mode_of(own, "playground")->interactive;
    struct job job = {.account = "pg1", .gpus = 2, .minutes = 180, .interactive = true};

    (void)state;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    rules->gpus_per_job.max = 1;
    check_rule(own, &job, "AIF-M010",
               "aif: number of GPUs per interactive job in mode playground: asked 2 GPUs, limit 1 "
               "GPU (AIF-M010); ask for fewer");
    rules->gpus_per_job.max = 0;
    rules->nodes_per_job.min = 2;
    check_rule(own, &job, "AIF-M010", NULL);
    rules->nodes_per_job.min = 0;
    rules->wall_max_minutes = 120;
    check_rule(own, &job, "AIF-M010",
               "aif: time limit of interactive jobs in mode playground: asked 3:00:00, limit "
               "2:00:00 (AIF-M010); ask for less time");
    job.minutes = 0; /* the mirror in Slurm knows the limit of the mode only */
    check_rule(own, &job, "AIF-M010", NULL);
    rules->forbidden = true;
    check_rule(own, &job, "AIF-M010",
               "aif: mode playground takes no interactive jobs (AIF-M010); submit a script with "
               "sbatch");
    job.interactive = false;
    job.minutes = 180;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    own->policy->time_excess = AIF_EXCESS_CAP;
    rules->forbidden = false;
    job.interactive = true;
    assert_int_equal(decide_at(own, &job).minutes, 120);
    fixture_destroy(own);
}

/* ---- holds ---- */

static struct aif_snapshot *holding(const char **rules)
{
    struct aif_snapshot *own = fixture_create(NULL);

    own->policy->holds = rules;
    return own;
}

/* The policy must not free what the test owns. */
static void release(struct aif_snapshot *own)
{
    own->policy->holds = NULL;
    fixture_destroy(own);
}

static void test_holds_until_the_start(void **state)
{
    const char *rules[] = {AIF_A_EARLY, NULL};
    struct aif_snapshot *own = holding(rules);
    const struct aif_decision decision =
        decide_at(own, &(struct job){.account = "new", .gpus = 1, .minutes = 60});

    (void)state;
    assert_int_equal(decision.verdict, AIF_HOLD);
    assert_string_equal(decision.rule, "AIF-A002");
    assert_string_equal(decision.qos, "pg-new");
    assert_int_equal(decision.minutes, 60);
    assert_string_equal(decision.residency_text, "EUROHPC");
    assert_string_equal(decision.message,
                        "aif: allocation PG-NEW has not started: asked start on 2026-11-21, limit "
                        "2027-01-01 (AIF-A002); the job is held until then");
    /* What else is wrong is refused as ever, and so is what is not in the list. */
    check_rule(own, &(struct job){.account = "new", .gpus = 9, .minutes = 60}, "AIF-M005", NULL);
    check_rule(own, &(struct job){.account = "old", .gpus = 1, .minutes = 60}, "AIF-A003", NULL);
    check_rule(own, &(struct job){.account = "paused", .gpus = 1, .minutes = 60}, "AIF-A004", NULL);
    release(own);
}

/* Three weeks fit between the start and the end, though not between now and the end. */
static void test_held_jobs_are_judged_as_of_the_start(void **state)
{
    const char *rules[] = {AIF_A_EARLY, NULL};
    struct aif_snapshot *own = holding(rules);
    struct job job = {.allocation = "NEXT-A", .gpus = 0, .minutes = 180 * 24 * 60};

    (void)state;
    assert_int_equal(decide_at(own, &job).verdict, AIF_HOLD);
    job.minutes = 182 * 24 * 60;
    check_rule(own, &job, "AIF-A008", NULL);
    release(own);
}

static void test_holds_while_paused(void **state)
{
    const char *rules[] = {AIF_A_STATE, NULL};
    struct aif_snapshot *own = holding(rules);
    const struct job job = {.account = "paused", .gpus = 1, .minutes = 60};
    struct aif_decision decision = decide_at(own, &job);

    (void)state;
    assert_int_equal(decision.verdict, AIF_HOLD);
    assert_string_equal(decision.message,
                        "aif: allocation PG-PAUSED is paused (AIF-A004); the job is held until the "
                        "allocation may be used again");
    alloc_of(own, "PG-PAUSED")->state = AIF_STATE_TERMINATED;
    check_rule(own, &job, "AIF-A004", NULL);
    alloc_of(own, "PG-PAUSED")->state = AIF_STATE_DOWNSCALED;
    check_rule(own, &job, "AIF-A004", NULL);
    release(own);
}

static void test_holds_while_closed(void **state)
{
    const char *rules[] = {AIF_M_CLOSED, NULL};
    struct aif_snapshot *own = holding(rules);
    const struct job job = {.account = "b1", .gpus = 1, .minutes = 60};

    (void)state;
    assert_string_equal(decide_at(own, &job).message,
                        "aif: mode benchmark takes no new jobs here (AIF-M003); open again in "
                        "January; the job is held until the mode opens again");
    assert_int_equal(decide_at(own, &job).verdict, AIF_HOLD);
    release(own);
}

static void test_holds_until_enough_is_left(void **state)
{
    const char *rules[] = {AIF_Q_LEFT, NULL};
    struct aif_snapshot *own = holding(rules);
    struct job job = {.account = "same", .gpus = 5, .minutes = 60, .reserved_hours = 8};
    struct aif_decision decision = decide_at(own, &job);

    (void)state;
    assert_int_equal(decision.verdict, AIF_HOLD);
    assert_string_equal(decision.qos, "same-b");
    assert_non_null(strstr(decision.message, "(AIF-Q001); the job is held until enough is left"));
    job.gpus = 11; /* never is */
    check_rule(own, &job, "AIF-Q001", NULL);
    release(own);
}

static void test_holds_until_the_next_month(void **state)
{
    const char *rules[] = {AIF_Q_PACE, NULL};
    struct aif_snapshot *own = holding(rules);
    struct job job = {.account = "same", .gpus = 9, .minutes = 60};
    struct aif_decision decision;

    (void)state;
    alloc_of(own, "SAME-B")->pacing.kind = AIF_PACING_MONTHLY;
    decision = decide_at(own, &job);
    assert_int_equal(decision.verdict, AIF_HOLD);
    assert_non_null(
        strstr(decision.message, "(AIF-Q005); the job is held until the grant of 2026-12-01"));
    job.begin = NOW + 11 * DAY; /* no month follows */
    check_rule(own, &job, "AIF-Q005", NULL);
    release(own);
}

/* The first reason is told; a later refusal is one. */
static void test_several_reasons(void **state)
{
    const char *rules[] = {AIF_M_CLOSED, AIF_A_EARLY, NULL};
    struct aif_snapshot *own = holding(rules);
    struct job job = {.account = "new", .gpus = 1, .minutes = 60};
    struct aif_decision decision;

    (void)state;
    mode_of(own, "playground")->open = false;
    decision = decide_at(own, &job);
    assert_int_equal(decision.verdict, AIF_HOLD);
    assert_string_equal(decision.rule, "AIF-M003");
    assert_null(strchr(decision.message, '\n'));
    job.gpus = 8;
    job.minutes = 240;
    check_rule(own, &job, "AIF-Q001", NULL);
    release(own);
}

/* ---- carrier ---- */

static void test_association_carrier_keeps_the_qos(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_decision decision;

    (void)state;
    own->policy->carrier = AIF_CARRIER_ASSOCIATION;
    decision =
        decide_at(own, &(struct job){.account = "pg1", .qos = "boost_qos_dbg", .minutes = 1});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_string_equal(decision.alloc->id, "PG-1");
    assert_null(decision.qos);
    decision = decide_at(own, &(struct job){.account = "pg1", .qos = "fl-1", .minutes = 1});
    assert_string_equal(decision.alloc->id, "PG-1");
    decision = decide_at(own, &(struct job){.account = "physics", .qos = "fl-1", .minutes = 1});
    assert_int_equal(decision.verdict, AIF_IGNORE);
    decision = decide_at(own, &(struct job){.allocation = "FL-1", .qos = "normal", .minutes = 1});
    assert_string_equal(decision.alloc->id, "FL-1");
    fixture_destroy(own);
}

static void test_qos_carrier_names_the_qos(void **state)
{
    (void)state;
    assert_string_equal(
        check_accept(&(struct job){.account = "pg1", .gpus = 1, .minutes = 1}, "PG-1").qos, "pg-1");
}

/* ---- without a policy ---- */

static void test_gpus_of_eurohpc_projects_wait_for_a_policy(void **state)
{
    struct job job = {.account = "ehpc-aif-2026pg01-905", .gpus = 1};
    struct aif_decision decision = decide_at(NULL, &job);

    (void)state;
    assert_string_equal(decision.rule, "AIF-C010");
    job.gpus = 0;
    assert_int_equal(decide_at(NULL, &job).verdict, AIF_IGNORE);
    job = (struct job){.account = "physics", .qos = "EHPC-REG-2023R03-178", .gpus = 1};
    assert_string_equal(decide_at(NULL, &job).rule, "AIF-C010");
    job.qos = "normal";
    assert_int_equal(decide_at(NULL, &job).verdict, AIF_IGNORE);
}

/* ---- the second look ---- */

static const char *look(const char *id, const char *user, uint32_t minutes, time_t now)
{
    struct aif_decision decision;
    const struct aif_alloc *alloc = aif_alloctable_by_id(site->allocs, id);

    memset(&decision, 'x', sizeof(decision));
    aif_decide_start(site, alloc, user, minutes, now, &decision);
    assert_ptr_equal(decision.alloc, alloc);
    assert_int_equal(decision.verdict == AIF_ACCEPT, decision.rule == NULL);
    assert_int_equal(decision.verdict == AIF_REJECT, decision.message[0] != '\0');
    return decision.rule ? decision.rule : "";
}

static void test_second_look(void **state)
{
    const time_t last = 1796255999; /* 2026-12-02 23:59:59 UTC */

    (void)state;
    assert_string_equal(look("PG-1", "alice", 60, NOW), "");
    assert_string_equal(look("PG-1", NULL, AIF_MINUTES_UNKNOWN, NOW), "");
    assert_string_equal(look("PG-1", "eve", 60, NOW), "AIF-A005");
    assert_string_equal(look("PG-PAUSED", "alice", 60, NOW), "AIF-A004");
    assert_string_equal(look("PG-NEW", NULL, 60, NOW), "AIF-A002");
    assert_string_equal(look("PG-OLD", NULL, 60, NOW), "AIF-A003");
    assert_string_equal(look("R-1", NULL, 2, last - 119), "");
    assert_string_equal(look("R-1", NULL, 2, last - 118), "AIF-A008");
    assert_string_equal(look("R-1", NULL, AIF_MINUTES_UNKNOWN, last), "AIF-A008");
    /* Who was let in stays in, whether the mode takes new jobs or not. */
    assert_string_equal(look("B-1", NULL, 60, NOW), "");
}

/* What may be held or lowered at submission may not be at the start. */
static void test_second_look_is_strict(void **state)
{
    const char *rules[] = {AIF_A_EARLY, NULL};
    struct aif_snapshot *own = holding(rules);
    struct aif_decision decision;

    (void)state;
    own->policy->time_excess = AIF_EXCESS_CAP;
    aif_decide_start(own, alloc_of(own, "PG-NEW"), NULL, 60, NOW, &decision);
    assert_int_equal(decision.verdict, AIF_REJECT);
    aif_decide_start(own, alloc_of(own, "R-1"), NULL, 13 * 24 * 60, NOW, &decision);
    assert_string_equal(decision.rule, "AIF-A008");
    mode_of(own, "regular")->categories = 1u << AIF_CATEGORY_SME;
    alloc_of(own, "R-1")->category = AIF_CATEGORY_PUBLIC;
    aif_decide_start(own, alloc_of(own, "R-1"), NULL, 1, NOW, &decision);
    assert_string_equal(decision.rule, "AIF-A011");
    release(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_partitions),
        cmocka_unit_test(test_closed_everywhere),
        cmocka_unit_test(test_closed_modes_are_not_offered),
        cmocka_unit_test(test_categories),
        cmocka_unit_test(test_counts_of_a_user),
        cmocka_unit_test(test_counts_of_an_allocation),
        cmocka_unit_test(test_interactive),
        cmocka_unit_test(test_holds_until_the_start),
        cmocka_unit_test(test_held_jobs_are_judged_as_of_the_start),
        cmocka_unit_test(test_holds_while_paused),
        cmocka_unit_test(test_holds_while_closed),
        cmocka_unit_test(test_holds_until_enough_is_left),
        cmocka_unit_test(test_holds_until_the_next_month),
        cmocka_unit_test(test_several_reasons),
        cmocka_unit_test(test_association_carrier_keeps_the_qos),
        cmocka_unit_test(test_qos_carrier_names_the_qos),
        cmocka_unit_test(test_gpus_of_eurohpc_projects_wait_for_a_policy),
        cmocka_unit_test(test_second_look),
        cmocka_unit_test(test_second_look_is_strict),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
