/* test_modetext.c - modetext.h: the rules of a mode in words */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "modetext.h"

/* Takes over text. */
static void expect(char *text, const char *want)
{
    if (want) {
        assert_non_null(text);
        assert_string_equal(text, want);
    } else {
        assert_null(text);
    }
    free(text);
}

static void test_ranges(void **state)
{
    (void)state;
    expect(aif_modetext_range(&(struct aif_range){0, 0}), NULL);
    expect(aif_modetext_range(&(struct aif_range){1, 8}), "1 to 8");
    expect(aif_modetext_range(&(struct aif_range){0, 8}), "up to 8");
    expect(aif_modetext_range(&(struct aif_range){4, 0}), "at least 4");
    expect(aif_modetext_range(&(struct aif_range){4, 4}), "4");
}

static void test_state_follows_closures(void **state)
{
    char *boost[] = {"boost", NULL};
    struct aif_closure closures[] = {{boost, 100, 200, NULL}, {NULL, 300, 0, "works"}};
    struct aif_mode mode = {.open = true, .closures = closures, .closure_count = 2};

    (void)state;
    assert_string_equal(aif_modetext_state(&mode, 99), "open");
    assert_string_equal(aif_modetext_state(&mode, 100), "partly");
    assert_string_equal(aif_modetext_state(&mode, 200), "partly");
    assert_string_equal(aif_modetext_state(&mode, 201), "open");
    assert_string_equal(aif_modetext_state(&mode, 1000000), "closed");
    assert_true(aif_modetext_closes_later(&closures[0], 99));
    assert_false(aif_modetext_closes_later(&closures[0], 100));
    mode.open = false;
    assert_string_equal(aif_modetext_state(&mode, 99), "closed");
}

static void test_closures(void **state)
{
    char *two[] = {"boost", "acc", NULL};

    (void)state;
    expect(aif_modetext_closure(&(struct aif_closure){two, 0, 1789516799, "demand"}),
           "boost, acc until 2026-09-15: demand");
    expect(aif_modetext_closure(&(struct aif_closure){NULL, 1785542400, 0, NULL}),
           "all partitions from 2026-08-01");
}

static void test_categories(void **state)
{
    (void)state;
    expect(aif_modetext_categories(0), NULL);
    expect(aif_modetext_categories(1u << AIF_CATEGORY_SME | 1u << AIF_CATEGORY_STARTUP),
           "sme, startup");
    expect(aif_modetext_categories(1u << AIF_CATEGORY_COMMERCIAL), "commercial");
}

static void test_jobs(void **state)
{
    struct aif_mode mode = {.jobs_per_user = 4, .submits_per_allocation = 20};

    (void)state;
    expect(aif_modetext_jobs(&mode), "4 running per user, 20 queued and running per allocation");
    expect(aif_modetext_jobs(&(struct aif_mode){0}), NULL);
}

static void test_interactive(void **state)
{
    struct aif_mode mode = {.interactive = {.wall_max_minutes = 120, .gpus_per_job = {0, 4}}};

    (void)state;
    expect(aif_modetext_interactive(&mode), "up to 2:00:00, up to 4 GPUs");
    mode.interactive.forbidden = true;
    expect(aif_modetext_interactive(&mode), "not allowed");
    expect(aif_modetext_interactive(&(struct aif_mode){0}), NULL);
}

static void test_inference(void **state)
{
    (void)state;
    expect(aif_modetext_inference(
               &(struct aif_mode){.has_inference_share = true, .inference_percent = 10}),
           "up to 10 % of an allocation's amount");
    expect(aif_modetext_inference(&(struct aif_mode){.has_inference_share = true}),
           "up to 0 % of an allocation's amount");
    expect(aif_modetext_inference(&(struct aif_mode){0}), NULL);
}

static void test_pacing(void **state)
{
    struct aif_pacing cut = {
        .kind = AIF_PACING_CUT, .cut_months = 6, .cut_percent = 40, .cut_keep_percent = 50};
    struct aif_pacing ceiling = {.kind = AIF_PACING_CEILING, .ceiling_percent = 150};

    (void)state;
    expect(aif_modetext_pacing(&(struct aif_pacing){0}), NULL);
    expect(aif_modetext_pacing(&cut),
           "cut: with less than 40 % used after 6 months, 50 % of what is left stays");
    expect(aif_modetext_pacing(&ceiling),
           "ceiling: above 100 % on a free QOS at lowest priority, up to 150 %");
}

static void test_award(void **state)
{
    struct aif_award award = {.has_unit = true,
                              .unit = AIF_UNIT_GPU_HOUR,
                              .amount_min = 5000,
                              .amount_max = 5000,
                              .months = {1, 3}};

    (void)state;
    expect(aif_modetext_award(&award), "5000 GPU-hours, 1 to 3 months");
    award.amount_max = 50000;
    award.unit = AIF_UNIT_NODE_HOUR;
    award.months.max = 1;
    expect(aif_modetext_award(&award), "5000 to 50000 node-hours, 1 month");
    award.amount_max = 0;
    award.months = (struct aif_range){0, 0};
    expect(aif_modetext_award(&award), "at least 5000 node-hours");
    expect(aif_modetext_award(&(struct aif_award){0}), NULL);
}

static void test_lane(void **state)
{
    char *names[] = {"playground", "benchmark", NULL};
    struct aif_lane lane = {.present = true, .base = 100000};

    (void)state;
    expect(aif_modetext_lane(&(struct aif_lane){0}), NULL);
    expect(aif_modetext_lane(&lane), "+100000 priority");
    lane.target = 1800;
    lane.level = true;
    expect(aif_modetext_lane(&lane), "+100000 priority; to start within 0:30:00; first in, first out");
    lane = (struct aif_lane){.present = true, .target = 90, .from = 50, .urgency = 7, .preempts = names, .preempts_free = true};
    lane.headroom = 8;
    expect(aif_modetext_lane(&lane), "+0 priority; to start within 90 seconds (from 50 % of it on more priority, +7 at its end); "
                                     "takes the place of playground, benchmark, free QOS; 8 GPUs kept free");
}

static void test_yield(void **state)
{
    char *names[] = {"Playground", NULL};
    struct aif_mode modes[] = {{.name = "fast", .lane = {.present = true, .preempts = names}},
                               {.name = "playground", .yield = AIF_YIELD_CANCEL, .yield_grace = 300}};
    struct aif_policy policy = {.modes = modes, .mode_count = 2};

    (void)state;
    expect(aif_modetext_yield(&policy, &modes[0]), NULL);
    expect(aif_modetext_yield(&policy, &modes[1]), "jobs are cancelled when a lane needs their place, after 0:05:00");
    modes[0].lane.preempts_free = true;
    expect(aif_modetext_yield(&policy, &modes[0]), "jobs on the free QOS are requeued when a lane needs their place");
    assert_true(aif_modetext_yields(&policy, &modes[0], true));
    assert_false(aif_modetext_yields(&policy, &modes[0], false));
}

static void test_shares(void **state)
{
    char *modes[] = {"playground", "fast-lane", NULL};
    struct aif_share share = {.title = "Industrial innovation", .modes = modes, .percent = 30};
    struct aif_mode playground = {.name = "playground"}, science = {.name = "science"};

    (void)state;
    assert_true(aif_modetext_in_share(&share, &playground));
    assert_false(aif_modetext_in_share(&share, &science));
    share.modes = NULL;
    assert_true(aif_modetext_in_share(&share, &science));
    share.categories = 1u << AIF_CATEGORY_SME;
    science.categories = 1u << AIF_CATEGORY_SCIENCE;
    assert_false(aif_modetext_in_share(&share, &science));
    expect(aif_modetext_share(&share), "Industrial innovation: at most 30 % of the machine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),    cmocka_unit_test(test_state_follows_closures),
        cmocka_unit_test(test_closures),  cmocka_unit_test(test_categories),
        cmocka_unit_test(test_jobs),      cmocka_unit_test(test_interactive),
        cmocka_unit_test(test_inference), cmocka_unit_test(test_pacing),
        cmocka_unit_test(test_award),     cmocka_unit_test(test_shares),
        cmocka_unit_test(test_lane),      cmocka_unit_test(test_yield),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
