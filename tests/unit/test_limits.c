/* test_limits.c - limits.h: names, texts and the digest that tells who changed a QOS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "limits.h"

static struct aif_limits some_limits(void)
{
    const struct aif_mirror mirror = {.tres_mins = 5998, .job_gpus = 8, .job_nodes = AIF_MIRROR_NONE, .wall = 240,
                                      .jobs_per_user = 3, .submits_per_user = AIF_MIRROR_NONE, .jobs = AIF_MIRROR_NONE,
                                      .submits = AIF_MIRROR_NONE};
    struct aif_limits limits;

    aif_limits_from_mirror(&limits, &mirror, AIF_CHARGE_GPU);
    return limits;
}

static void test_charged_tres(void **state)
{
    const struct aif_mirror mirror = {.tres_mins = 7};
    struct aif_limits limits;

    (void)state;
    for (int tres = AIF_CHARGE_GPU; tres <= AIF_CHARGE_BILLING; tres++) {
        aif_limits_from_mirror(&limits, &mirror, (enum aif_charge_tres)tres);
        for (int i = AIF_CHARGE_GPU; i <= AIF_CHARGE_BILLING; i++)
            assert_true(limits.value[AIF_LIMIT_GPU_MINS + i] == (i == tres ? 7 : AIF_LIMIT_NONE));
    }
}

static void expect_text(enum aif_limit limit, uint64_t value, const char *want)
{
    char *text = aif_limit_text(limit, value);

    assert_string_equal(text, want);
    free(text);
}

static void test_texts(void **state)
{
    (void)state;
    expect_text(AIF_LIMIT_GPU_MINS, 5998, "5998");
    expect_text(AIF_LIMIT_GPU_MINS, AIF_LIMIT_NONE, "none");
    expect_text(AIF_LIMIT_WALL, 240, "4:00:00");
    expect_text(AIF_LIMIT_WALL, AIF_LIMIT_NONE, "none");
    expect_text(AIF_LIMIT_JOBS, 0, "0");
    assert_string_equal(aif_limit_name(AIF_LIMIT_USER_JOBS, true), "MaxJobsPU");
    assert_string_equal(aif_limit_name(AIF_LIMIT_USER_JOBS, false), "MaxJobs");
    for (int i = 0; i < AIF_LIMITS; i++)
        assert_non_null(aif_limit_name((enum aif_limit)i, i % 2 == 0));
}

static void test_digest_of_each_limit(void **state)
{
    const struct aif_limits limits = some_limits();
    char was[AIF_LIMITS_DIGEST], is[AIF_LIMITS_DIGEST];

    (void)state;
    aif_limits_digest(&limits, was);
    assert_int_equal(strlen(was), AIF_LIMITS_DIGEST - 1);
    for (int i = 0; i < AIF_LIMITS; i++) {
        struct aif_limits other = limits;

        other.value[i]++;
        aif_limits_digest(&other, is);
        assert_string_not_equal(is, was);
    }
    aif_limits_digest(&limits, is);
    assert_string_equal(is, was);
}

static void test_drift(void **state)
{
    struct aif_limits limits = some_limits();
    char *mark = aif_limits_mark("EHPC-AIF-2026PG01-905", &limits);

    (void)state;
    assert_memory_equal(mark, "aif EHPC-AIF-2026PG01-905 #", 27);
    assert_false(aif_limits_drifted(mark, &limits));
    limits.value[AIF_LIMIT_WALL] = 7;
    assert_true(aif_limits_drifted(mark, &limits));
    assert_false(aif_limits_drifted("aif EHPC-AIF-2026PG01-905", &limits));
    limits.value[AIF_LIMIT_JOBS] = limits.value[AIF_LIMIT_SUBMITS] = 0;
    assert_false(aif_limits_drifted(mark, &limits));
    free(mark);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_charged_tres),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_digest_of_each_limit),
        cmocka_unit_test(test_drift),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
