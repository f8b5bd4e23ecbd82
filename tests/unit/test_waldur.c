/* test_waldur.c - unit tests of waldur.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "waldur.h"

static void test_amounts(void **state)
{
    static const struct {
        const char *text;
        uint64_t hundredths;
    } good[] = {{"0", 0}, {"0.00", 0}, {"12", 1200}, {"12.3", 1230}, {"12.34", 1234}, {"12.3400", 1234}, {"007.10", 710}};
    static const char *const bad[] = {"", "-1", "+1", ".5", "5.", "1.234", "1e3", "12,3", "1.2.3", " 1", "1 ",
                                      "nan", "99999999999999999999999"};
    char text[AIF_WALDUR_AMOUNT_SIZE];
    uint64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(aif_waldur_amount_parse(good[i].text, &value), 0);
        assert_true(value == good[i].hundredths);
        aif_waldur_amount_format(value, text);
        assert_int_equal(aif_waldur_amount_parse(text, &value), 0);
        assert_true(value == good[i].hundredths);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (aif_waldur_amount_parse(bad[i], &value) == 0)
            fail_msg("\"%s\" was taken", bad[i]);
    aif_waldur_amount_format(5, text);
    assert_string_equal(text, "0.05");
}

static void test_requests(void **state)
{
    char *text = aif_waldur_list_path("ab-1&x", "2026-11");

    (void)state;
    assert_string_equal(text, "/api/marketplace-component-usages/?resource_uuid=ab-1%26x&billing_period=2026-11-01"
                              "&field=uuid&field=type&field=usage&page_size=100");
    free(text);
    text = aif_waldur_payload("r", "gpu_hours", 12345, NULL);
    assert_string_equal(text, "{\"resource\":\"r\",\"usages\":[{\"type\":\"gpu_hours\",\"amount\":\"123.45\"}]}");
    free(text);
    text = aif_waldur_payload("r", "g\"x", 5, "2026-10-31T23:59:59+00:00");
    assert_string_equal(text, "{\"resource\":\"r\",\"date\":\"2026-10-31T23:59:59+00:00\",\"usages\":"
                              "[{\"type\":\"g\\\"x\",\"amount\":\"0.05\"}]}");
    free(text);
}

static void test_lists(void **state)
{
    static const struct {
        const char *body;
        int rc;
        bool found;
        uint64_t amount;
    } cases[] = {
        {"[]", 0, false, 0},
        {"[{\"type\":\"cpu\",\"usage\":\"1.00\"}]", 0, false, 0},
        {"[{\"type\":\"cpu\",\"usage\":\"x\"},{\"uuid\":\"1234567812344123812312345678abcd\",\"type\":\"gpu\",\"usage\":\"7.50\"}]", 0, true, 750},
        {"[{\"type\":\"gpu\",\"usage\":7.5}]", 0, true, 750},
        {"[{\"type\":\"gpu\",\"usage\":7}]", 0, true, 700},
        {"[{\"type\":\"gpu\",\"usage\":\"1.00\"},{\"type\":\"gpu\",\"usage\":\"1.00\"}]", -1, false, 0},
        {"[{\"type\":\"gpu\",\"usage\":\"-1.00\"}]", -1, false, 0},
        {"[{\"type\":\"gpu\",\"usage\":\"1.005\"}]", -1, false, 0},
        {"[{\"type\":\"gpu\",\"usage\":null}]", -1, false, 0},
        {"[{\"type\":\"gpu\"}]", -1, false, 0},
        {"[7]", -1, false, 0},
        {"{\"detail\":\"x\"}", -1, false, 0},
        {"", -1, false, 0},
        {"<html>", -1, false, 0},
        {"[{\"type\":\"gpu\",\"usage\":\"7.50\"}", -1, false, 0},
        {"[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", -1, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_error err;
        struct aif_waldur_usage usage = {0};

        assert_int_equal(aif_waldur_list_parse(cases[i].body, strlen(cases[i].body), "gpu", &usage, &err),
                         cases[i].rc);
        assert_int_equal(usage.found, cases[i].found);
        assert_true(usage.hundredths == cases[i].amount);
    }
}

#define UUID "1234567812344123812312345678abcd"

static void test_usage_has_an_id(void **state)
{
    static const char good[] = "[{\"uuid\":\"" UUID "\",\"type\":\"gpu\",\"usage\":\"7.50\"}]";
    static const char bad[] = "[{\"uuid\":\"../../../../../../../../../../../../etc\",\"type\":\"gpu\",\"usage\":\"7.50\"}]";
    struct aif_waldur_usage usage;
    char *path;

    (void)state;
    assert_int_equal(aif_waldur_list_parse(good, strlen(good), "gpu", &usage, NULL), 0);
    assert_string_equal(usage.uuid, UUID);
    path = aif_waldur_users_path(usage.uuid);
    assert_string_equal(path, "/api/marketplace-component-usages/" UUID "/set_user_usages/");
    free(path);
    assert_int_equal(aif_waldur_list_parse(bad, strlen(bad), "gpu", &usage, NULL), -1);
}

static void test_units(void **state)
{
    (void)state;
    assert_int_equal(aif_waldur_amount(3600, AIF_SINK_HOURS), 100);
    assert_int_equal(aif_waldur_amount(3600, AIF_SINK_MINUTES), 6000);
    assert_int_equal(aif_waldur_amount(3600000, AIF_SINK_KHOURS), 100);
    assert_int_equal(aif_waldur_amount(17999, AIF_SINK_KHOURS), 0);
    assert_int_equal(aif_waldur_amount(18000, AIF_SINK_KHOURS), 1);
    assert_int_equal(aif_waldur_amount(UINT64_MAX, AIF_SINK_MINUTES), AIF_WALDUR_AMOUNT_MAX);
    for (uint64_t secs = 0; secs < 100000; secs += 7)
        assert_int_equal(aif_waldur_amount(secs, AIF_SINK_HOURS), aif_record_centihours(secs));
}

static void test_users(void **state)
{
    struct aif_text text = {0};

    (void)state;
    assert_int_equal(aif_waldur_users_begin(&text), 0);
    assert_int_equal(aif_waldur_users_add(&text, true, "alice", 150), 0);
    assert_int_equal(aif_waldur_users_add(&text, false, "b\"ob", 5), 0);
    assert_int_equal(aif_waldur_users_end(&text), 0);
    assert_string_equal(text.data, "{\"usages\":[{\"username\":\"alice\",\"usage\":\"1.50\"},"
                                   "{\"username\":\"b\\\"ob\",\"usage\":\"0.05\"}]}");
    aif_text_free(&text);
}

static void test_resources(void **state)
{
    static const char good[] = "[{\"uuid\":\"" UUID "\",\"backend_id\":\"Acc-A\"},{\"uuid\":\"" UUID "\",\"backend_id\":\"\"},"
                               "{\"uuid\":\"" UUID "\"}]";
    static const char *const bad[] = {"{}", "", "[1]", "[{\"backend_id\":\"a\"}]", "[{\"uuid\":\"x\",\"backend_id\":\"a\"}]"};
    struct aif_waldur_resource *resources = NULL;
    size_t count = 9, on_page = 9;
    char *path = aif_waldur_resources_path("of&f", 2);

    (void)state;
    assert_string_equal(path, "/api/marketplace-provider-resources/?offering_uuid=of%26f&state=OK&field=uuid"
                              "&field=backend_id&page_size=100&page=2");
    free(path);
    assert_int_equal(aif_waldur_resources_parse(good, strlen(good), &resources, &count, &on_page, NULL), 0);
    assert_int_equal(count, 1);
    assert_int_equal(on_page, 3);
    assert_string_equal(resources[0].account, "acc-a");
    assert_string_equal(resources[0].uuid, UUID);
    free(resources);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(aif_waldur_resources_parse(bad[i], strlen(bad[i]), &resources, &count, &on_page, NULL), -1);
    assert_int_equal(aif_waldur_resources_parse("[]", 2, &resources, &count, &on_page, NULL), 0);
    assert_null(resources);
    assert_int_equal(on_page, 0);
}

static void test_totals_never_fall(void **state)
{
    (void)state;
    assert_int_equal(aif_waldur_compare(5, false, 0), AIF_WALDUR_SEND);
    assert_int_equal(aif_waldur_compare(5, true, 5), AIF_WALDUR_EQUAL);
    assert_int_equal(aif_waldur_compare(6, true, 5), AIF_WALDUR_SEND);
    assert_int_equal(aif_waldur_compare(4, true, 5), AIF_WALDUR_ANOMALY);
}

static void test_month_end_is_avoided(void **state)
{
    const int64_t january = 1767225600;

    (void)state;
    assert_true(aif_waldur_month_safe(january - 91, 90));
    assert_false(aif_waldur_month_safe(january - 90, 90));
    assert_false(aif_waldur_month_safe(january - 1, 90));
    assert_true(aif_waldur_month_safe(january, 90));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amounts),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_usage_has_an_id),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_resources),
        cmocka_unit_test(test_totals_never_fall),
        cmocka_unit_test(test_month_end_is_avoided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
