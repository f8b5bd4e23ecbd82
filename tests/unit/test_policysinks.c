/* test_policysinks.c - unit tests of policysinks.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policysinks.h"
#include "policytest.h"

#define WALDUR "\"url\": \"https://w.example/\", \"token_file\": \"/t\", \"component\": \"gpu_hours\""

static void test_every_type(void **state)
{
    struct aif_policy *policy = policytest_make(
        "\"report\": {\"sinks\": {"
        " \"efp\": {\"type\": \"waldur\", " WALDUR ", \"unit\": \"khours\", \"users\": true, \"backoff\": 5,"
        "  \"offering\": \"11111111111141118111111111111111\"},"
        " \"egi\": {\"type\": \"apel\", \"directory\": \"/o\", \"site\": \"S\", \"records\": \"individual\","
        "  \"gpu_model\": \"H100\", \"service_level\": \"11.5\"},"
        " \"auditor\": {\"type\": \"auditor\", \"url\": \"https://a\", \"site\": \"S\", \"cert_file\": \"/c\","
        "  \"key_file\": \"/k\"},"
        " \"furms\": {\"type\": \"furms\", \"file\": \"/f\"},"
        " \"ood\": {\"type\": \"ood\", \"file\": \"/b\"},"
        " \"hook-1\": {\"type\": \"webhook\", \"url\": \"https://h/x\"}},"
        " \"waldur\": {" WALDUR "}}", "");
    const struct aif_sink_conf *sinks = policy->report.sinks;

    (void)state;
    assert_int_equal(policy->report.sink_count, 7);
    assert_string_equal(sinks[0].name, "efp");
    assert_int_equal(sinks[0].unit, AIF_SINK_KHOURS);
    assert_true(sinks[0].users);
    assert_int_equal(sinks[0].backoff, 5);
    assert_int_equal(sinks[0].timeout, 30);
    assert_true(sinks[1].individual);
    assert_string_equal(sinks[1].path, "/o");
    assert_string_equal(sinks[1].gpu_model, "H100");
    assert_string_equal(sinks[1].service_level, "11.5");
    assert_string_equal(sinks[2].key_file, "/k");
    assert_int_equal(sinks[3].type, AIF_SINK_FURMS);
    assert_string_equal(sinks[4].path, "/b");
    assert_string_equal(sinks[5].url, "https://h/x");
    assert_string_equal(sinks[6].name, "waldur");
    assert_string_equal(sinks[6].url, "https://w.example");
    assert_int_equal(sinks[6].unit, AIF_SINK_HOURS);
    assert_string_equal(aif_sink_type_name(sinks[5].type), "webhook");
    aif_policy_destroy(policy);
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"report\": {\"sinks\": {\"a\": {}}}", "report.sinks.a.type: required key is missing"},
        {"\"report\": {\"sinks\": {\"a\": {\"type\": \"mail\"}}}",
         "report.sinks.a.type: out of range: \"mail\", limit \"waldur\" or \"apel\""},
        {"\"report\": {\"sinks\": {\"A b\": {\"type\": \"ood\", \"file\": \"/f\"}}}",
         "report.sinks.A b: out of range: sink \"A b\", limit 31 small letters"},
        {"\"report\": {\"sinks\": {\"a\": {\"type\": \"ood\", \"file\": \"f\"}}}",
         "report.sinks.a.file: out of range: \"f\", limit an absolute path"},
        {"\"report\": {\"sinks\": {\"a\": {\"type\": \"ood\", \"file\": \"/f\", \"url\": \"https://x\"}}}",
         "report.sinks.a.url: unknown key"},
        {"\"report\": {\"sinks\": {\"a\": {\"type\": \"webhook\", \"url\": \"http://x\"}}}",
         "report.sinks.a.url: out of range"},
        {"\"report\": {\"sinks\": {\"a\": {\"type\": \"webhook\", \"url\": \"https://u:p@x\"}}}",
         "report.sinks.a.url: out of range: a URL with a user name"},
        {"\"report\": {\"sinks\": {\"a\": {\"type\": \"webhook\", \"url\": \"https://x\", \"key_file\": \"/k\"}}}",
         "report.sinks.a: one of \"cert_file\" and \"key_file\" without the other"},
        {"\"report\": {\"sinks\": {\"a\": {\"type\": \"apel\", \"directory\": \"/f\", \"site\": \"S\","
         " \"records\": \"all\"}}}", "report.sinks.a.records: out of range"},
        {"\"report\": {\"sinks\": {\"a\": {\"type\": \"apel\", \"directory\": \"/f\", \"site\": \"S\","
         " \"service_level\": \"1.\"}}}", "report.sinks.a.service_level: out of range: \"1.\", limit a decimal number"},
        {"\"report\": {\"waldur\": {" WALDUR "}, \"sinks\": {\"waldur\": {\"type\": \"waldur\", " WALDUR "}}}",
         "report.waldur: sink \"waldur\" is given twice"},
        {"\"report\": {\"waldur\": {\"url\": \"https://x\", \"component\": \"c\"}}",
         "report.waldur.token_file: required key is missing"},
    };

    (void)state;
    policytest_refused_tops(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
