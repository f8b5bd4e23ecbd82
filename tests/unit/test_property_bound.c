/*
 * test_property_bound.c - the bounds that test_property_budget.c finds kept are reached, so they could not be closer
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "property_world.h"

#define KEPT_BACK 2 /* minutes, against Slurm's rounding */

static struct world world;

/* P-0 with an amount, paced by nothing; one GPU is one unit. */
static struct ours *plain_allocation(uint64_t amount_secs)
{
    struct ours *ours = &world.ours[0];

    world_reset(&world, 1);
    world.ledger = true;
    world.lags = false;
    ours->alloc->amount_secs = amount_secs;
    ours->alloc->charge.millionths = AIF_MILLION;
    ours->alloc->pacing.kind = AIF_PACING_NONE;
    ours->alloc->state = AIF_STATE_OK;
    world_balance(&world);
    world_apply(&world);
    return ours;
}

static struct job *started(uint32_t job_minutes)
{
    struct job *job = world.jobs;

    while (job->state != JOB_NONE)
        job++;
    *job = (struct job){.state = JOB_PENDING, .gpus = 1, .nodes = 1, .minutes = job_minutes};
    return world_start(&world, job) ? job : NULL;
}

static void test_what_slurm_rounds_away_is_kept_back(void **state)
{
    const struct ours *ours = plain_allocation(3600);
    struct job *job;

    (void)state;
    job = started(1);
    world_advance(&world, 58);
    world_end(&world, job);
    assert_non_null(started(10));
    world_advance(&world, 1);
    assert_null(started(50));
    assert_non_null(started(49));
    assert_int_equal(ours->mirror[0].truth + world_outstanding(&world, 0, false), 3600 - 2);
}

/* 40 hours used, of which the ledger knows 30, when Slurm loses its counter. */
static struct ours *after_a_loss(void)
{
    struct ours *ours = plain_allocation(100 * 3600);

    ours->mirror[0].truth = ours->mirror[0].live = 40 * 3600;
    ours->mirror[0].seen_of[world.month] = 30 * 3600;
    ours->mirror[0].unseen_of[world.month] = 10 * 3600;
    world_balance(&world);
    world_apply(&world);
    world_wipe(&world, true);
    return ours;
}

static void test_after_a_loss_what_was_not_known_comes_back_once(void **state)
{
    const struct ours *ours = after_a_loss();

    (void)state;
    world_apply(&world);
    assert_int_equal(ours->mirror[0].unknown, 10 * 3600);
    assert_null(started(70 * 60 - 1));
    assert_non_null(started(70 * 60 - KEPT_BACK));
    assert_int_equal(ours->mirror[0].truth + world_outstanding(&world, 0, false), (100 + 10) * 3600 - KEPT_BACK * 60);
    assert_null(started(1));
}

static void test_after_a_loss_nothing_is_known_until_limits_are_applied(void **state)
{
    const struct ours *ours = after_a_loss();

    (void)state;
    assert_non_null(started(100 * 60 - KEPT_BACK));
    assert_int_equal(ours->mirror[0].truth + world_outstanding(&world, 0, false), (100 + 40) * 3600 - KEPT_BACK * 60);
    assert_int_equal(ours->mirror[0].lost, 40 * 3600);
}

static enum aif_verdict decide(uint32_t minutes)
{
    struct world_usage query = {.world = &world};
    struct aif_decision decision;

    aif_decide(&world.snapshot,
               &(struct aif_request){.account = "a0", .gpus = 1, .nodes = 1, .minutes = minutes, .begin = world.ours[0].alloc->start},
               world_usage, &query, &decision);
    return decision.verdict;
}

/* job_submit reads the ledger itself, so what was lost is gone at once for new jobs. */
static void test_after_a_loss_decisions_know_what_the_ledger_knows(void **state)
{
    (void)state;
    after_a_loss();
    assert_int_equal(decide(70 * 60 - 1), AIF_REJECT);
    assert_int_equal(decide(70 * 60 - KEPT_BACK), AIF_ACCEPT);
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
        cmocka_unit_test(test_what_slurm_rounds_away_is_kept_back),
        cmocka_unit_test(test_after_a_loss_what_was_not_known_comes_back_once),
        cmocka_unit_test(test_after_a_loss_nothing_is_known_until_limits_are_applied),
        cmocka_unit_test(test_after_a_loss_decisions_know_what_the_ledger_knows),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
