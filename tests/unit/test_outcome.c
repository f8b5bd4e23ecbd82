/* test_outcome.c - outcome.h: what sbatch --test-only said, understood */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "outcome.h"

static void test_accepted(void **state)
{
    struct aif_outcome o;

    (void)state;
    aif_outcome_read("sbatch: aif: accepted under allocation X: asked 8 GPU-hours, left 40 "
                     "GPU-hours after it (AIF-Q007)\n"
                     "sbatch: Job 7 to start at 2026-11-21T09:00:00 using 4 processors on nodes "
                     "n[1-2] in partition gpu\n",
                     0, &o);
    assert_int_equal(o.verdict, AIF_OUTCOME_ACCEPTED);
    assert_string_equal(
        o.message,
        "accepted under allocation X: asked 8 GPU-hours, left 40 GPU-hours after it (AIF-Q007)");
    assert_string_equal(o.rule, "AIF-Q007");
    assert_string_equal(o.start, "2026-11-21T09:00:00");
    assert_string_equal(o.nodes, "n[1-2]");
    assert_string_equal(o.partition, "gpu");
    assert_int_equal(o.cpus, 4);
    assert_null(o.reason);
    assert_null(o.others);
    aif_outcome_free(&o);
}

static void test_refused(void **state)
{
    struct aif_outcome o;

    (void)state;
    aif_outcome_read(
        "sbatch: error: aif: allocation X has too little left: asked 2, left 1 (AIF-Q001); wait\n"
        "allocation failure: Job violates accounting/QOS policy (job submit limit)\n",
        1, &o);
    assert_int_equal(o.verdict, AIF_OUTCOME_REFUSED);
    assert_string_equal(o.rule, "AIF-Q001");
    assert_string_equal(o.message,
                        "allocation X has too little left: asked 2, left 1 (AIF-Q001); wait");
    assert_string_equal(o.reason, "Job violates accounting/QOS policy (job submit limit)");
    assert_null(o.start);
    aif_outcome_free(&o);
}

/* Our plugin had nothing against the job: its sentence comes with Slurm's refusal. */
static void test_refused_by_slurm(void **state)
{
    struct aif_outcome o;

    (void)state;
    aif_outcome_read(
        "sbatch: error: aif: accepted under allocation X: asked 8 GPU-hours (AIF-Q007)\n"
        "allocation failure: Requested node configuration is not available\n",
        1, &o);
    assert_int_equal(o.verdict, AIF_OUTCOME_SLURM);
    assert_string_equal(o.reason, "Requested node configuration is not available");
    assert_string_equal(o.message, "accepted under allocation X: asked 8 GPU-hours (AIF-Q007)");
    aif_outcome_free(&o);
    aif_outcome_read("sbatch: error: Nodes required\nallocation failure: Invalid account\n", 1, &o);
    assert_int_equal(o.verdict, AIF_OUTCOME_SLURM);
    assert_string_equal(o.others, "Nodes required");
    assert_null(o.message);
    aif_outcome_free(&o);
}

static void test_held(void **state)
{
    struct aif_outcome o;

    (void)state;
    aif_outcome_read("sbatch: aif: allocation X has not started: asked now, limit 2026-12-01 "
                     "(AIF-A002); the job is held until then\n"
                     "sbatch: Job 7 to start at 2026-12-01T00:00:00 using 1 processors on nodes n1 "
                     "in partition gpu\n",
                     0, &o);
    assert_int_equal(o.verdict, AIF_OUTCOME_HELD);
    assert_string_equal(o.rule, "AIF-A002");
    assert_null(o.start);
    aif_outcome_free(&o);
    aif_outcome_read("sbatch: aif: allocation X does not suffice, the job runs above it: asked 1 "
                     "(AIF-Q006); it gets QOS x-free\n",
                     0, &o);
    assert_int_equal(o.verdict, AIF_OUTCOME_ACCEPTED);
    aif_outcome_free(&o);
}

static void test_wrong_command_line(void **state)
{
    struct aif_outcome o;

    (void)state;
    aif_outcome_read(
        "sbatch: unrecognized option '--foo'\nTry \"sbatch --help\" for more information\n", 1, &o);
    assert_int_equal(o.verdict, AIF_OUTCOME_NO_CHECK);
    aif_outcome_free(&o);
}

static void test_heterogeneous_jobs(void **state)
{
    struct aif_outcome o;

    (void)state;
    aif_outcome_read("sbatch: 0: aif: accepted under allocation X: asked 1\nsbatch: 1: aif: "
                     "accepted under allocation X: asked 2\n"
                     "sbatch: 2: aif: accepted under allocation X: asked 2\n"
                     "sbatch: Job 7 to start at 2026-11-21T09:00:00 using 6 processors on n[1-3]\n",
                     0, &o);
    assert_int_equal(o.verdict, AIF_OUTCOME_ACCEPTED);
    assert_string_equal(
        o.message, "accepted under allocation X: asked 1\naccepted under allocation X: asked 2");
    assert_string_equal(o.nodes, "n[1-3]");
    assert_null(o.partition);
    assert_null(o.others);
    aif_outcome_free(&o);
}

/* Silence (sbatch -Q, or a job of nobody), other plugins' words, and text that only looks familiar.
 */
static void test_oddities(void **state)
{
    struct aif_outcome o;

    (void)state;
    aif_outcome_read("", 0, &o);
    assert_int_equal(o.verdict, AIF_OUTCOME_ACCEPTED);
    assert_null(o.message);
    aif_outcome_free(&o);
    aif_outcome_read(
        "sbatch: please use the new file system\nsbatch: debug:  x\nJob 1 to start at noon\n", 0,
        &o);
    assert_string_equal(o.others, "please use the new file system");
    assert_null(o.start);
    aif_outcome_free(&o);
    aif_outcome_read("sbatch: aif: accepted under allocation X (AIF-0123456789012345678)\nsbatch: "
                     "Job 1 using 1 processors on to start at\n",
                     0, &o);
    assert_string_equal(o.rule, "");
    assert_null(o.start);
    aif_outcome_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),           cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refused_by_slurm),   cmocka_unit_test(test_held),
        cmocka_unit_test(test_wrong_command_line), cmocka_unit_test(test_heterogeneous_jobs),
        cmocka_unit_test(test_oddities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
