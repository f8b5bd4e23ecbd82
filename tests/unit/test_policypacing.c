/* test_policypacing.c - unit tests of policypacing.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "pace.h"
#include "policytest.h"

static struct aif_pacing pacing_of(const char *text)
{
    struct aif_policy *policy;
    struct aif_pacing pacing;
    char mode[256];

    snprintf(mode, sizeof(mode), "\"pacing\": %s", text);
    policy = policytest_make("", mode);
    pacing = policy->modes[0].pacing;
    assert_int_equal(policy->modes[1].pacing.kind, AIF_PACING_NONE);
    aif_policy_destroy(policy);
    return pacing;
}

static void test_every_kind(void **state)
{
    struct aif_pacing pacing;

    (void)state;
    assert_int_equal(pacing_of("{\"kind\": \"none\"}").kind, AIF_PACING_NONE);
    assert_int_equal(pacing_of("{\"kind\": \"monthly\"}").kind, AIF_PACING_MONTHLY);
    assert_int_equal(pacing_of("{\"kind\": \"credit\"}").kind, AIF_PACING_CREDIT);
    pacing = pacing_of("{\"priority\": 10000, \"kind\": \"linear\"}");
    assert_int_equal(pacing.kind, AIF_PACING_LINEAR);
    assert_int_equal(pacing.priority, 10000);
    pacing = pacing_of("{\"kind\": \"ceiling\", \"percent\": 150}");
    assert_int_equal(pacing.kind, AIF_PACING_CEILING);
    assert_int_equal(pacing.ceiling_percent, 150);
    pacing = pacing_of("{\"kind\": \"cut\", \"months\": 6, \"below\": 40, \"keep\": 50}");
    assert_int_equal(pacing.kind, AIF_PACING_CUT);
    assert_int_equal(pacing.cut_months, 6);
    assert_int_equal(pacing.cut_percent, 40);
    assert_int_equal(pacing.cut_keep_percent, 50);
}

/* What "aif quota" shows is what the file says. */
static void test_same_words_as_pace(void **state)
{
    static const char *const kinds[] = {
        "{\"kind\": \"none\"}",
        "{\"kind\": \"monthly\"}",
        "{\"kind\": \"credit\"}",
        "{\"kind\": \"linear\", \"priority\": 1}",
        "{\"kind\": \"ceiling\", \"percent\": 150}",
        "{\"kind\": \"cut\", \"months\": 6, \"below\": 40, \"keep\": 50}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const char *name = aif_pacing_name(pacing_of(kinds[i]).kind);

        assert_memory_equal(strstr(kinds[i], ": \"") + 3, name, strlen(name));
    }
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"pacing\": \"monthly\"", "modes.m.pacing: wrong type: \"monthly\", must be an object"},
        {"\"pacing\": {}", "modes.m.pacing.kind: required key is missing: \"kind\" (AIF-C005)"},
        {"\"pacing\": {\"percent\": 150}", "modes.m.pacing.kind: required key is missing"},
        {"\"pacing\": {\"kind\": 1}", "modes.m.pacing.kind: wrong type: 1"},
        {"\"pacing\": {\"kind\": \"weekly\"}", "modes.m.pacing.kind: out of range: \"weekly\", "
                                               "limit \"none\" or \"monthly\" or \"credit\" or "
                                               "\"linear\" or \"ceiling\" or \"cut\" (AIF-C007)"},
        {"\"pacing\": {\"kind\": \"monthly\", \"percent\": 150}",
         "modes.m.pacing.percent: unknown key: \"percent\" (AIF-C003); known keys: kind"},
        {"\"pacing\": {\"kind\": \"linear\"}", "modes.m.pacing.priority: required key is missing"},
        {"\"pacing\": {\"kind\": \"linear\", \"priority\": 0}",
         "modes.m.pacing.priority: out of range: 0, limit 1 to 1000000000"},
        {"\"pacing\": {\"kind\": \"ceiling\"}", "modes.m.pacing.percent: required key is missing"},
        {"\"pacing\": {\"kind\": \"ceiling\", \"percent\": 100}",
         "modes.m.pacing.percent: out of range: 100, limit 101 to 1000"},
        {"\"pacing\": {\"kind\": \"ceiling\", \"percent\": 1001}",
         "modes.m.pacing.percent: out of range"},
        {"\"pacing\": {\"kind\": \"ceiling\", \"percent\": 150.5}",
         "modes.m.pacing.percent: wrong type"},
        {"\"pacing\": {\"kind\": \"cut\", \"months\": 6, \"below\": 40}",
         "modes.m.pacing.keep: required key is missing"},
        {"\"pacing\": {\"kind\": \"cut\", \"months\": 0, \"below\": 40, \"keep\": 50}",
         "modes.m.pacing.months: out of range: 0, limit 1 to 120"},
        {"\"pacing\": {\"kind\": \"cut\", \"months\": 6, \"below\": 101, \"keep\": 50}",
         "modes.m.pacing.below: out of range: 101, limit 1 to 100"},
        {"\"pacing\": {\"kind\": \"cut\", \"months\": 6, \"below\": 40, \"keep\": -1}",
         "modes.m.pacing.keep: out of range: -1, limit 0 to 100"},
    };

    (void)state;
    policytest_refused_modes(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_same_words_as_pace),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
