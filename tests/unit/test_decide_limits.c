/* test_decide_limits.c - unit tests of decide.h: time, residency, placement, budget */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "decide_fixture.h"

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
    struct aif_restag expected, written;

    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_true(decision.has_residency);
    assert_int_equal(aif_restag_parse(text, NULL, 0, &expected, NULL), 0);
    assert_true(aif_restag_equal(&decision.residency, &expected));
    assert_int_equal(aif_restag_parse(decision.residency_text, NULL, 0, &written, NULL), 0);
    assert_true(aif_restag_equal(&written, &expected));
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
                 "the tags before it "
                 "together (AIF-R002); choose --data-residency inside the limit, or leave it out");
    check_reject(
        &(struct job){.account = "pg1", .residency = "US", .minutes = 1}, "AIF-R002",
        "aif: no country fits both residency tags: asked US of the job, limit EUROHPC of the mode "
        "(AIF-R002); choose --data-residency inside the limit, or leave it out");
    check_reject(&(struct job){.account = "flch", .minutes = 1}, "AIF-R002",
                 "aif: no country fits both residency tags: asked EU27 of the mode, limit CH of "
                 "the allocation "
                 "(AIF-R002); tell the site: these two can never agree");
}

/* A set that no job's environment has room for is refused, not cut. */
static void test_residency_too_long(void **state)
{
    static const char edit[] =
        "\"NORDIC\":\t\"HALF\": "
        "\"EUROHPC|AD|AE|AF|AG|AI|AM|AO|AQ|AR|AS|AU|AW|AX|AZ|BA|BB|BD|BF|BH|BI|BJ|BL|BM|BN|BO|"
        "BQ|BR|BS|BT|BV|BW|BY|BZ|CA|CC|CD|CF|CG|CI|CK|CL|CM|CN|CO|CR|CU|CV|CW|CX|DJ|DM|DO|DZ|EC|EG|"
        "EH|ER\", \"NORDIC\":";
    struct aif_snapshot *wide = fixture_create(edit);
    struct aif_decision decision;

    (void)state;
    decision = decide_at(wide, &(struct job){.account = "r1", .residency = "HALF", .minutes = 1});
    assert_int_equal(decision.verdict, AIF_REJECT);
    assert_string_equal(decision.rule, "AIF-R001");
    assert_string_equal(decision.residency_text, "");
    decision = decide_at(wide, &(struct job){.account = "fl1", .residency = "HALF", .minutes = 1});
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_string_equal(decision.residency_text, "EU27");
    /* A clash with it is still explained. */
    decision = decide_at(wide, &(struct job){.account = "flch", .residency = "HALF", .minutes = 1});
    assert_string_equal(decision.rule, "AIF-R002");
    fixture_destroy(wide);
}

/* ---- placement ---- */

static void test_placement(void **state)
{
    struct aif_decision decision;

    (void)state;
    decision = check_accept(
        &(struct job){.account = "r1", .placement = "pack,strict@1:30", .minutes = 1}, "R-1");
    assert_int_equal(decision.placement.placement, AIF_PLACE_PACK);
    assert_true(decision.placement.strict);
    assert_int_equal(decision.placement.strict_seconds, 90);
    decision = check_accept(&(struct job){.account = "r1", .minutes = 1}, "R-1");
    assert_int_equal(decision.placement.placement, AIF_PLACE_DEFAULT);
    assert_false(decision.placement.strict);
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
            .account = "pg1", .gpus = 8, .minutes = 240, .used_hours = 4900, .reserved_hours = 67},
        "PG-1");
    assert_int_equal(decision.asked_secs, 32 * HOUR);
    assert_int_equal(decision.left_secs, 33 * HOUR);
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
                 "for less time, fewer GPUs or fewer array tasks, or see \"aif quota\"");
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
    /* One second short of what Slurm starts: two minutes are kept back. */
    check_accept(&(struct job){.account = "same", .gpus = 1, .minutes = 598}, "SAME-B");
    check_reject(
        &(struct job){.account = "same", .gpus = 1, .minutes = 598, .used_hours = 1.0 / HOUR},
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
    usage = (struct aif_usage){.known = true, .used_secs = UINT64_MAX, .reserved_secs = UINT64_MAX};
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
               &(struct aif_request){.account = "same", .gpus = 1, .minutes = 598, .begin = NOW},
               NULL, NULL, &decision);
    assert_int_equal(decision.verdict, AIF_ACCEPT);
    assert_int_equal(decision.left_secs, 10 * HOUR);
}

/* ---- what holds for every job ---- */

static uint32_t draw(uint32_t below)
{
    static uint32_t seed = 4711;

    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static const char *draw_text(const char *const *texts, uint32_t count)
{
    return texts[draw(count)];
}

static struct job draw_job(void)
{
    static const char *const accounts[] = {NULL,  "pg1",  "fl1",  "r1",     "same",
                                           "mix", "team", "past", "physics"};
    static const char *const allocations[] = {NULL, NULL, NULL, "PG-1", "FL-1", "SAME-C", "nope"};
    static const char *const modes[] = {NULL,      NULL,        "playground",
                                        "regular", "fast-lane", "fastlane"};
    static const char *const tags[] = {NULL, NULL, "FI", "NORDIC", "EU27-FI", "CH", "XX"};

    return (struct job){.account = draw_text(accounts, 9),
                        .allocation = draw_text(allocations, 7),
                        .mode = draw_text(modes, 6),
                        .residency = draw_text(tags, 7),
                        .gpus = draw(20),
                        .nodes = 1 + draw(3),
                        .tasks = draw(3),
                        .minutes = draw(300),
                        .begin = NOW + (time_t)draw(400) * 24 * HOUR,
                        .used_hours = draw(12000)};
}

static void test_properties(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct job job = draw_job();
        const struct aif_decision decision = decide(&job);

        assert_true(strlen(decision.message) < AIF_MESSAGE_MAX - 1);
        if (decision.verdict != AIF_ACCEPT)
            continue;
        assert_true(decision.asked_secs <= decision.left_secs);
        assert_true(decision.alloc->start <= job.begin && job.begin <= decision.alloc->end);
        assert_true(!decision.has_residency || !aif_residency_empty(&decision.residency.set));
        assert_true(!job.residency || decision.has_residency);
        /* The same job, asking for less, is accepted as well. */
        job.gpus /= 2;
        job.minutes = (job.minutes + 1) / 2;
        assert_int_equal(decide(&job).verdict, AIF_ACCEPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_refused),
        cmocka_unit_test(test_time_capped),
        cmocka_unit_test(test_time_unknown),
        cmocka_unit_test(test_residency),
        cmocka_unit_test(test_residency_refused),
        cmocka_unit_test(test_residency_too_long),
        cmocka_unit_test(test_placement),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_budget_edges),
        cmocka_unit_test(test_budget_free_and_untracked),
        cmocka_unit_test(test_offline_counts_nothing_used),
        cmocka_unit_test(test_properties),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
