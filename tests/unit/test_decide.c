/* test_decide.c - unit tests of decide.h: whose job it is, which allocation, mode, dates, size */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "decide_fixture.h"

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
    assert_string_equal(decide(&(struct job){.account = "physics"}).message, "");
    assert_string_equal(decide(&(struct job){.account = "physics", .explain = true}).message,
                        "aif: account physics has no allocation, so none is charged (AIF-Q007)");
    assert_int_equal(decide(&(struct job){.account = "physics", .explain = true}).verdict, AIF_IGNORE);
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
    /* A list, as Slurm takes it from 24.11 on, is no way around the mode of any of its QOS. */
    check_reject(&(struct job){.account = "physics", .qos = "normal,pg-1"}, "AIF-A010", NULL);
    check_reject(&(struct job){.account = "pg1", .qos = "PG-1,normal"}, "AIF-A009", NULL);
    check_reject(&(struct job){.qos = "pg-1,"}, "AIF-A009", NULL);
    check_ignore(&(struct job){.account = "physics", .qos = "normal,,other"});
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
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
