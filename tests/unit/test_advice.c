/* test_advice.c - unit tests of advice.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "advice.h"
#include "configtest.h"
#include "policytest.h"

#define NOW 1793491200 /* 1 November 2026 */

static struct aif_policy *policy;

static int load_shipped(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Sofia", 1);
    tzset();
    return aif_policy_load(ETC_DIR "/policy.json", &policy, NULL);
}

static int drop_shipped(void **state)
{
    (void)state;
    aif_policy_destroy(policy);
    return 0;
}

static void collect(void *arg, const char *text)
{
    char *all = arg;

    assert_true(strlen(text) < AIF_ADVICE_MAX);
    assert_null(strstr(text, "error"));
    strcat(strcat(all, text), "\n");
}

/* All advice about one entry, each line ended by a newline. */
static void check_advice(const char *entry, const char *expected)
{
    struct aif_alloctable *table = NULL;
    struct aif_error err = {0};
    char *text = NULL, all[4096] = "";

    assert_true(asprintf(&text, "{\"version\": 1, \"allocations\": [{%s, \"account\": \"a\"}]}",
                         entry) > 0);
    if (aif_alloctable_parse(text, strlen(text), "f", policy, &table, &err))
        fail_msg("%s", err.text);
    aif_advice_give(policy, aif_alloctable_at(table, 0), NOW, collect, all);
    assert_string_equal(all, expected);
    aif_alloctable_destroy(table);
    free(text);
}

#define PLAYGROUND                                                                                 \
    "\"id\": \"EHPC-AIF-2026PG01-905\", \"mode\": \"playground\", \"unit\": \"gpu-hour\", "
#define THREE_MONTHS "\"start\": \"2026-09-02\", \"end\": \"2026-12-02\""
#define SITE_ID "\"id\": \"project_465003186\", \"unit\": \"gpu-hour\", "
#define AND "allocation project_465003186: "

static void test_awards_as_published(void **state)
{
    (void)state;
    check_advice(PLAYGROUND "\"amount\": 5000, " THREE_MONTHS, "");
    check_advice(PLAYGROUND "\"amount\": 5000, \"start\": \"2026-10-31\", \"end\": \"2026-11-30\"",
                 "");
    check_advice(PLAYGROUND "\"amount\": 5000, \"start\": \"2026-11-30\", \"end\": \"2027-02-28\"",
                 "");
    check_advice(SITE_ID
                 "\"mode\": \"large-scale\", \"amount\": 2400000, \"start\": \"2026-03-01\","
                 " \"end\": \"2027-02-28\"",
                 "");
    check_advice(
        "\"id\": \"x\", \"mode\": \"regular\", \"unit\": \"node-hour\", \"amount\": 1800000,"
        " \"start\": \"2026-04-01\", \"end\": \"2027-03-31\"",
        "");
}

static void test_amount_and_unit(void **state)
{
    (void)state;
    check_advice(
        SITE_ID "\"mode\": \"playground\", \"amount\": 5000.5, " THREE_MONTHS,
        AND "amount: 5000.5 gpu-hours, playground publishes 5000; compare with the award letter\n");
    check_advice(SITE_ID "\"mode\": \"fast-lane\", \"amount\": 9999, " THREE_MONTHS,
                 AND "amount: 9999 gpu-hours, fast-lane publishes 10000 to 50000; compare with the "
                     "award letter\n");
    check_advice("\"id\": \"x\", \"mode\": \"playground\", \"unit\": \"node-hour\", \"amount\": "
                 "1, " THREE_MONTHS,
                 "allocation x: unit: node-hour, playground publishes gpu-hour; compare with the "
                 "award letter\n");
}

static void test_time(void **state)
{
    (void)state;
    check_advice(SITE_ID "\"mode\": \"playground\", \"amount\": 5000, \"start\": \"2026-09-02\","
                         " \"end\": \"2026-12-10\"",
                 AND "time: 2026-09-02 to 2026-12-10, playground publishes 1 to 3 months; "
                     "compare with the award letter\n");
    check_advice(SITE_ID "\"mode\": \"playground\", \"amount\": 5000, \"start\": \"2026-11-01\","
                         " \"end\": \"2026-11-20\"",
                 AND "time: 2026-11-01 to 2026-11-20, playground publishes 1 to 3 months; "
                     "compare with the award letter\n");
    check_advice(SITE_ID "\"mode\": \"playground\", \"amount\": 5000, \"start\": \"2026-08-01\","
                         " \"end\": \"2026-10-31\"",
                 AND "end: 2026-10-31 has passed; take it out once its usage is reported\n");
    check_advice(SITE_ID "\"mode\": \"playground\", \"amount\": 5000, \"start\": \"2026-08-01\","
                         " \"end\": \"2026-10-31\", \"state\": \"terminated\"",
                 "");
}

static void test_ids(void **state)
{
    static const char *const odd[] = {"EHPC-AIF-2026PG1-905", "ehpc_aif_2026pg01_905",
                                      "EHPC-AIF-2026XX01-905", "EHPC-AIF-2026PG01-90512"};
    static const char *const others[] = {
        "AIFAC_P02_222",        "ehpc628", "p201103", "e-aif-2026fl01-991", "EHPC-AI-2024A01-060",
        "ehpc-aif-2026pg01-905"};
    char entry[512], expected[512];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        snprintf(entry, sizeof(entry),
                 "\"id\": \"%s\", \"mode\": \"playground\", \"unit\": \"gpu-hour\","
                 " \"amount\": 5000, " THREE_MONTHS,
                 odd[i]);
        snprintf(expected, sizeof(expected),
                 "allocation %s: id: not of the form EHPC-AIF-2026PG01-905; "
                 "copy it from the award letter\n",
                 odd[i]);
        check_advice(entry, expected);
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        snprintf(entry, sizeof(entry),
                 "\"id\": \"%s\", \"mode\": \"playground\", \"unit\": \"gpu-hour\","
                 " \"amount\": 5000, " THREE_MONTHS,
                 others[i]);
        check_advice(entry, "");
    }
    check_advice(
        "\"id\": \"EHPC-AIF-2026FL01-991\", \"mode\": \"playground\", \"unit\": \"gpu-hour\","
        " \"amount\": 5000, " THREE_MONTHS,
        "allocation EHPC-AIF-2026FL01-991: mode: playground, the id's \"FL\" means fast-lane; "
        "compare with the award letter\n");
}

static void test_category(void **state)
{
    (void)state;
    check_advice(PLAYGROUND "\"category\": \"sme\", \"amount\": 5000, " THREE_MONTHS, "");
    check_advice(PLAYGROUND "\"category\": \"science\", \"amount\": 5000, " THREE_MONTHS,
                 "allocation EHPC-AIF-2026PG01-905: category: science, not eligible in playground: "
                 "its jobs will be "
                 "refused; compare with the award letter\n");
}

static void test_several_at_once(void **state)
{
    (void)state;
    check_advice(
        "\"id\": \"EHPC-AIF-2026FL01-991\", \"mode\": \"playground\", \"unit\": \"gpu-hour\","
        " \"amount\": 1, \"category\": \"public\", \"start\": \"2026-01-01\", \"end\": "
        "\"2026-01-01\"",
        "allocation EHPC-AIF-2026FL01-991: amount: 1 gpu-hours, playground publishes 5000; "
        "compare with the award letter\n"
        "allocation EHPC-AIF-2026FL01-991: time: 2026-01-01 to 2026-01-01, playground publishes 1 "
        "to 3 "
        "months; compare with the award letter\n"
        "allocation EHPC-AIF-2026FL01-991: mode: playground, the id's \"FL\" means fast-lane; "
        "compare with the award letter\n"
        "allocation EHPC-AIF-2026FL01-991: category: public, not eligible in playground: its jobs "
        "will be "
        "refused; compare with the award letter\n"
        "allocation EHPC-AIF-2026FL01-991: end: 2026-01-01 has passed; take it out once its usage "
        "is "
        "reported\n");
}

static void check_lanes(const char *top, const char *mode, const char *expected)
{
    struct aif_policy *made = policytest_make(top, mode);
    char all[1024] = "";

    aif_advice_lanes(made, collect, all);
    assert_string_equal(all, expected);
    aif_policy_destroy(made);
}

static void test_lanes(void **state)
{
    char all[1024] = "";

    (void)state;
    aif_advice_lanes(policy, collect, all);
    assert_string_equal(all, "");
    check_lanes("\"lanes\": {\"guard\": {\"after\": \"never\"}}", "", "");
    check_lanes("\"lanes\": {\"guard\": {\"after\": \"never\"}}", "\"lane\": {}",
                "lanes: guard never: jobs without a lane may wait for ever; give guard.after\n");
    check_lanes("", "\"lane\": {\"target\": \"30\", \"headroom_partition\": \"p\"}",
                "mode m: lane: target without urgency: late jobs come no further forward; give urgency\n"
                "mode m: lane: headroom_partition without headroom: nothing is kept free; give headroom\n");
}

static void check_placement(const char *placement, const char *expected)
{
    struct aif_policy *made = policytest_make(placement, "");
    char all[1024] = "";

    aif_advice_placement(made, NULL, collect, all);
    assert_string_equal(all, expected);
    aif_policy_destroy(made);
}

static void test_placement(void **state)
{
    struct aif_fabricmap map = {.level_count = 1, .levels = {{.conf = {.weight = 0}}}};
    struct aif_policy *made;
    char all[1024] = "";

    (void)state;
    aif_advice_placement(policy, NULL, collect, all);
    assert_string_equal(all, "");
    check_placement("\"placement\": {}", "");
    check_placement("\"placement\": {\"mode\": \"on\", \"levels\": [{\"name\": \"a\", \"weight\": 0}, {\"name\": \"b\"}]}", "");
    check_placement("\"placement\": {\"mode\": \"on\", \"levels\": [{\"name\": \"a\", \"weight\": 0}]}",
                    "placement: every level has weight 0: islands do not count; give one a weight\n");
    check_placement("\"placement\": {\"preset\": \"nvl72\"}",
                    "placement: levels without a mode: nothing is placed; give mode\n");
    check_placement("\"placement\": {\"mode\": \"on\", \"partitions\": {\"a\": \"on\", \"b\": \"off\"}}",
                    "placement: partition a is \"on\", as all others are; leave it out\n");
    made = policytest_make("\"placement\": {\"mode\": \"shadow\", \"map\": \"f\"}", "");
    aif_advice_placement(made, &map, collect, all);
    assert_string_equal(all, "placement: every level has weight 0: islands do not count; give one a weight\n");
    aif_policy_destroy(made);
}

static void test_enforce(void **state)
{
    struct aif_policy *made = policytest_make("\"enforce\": {\"rules\": {\"AIF-Q001\": \"advise\", \"AIF-M005\": \"off\"}}", "");
    char all[2048] = "";

    (void)state;
    aif_advice_enforce(made, collect, all);
    assert_string_equal(all, "enforce: these rules only advise and refuse nothing: AIF-Q001; \"aif report advise\" tells what they would do\n"
                             "enforce: these rules are off: AIF-M005; \"advise\" would tell what they would do\n");
    aif_policy_destroy(made);
    made = policytest_make("", "");
    all[0] = '\0';
    aif_advice_enforce(made, collect, all);
    assert_string_equal(all, "");
    aif_policy_destroy(made);
    made = policytest_make("\"enforce\": \"advise\"", "");
    aif_advice_enforce(made, collect, all);
    assert_non_null(strstr(all, "AIF-Q005; \"aif report advise\" tells what they would do\n"));
    aif_policy_destroy(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_awards_as_published),
        cmocka_unit_test(test_amount_and_unit),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_placement),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_category),
        cmocka_unit_test(test_several_at_once),
        cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_enforce),
    };

    return cmocka_run_group_tests(tests, load_shipped, drop_shipped);
}
