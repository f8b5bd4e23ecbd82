/* test_decide_budget.c - unit tests of decide.h: what is charged, what counts against it, pacing,
 * shares, notices */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decide_fixture.h"

/* The allocation of the site, to be changed for one test. */
static struct aif_alloc *alloc_of(struct aif_snapshot *where, const char *id)
{
    return (struct aif_alloc *)aif_alloctable_by_id(where->allocs, id);
}

static struct aif_mode *mode_of(struct aif_snapshot *where, const char *name)
{
    return (struct aif_mode *)aif_policy_mode(where->policy, name);
}

static void check_text(const struct aif_decision *decision, const char *part)
{
    if (!strstr(decision->message, part))
        fail_msg("no \"%s\" in: %s", part, decision->message);
}

/* ---- what is charged ---- */

static void test_charges_a_factor(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_decision decision;

    (void)state;
    alloc_of(own, "SAME-B")->charge = (struct aif_charge){AIF_CHARGE_GPU, 500000};
    decision = decide_at(own, &(struct job){.account = "same", .gpus = 2, .minutes = 540});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.asked_secs, 9 * HOUR);
    decision = decide_at(own, &(struct job){.account = "same", .gpus = 8, .minutes = 240});
    assert_string_equal(decision.rule, "AIF-Q001");
    check_text(&decision, "asked 16 GPU-hours (8 GPUs x 0.5 x 4:00:00), left 10 GPU-hours");
    decision =
        decide_at(own, &(struct job){.account = "same", .gpus = 1, .tasks = 50, .minutes = 60});
    check_text(&decision, "asked 25 GPU-hours (50 tasks x 1 GPU x 0.5 x 1:00:00)");
    fixture_destroy(own);
}

/* Karolina: node-hours are an eighth of its GPUs. */
static void test_charges_node_hours_by_gpus(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_decision decision;

    (void)state;
    alloc_of(own, "R-1")->charge = (struct aif_charge){AIF_CHARGE_GPU, 125000};
    decision =
        decide_at(own, &(struct job){.account = "r1", .gpus = 16, .nodes = 2, .minutes = 60});
    assert_int_equal(decision.asked_secs, 2 * HOUR);
    decision = decide_at(own, &(struct job){.account = "r1", .nodes = 50, .minutes = 600});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.asked_secs, 0);
    fixture_destroy(own);
}

static void test_charges_billing(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_decision decision;

    (void)state;
    alloc_of(own, "SAME-B")->charge = (struct aif_charge){AIF_CHARGE_BILLING, 250000};
    decision = decide_at(own, &(struct job){.account = "same", .billing = 8, .minutes = 60});
    assert_int_equal(decision.asked_secs, 2 * HOUR);
    decision = decide_at(own, &(struct job){.account = "same", .billing = 64, .minutes = 60});
    check_text(&decision, "asked 16 GPU-hours (64 billing units x 0.25 x 1:00:00)");
    decision = decide_at(own, &(struct job){.account = "same", .billing = 1, .minutes = 6000});
    check_text(&decision, "(1 billing unit x 0.25 x 4-04:00:00)");
    decision = decide_at(
        own, &(struct job){.account = "same", .billing = AIF_BILLING_UNKNOWN, .minutes = 60});
    assert_string_equal(decision.rule, "AIF-Q003");
    check_text(&decision, "billed cannot be told");
    decision = decide_at(own, &(struct job){.account = "same", .gpus = 100, .minutes = 60});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    fixture_destroy(own);
}

/* No factor makes a job that nobody can pay for a cheap one. */
static void test_saturates(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_decision decision;

    (void)state;
    alloc_of(own, "LS-1")->charge = (struct aif_charge){AIF_CHARGE_GPU, 1};
    decision = decide_at(
        own, &(struct job){
                 .account = "ls1", .gpus = UINT64_MAX / 2, .tasks = UINT32_MAX, .minutes = 60});
    assert_string_equal(decision.rule, "AIF-Q001");
    assert_int_equal(decision.asked_secs, UINT64_MAX);
    fixture_destroy(own);
}

/* ---- what counts against it ---- */

static void test_counts_pending_jobs(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    const struct job job = {.account = "same", .gpus = 2, .minutes = 60, .pending_hours = 9};
    struct aif_decision decision;

    (void)state;
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    own->policy->count_pending = true;
    decision = decide_at(own, &job);
    assert_string_equal(decision.rule, "AIF-Q001");
    assert_int_equal(decision.left_secs, HOUR);
    check_text(&decision, "used 0 and asked by pending jobs 9 of 10 GPU-hours");
    fixture_destroy(own);
}

static void test_counts_other_parts_of_a_het_job(void **state)
{
    struct job job = {
        .account = "same", .gpus = 2, .minutes = 60, .also_alloc = "SAME-B", .also_hours = 7.9};
    struct aif_decision decision;

    (void)state;
    assert_int_equal(decide(&job).verdict, AIF_ACCEPT);
    job.also_hours = 8.5;
    decision = decide(&job);
    assert_string_equal(decision.rule, "AIF-Q001");
    check_text(&decision, "used 0 and asked by other parts of this job 8.5 of 10 GPU-hours");
    job.also_alloc = "SAME-C";
    assert_int_equal(decide(&job).verdict, AIF_ACCEPT);
}

static struct aif_balances *ledger(const char *id, double hours, unsigned int what)
{
    struct aif_balances *balances = aif_balances_create(NOW);

    assert_int_equal(aif_balances_add(balances, id, NOW, (uint64_t)(hours * HOUR), what, NULL), 0);
    return balances;
}

/* What Slurm forgot, the ledger remembers; what the ledger does not know yet, Slurm does. */
static void test_takes_the_greater_of_slurm_and_ledger(void **state)
{
    struct aif_snapshot own = *site;
    struct aif_decision decision;

    (void)state;
    own.balances = ledger("SAME-B", 9.5, 0);
    decision = decide_at(&own, &(struct job){.account = "same", .gpus = 1, .minutes = 60});
    assert_string_equal(decision.rule, "AIF-Q001");
    check_text(&decision, "left 0.5 GPU-hours, used 9.5 of 10 GPU-hours");
    decision = decide_at(
        &own, &(struct job){.account = "same", .gpus = 1, .minutes = 60, .used_hours = 9.75});
    check_text(&decision, "used 9.75 of 10 GPU-hours");
    decision = decide_at(&own, &(struct job){.account = "pg1", .gpus = 1, .minutes = 60});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    aif_balances_destroy(own.balances);
}

/* ---- pacing ---- */

/* October's and November's 30 GPU-hours of a year of 365: of the month of NOW 10 are used. */
static void test_monthly_grant(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_alloc *alloc = alloc_of(own, "SAME-C");
    struct aif_decision decision;

    (void)state;
    alloc->pacing.kind = AIF_PACING_MONTHLY;
    alloc->start = NOW - 20 * 24 * HOUR; /* 2026-11-01 */
    alloc->amount_secs = 61 * HOUR;      /* until 2026-12-31 */
    decision = decide_at(
        own, &(struct job){.allocation = "SAME-C", .gpus = 21, .minutes = 60, .used_hours = 10});
    assert_string_equal(decision.rule, "AIF-Q005");
    assert_string_equal(
        decision.message,
        "aif: allocation SAME-C has too little left for 2026-11: asked 21 GPU-hours "
        "(21 GPUs x 1:00:00), left 20 GPU-hours, used 10 of this month's 30 "
        "GPU-hours (AIF-Q005); ask for less, or wait for the grant of 2026-12-01");
    decision = decide_at(
        own, &(struct job){.allocation = "SAME-C", .gpus = 19, .minutes = 60, .used_hours = 10});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.left_secs, 20 * HOUR);
    /* Beyond the amount no month helps. */
    decision = decide_at(own, &(struct job){.allocation = "SAME-C", .gpus = 62, .minutes = 60});
    assert_string_equal(decision.rule, "AIF-Q001");
    fixture_destroy(own);
}

static void test_monthly_grant_of_the_last_month(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_alloc *alloc = alloc_of(own, "SAME-C");
    struct aif_decision decision;
    const struct job job = {
        .allocation = "SAME-C", .gpus = 40, .minutes = 60, .begin = NOW + 12 * 24 * HOUR};

    (void)state;
    alloc->pacing.kind = AIF_PACING_MONTHLY;
    alloc->start = NOW - 20 * 24 * HOUR;
    alloc->amount_secs = 61 * HOUR;
    decision = decide_at(own, &job);
    assert_string_equal(decision.rule, "AIF-Q005");
    check_text(&decision, "too little left for 2026-12");
    check_text(&decision, "of this month's 31 GPU-hours (AIF-Q005); ask for less, or see");
    fixture_destroy(own);
}

static void test_cut(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_alloc *alloc = alloc_of(own, "SAME-B");
    struct aif_decision decision;

    (void)state;
    alloc->pacing = (struct aif_pacing){
        .kind = AIF_PACING_CUT, .cut_months = 1, .cut_percent = 40, .cut_keep_percent = 50};
    decision = decide_at(own, &(struct job){.account = "same", .gpus = 6, .minutes = 60});
    assert_string_equal(decision.rule, "AIF-Q005");
    assert_string_equal(
        decision.message,
        "aif: allocation SAME-B may no longer be used up, as too little was used in time: asked 6 "
        "GPU-hours (6 GPUs x 1:00:00), left 5 GPU-hours, used 0 of at most 5 GPU-hours (AIF-Q005); "
        "ask for "
        "less, or ask the manager of the award");
    fixture_destroy(own);
}

/* IT4I: above 100 % on a free QOS, up to 150 %. */
static void test_free_qos(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_alloc *alloc = alloc_of(own, "SAME-B");
    struct aif_decision decision;
    struct job job = {.account = "same", .gpus = 2, .minutes = 60, .used_hours = 9};
    char name[] = "same-b-free";

    (void)state;
    alloc->pacing = (struct aif_pacing){.kind = AIF_PACING_CEILING, .ceiling_percent = 150};
    alloc->free_qos = name;
    decision = decide_at(own, &job);
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_true(decision.free);
    assert_string_equal(decision.qos, "same-b-free");
    assert_string_equal(
        decision.message,
        "aif: allocation SAME-B does not suffice, the job runs above it: asked 2 "
        "GPU-hours (2 GPUs x 1:00:00), limit 5 GPU-hours above the amount, left 3 GPU-hours, "
        "used 9 of 10 GPU-hours (AIF-Q006); it gets QOS same-b-free, with the "
        "lowest priority");
    job.free_hours = 2.9;
    assert_true(decide_at(own, &job).free);
    job.free_hours = 3.5;
    decision = decide_at(own, &job);
    assert_string_equal(decision.rule, "AIF-Q001");
    check_text(&decision, "left 1 GPU-hour, and 1.5 on the free QOS, used 9 of 10");
    job.used_hours = 8;
    decision = decide_at(own, &job);
    assert_false(decision.free);
    assert_string_equal(decision.qos, "same-b");
    alloc->free_qos = NULL;
    fixture_destroy(own);
}

static void test_free_qos_in_the_ledger(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_alloc *alloc = alloc_of(own, "SAME-B");
    char name[] = "same-b-free";

    (void)state;
    alloc->pacing = (struct aif_pacing){.kind = AIF_PACING_CEILING, .ceiling_percent = 150};
    alloc->free_qos = name;
    own->balances = ledger("SAME-B", 4.5, AIF_BALANCES_FREE);
    assert_string_equal(
        decide_at(own, &(struct job){.account = "same", .gpus = 1, .minutes = 60, .used_hours = 10})
            .rule,
        "AIF-Q001");
    aif_balances_destroy(own->balances);
    alloc->free_qos = NULL;
    fixture_destroy(own);
}

/* ---- inference ---- */

static void test_inference_share(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_mode *mode = mode_of(own, "playground");
    struct job job = {.account = "pg1", .gpus = 8, .minutes = 60, .purpose = "inference"};
    struct aif_decision decision;

    (void)state;
    mode->has_inference_share = true;
    mode->inference_percent = 10;
    job.inference_hours = 492;
    decision = decide_at(own, &job);
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_true(decision.inference);
    job.inference_hours = 492.5;
    decision = decide_at(own, &job);
    assert_string_equal(decision.message,
                        "aif: share of allocation PG-1 for inference: asked 8 GPU-hours (8 GPUs x "
                        "1:00:00), limit 10 % = 500 GPU-hours, left 7.5 GPU-hours, used 492.5 "
                        "GPU-hours (AIF-Q004); ask for less, or see \"aif quota\"");
    job.purpose = "training";
    decision = decide_at(own, &job);
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_false(decision.inference);
    mode->has_inference_share = false;
    job.purpose = "inference";
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    fixture_destroy(own);
}

/* The ledger has what inference jobs used, the callback what they may still use. */
static void test_inference_of_ledger_and_queue_adds_up(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_mode *mode = mode_of(own, "playground");
    struct job job = {
        .account = "pg1", .gpus = 8, .minutes = 60, .purpose = "inference", .inference_hours = 192};

    (void)state;
    mode->has_inference_share = true;
    mode->inference_percent = 10;
    own->balances = ledger("PG-1", 300, AIF_BALANCES_INFERENCE);
    assert_int_equal(decide_at(own, &job).verdict, AIF_ACCEPT);
    job.gpus = 7;
    job.inference_hours = 194;
    assert_string_equal(decide_at(own, &job).rule, "AIF-Q004");
    aif_balances_destroy(own->balances);
    fixture_destroy(own);
}

/* ---- notices ---- */

static void test_says_what_is_left(void **state)
{
    static const char notice[] =
        "aif: accepted under allocation PG-1: asked 8 GPU-hours (8 GPUs x 1:00:00), limit 5000 "
        "GPU-hours until 2026-12-02, left 492 GPU-hours after it (AIF-Q007)";
    struct aif_snapshot *own = fixture_create(NULL);
    struct job job = {.account = "pg1", .gpus = 8, .minutes = 60, .used_hours = 4500};

    (void)state;
    assert_string_equal(decide_at(own, &job).message, "");
    own->policy->notice_below = 10;
    assert_string_equal(decide_at(own, &job).message, notice);
    job.used_hours = 4492;
    assert_string_equal(decide_at(own, &job).message, "");
    own->policy->notice_below = 100;
    assert_true(strlen(decide_at(own, &job).message) > 0);
    own->policy->notice_below = 0;
    job.used_hours = 4500;
    job.explain = true;
    assert_string_equal(decide_at(own, &job).message, notice);
    fixture_destroy(own);
}

static void test_explains_free_jobs_and_months(void **state)
{
    struct aif_snapshot *own = fixture_create(NULL);
    struct aif_alloc *alloc = alloc_of(own, "PG-1");
    struct aif_decision decision;

    (void)state;
    own->policy->notice_below = 100;
    assert_string_equal(decide_at(own, &(struct job){.account = "pg1"}).message, "");
    decision = decide_at(own, &(struct job){.account = "pg1", .explain = true});
    check_text(&decision, "asked 0 GPU-hours (0 GPUs x UNLIMITED)");
    alloc->pacing.kind = AIF_PACING_CREDIT;
    decision = decide_at(own, &(struct job){.account = "pg1", .gpus = 1, .minutes = 60});
    check_text(&decision, "(AIF-Q007); this month's share is ");
    assert_null(strstr(decision.message, "lowest"));
    decision = decide_at(
        own, &(struct job){.account = "pg1", .gpus = 1, .minutes = 60, .used_hours = 4990});
    check_text(&decision, "so its priority is the lowest");
    fixture_destroy(own);
}

/* A lowered time limit and what is left: two lines. */
static void test_two_notices(void **state)
{
    struct aif_snapshot *soft =
        fixture_create("\"time_excess\": \"reject\"\t\"time_excess\": \"cap\"");
    const struct aif_decision decision = decide_at(
        soft, &(struct job){.account = "pg1", .gpus = 1, .minutes = 3000, .explain = true});

    (void)state;
    assert_memory_equal(decision.message, "aif: time limit lowered", 23);
    check_text(&decision, "(AIF-M007)\naif: accepted under allocation PG-1");
    fixture_destroy(soft);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_charges_a_factor),
        cmocka_unit_test(test_charges_node_hours_by_gpus),
        cmocka_unit_test(test_charges_billing),
        cmocka_unit_test(test_saturates),
        cmocka_unit_test(test_counts_pending_jobs),
        cmocka_unit_test(test_counts_other_parts_of_a_het_job),
        cmocka_unit_test(test_takes_the_greater_of_slurm_and_ledger),
        cmocka_unit_test(test_monthly_grant),
        cmocka_unit_test(test_monthly_grant_of_the_last_month),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_free_qos),
        cmocka_unit_test(test_free_qos_in_the_ledger),
        cmocka_unit_test(test_inference_share),
        cmocka_unit_test(test_inference_of_ledger_and_queue_adds_up),
        cmocka_unit_test(test_says_what_is_left),
        cmocka_unit_test(test_explains_free_jobs_and_months),
        cmocka_unit_test(test_two_notices),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
