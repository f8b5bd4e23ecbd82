/* test_policyclosures.c - unit tests of policyclosures.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "configtest.h"
#include "policytest.h"

static int in_utc(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    return 0;
}

static void test_every_key(void **state)
{
    struct aif_policy *policy = policytest_make(
        "", "\"closures\": [{\"partitions\": [\"boost\", \"acc\"], \"from\": \"2026-08-01\","
            " \"until\": \"2026-09-15\", \"note\": \"of demand\"}, {\"from\": "
            "\"2026-12-24T12:00:00Z\"},"
            " {\"until\": \"2026-01-31\"}, {}]");
    const struct aif_mode *mode = &policy->modes[0];
    const struct aif_closure *closures = mode->closures;

    (void)state;
    assert_int_equal(mode->closure_count, 4);
    assert_string_equal(closures[0].partitions[0], "boost");
    assert_string_equal(closures[0].partitions[1], "acc");
    assert_null(closures[0].partitions[2]);
    assert_int_equal(closures[0].from, 1785542400);  /* 1 August, 00:00:00 */
    assert_int_equal(closures[0].until, 1789516799); /* 15 September, 23:59:59 */
    assert_string_equal(closures[0].note, "of demand");
    assert_null(closures[1].partitions);
    assert_int_equal(closures[1].from, 1798113600);
    assert_int_equal(closures[1].until, 0);
    assert_int_equal(closures[2].from, 0);
    assert_int_equal(closures[2].until, 1769903999);
    assert_null(closures[3].note);
    assert_int_equal(policy->modes[1].closure_count, 0);
    aif_policy_destroy(policy);
}

static void test_one_day(void **state)
{
    struct aif_policy *policy = policytest_make(
        "", "\"closures\": [{\"from\": \"2026-08-01\", \"until\": \"2026-08-01\"}]");

    (void)state;
    assert_int_equal(policy->modes[0].closures[0].until - policy->modes[0].closures[0].from, 86399);
    aif_policy_destroy(policy);
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"closures\": {}", "modes.m.closures: wrong type"},
        {"\"closures\": [1]", "modes.m.closures[0]: wrong type: 1"},
        {"\"closures\": [{}, {\"untill\": \"2026-08-01\"}]",
         "modes.m.closures[1].untill: unknown key: \"untill\" (AIF-C003); did you mean \"until\"?"},
        {"\"closures\": [{\"partitions\": []}]", "modes.m.closures[0].partitions: out of range"},
        {"\"closures\": [{\"partitions\": \"boost\"}]",
         "modes.m.closures[0].partitions: wrong type"},
        {"\"closures\": [{\"from\": \"2026-02-30\"}]",
         "modes.m.closures[0].from: out of range: \"2026-02-30\", limit a date that exists"},
        {"\"closures\": [{\"until\": \"tomorrow\"}]", "modes.m.closures[0].until: out of range"},
        {"\"closures\": [{\"from\": \"2026-08-02\", \"until\": \"2026-08-01\"}]",
         "modes.m.closures[0].until: out of range: \"2026-08-01\", limit not before \"from\" "
         "(AIF-C007)"},
        {"\"closures\": [{\"note\": \"\"}]", "modes.m.closures[0].note: out of range"},
    };

    (void)state;
    policytest_refused_modes(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_one_day),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, in_utc, NULL);
}
