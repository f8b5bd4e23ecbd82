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
        {"[{\"type\":\"cpu\",\"usage\":\"x\"},{\"uuid\":\"u\",\"type\":\"gpu\",\"usage\":\"7.50\"}]", 0, true, 750},
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
        bool found = false;
        uint64_t amount = 0;

        assert_int_equal(aif_waldur_list_parse(cases[i].body, strlen(cases[i].body), "gpu", &found, &amount, &err),
                         cases[i].rc);
        assert_int_equal(found, cases[i].found);
        assert_true(amount == cases[i].amount);
    }
}

static void test_totals_never_fall(void **state)
{
    (void)state;
    assert_int_equal(aif_waldur_compare(5, false, 0), AIF_WALDUR_SEND);
    assert_int_equal(aif_waldur_compare(5, true, 5), AIF_WALDUR_EQUAL);
    assert_int_equal(aif_waldur_compare(6, true, 5), AIF_WALDUR_SEND);
    assert_int_equal(aif_waldur_compare(4, true, 5), AIF_WALDUR_ANOMALY);
}

static void test_verdicts(void **state)
{
    static const struct {
        long status;
        enum aif_waldur_verdict verdict;
    } cases[] = {
        {201, AIF_WALDUR_DONE},  {200, AIF_WALDUR_RETRY},   {204, AIF_WALDUR_RETRY},   {302, AIF_WALDUR_REFUSED},
        {400, AIF_WALDUR_REFUSED}, {401, AIF_WALDUR_TOKEN}, {403, AIF_WALDUR_REFUSED}, {404, AIF_WALDUR_REFUSED},
        {408, AIF_WALDUR_RETRY}, {409, AIF_WALDUR_REFUSED}, {429, AIF_WALDUR_RETRY},   {500, AIF_WALDUR_RETRY},
        {503, AIF_WALDUR_RETRY}, {0, AIF_WALDUR_RETRY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(aif_waldur_classify(cases[i].status, 201), cases[i].verdict);
}

static void test_waits(void **state)
{
    (void)state;
    for (uint32_t random = 0; random < 100000; random += 77) {
        assert_in_range(aif_waldur_wait_ms(1, random, 0), 500, 1000);
        assert_in_range(aif_waldur_wait_ms(3, random, 0), 2000, 4000);
        assert_in_range(aif_waldur_wait_ms(50, random, 0), 30000, 60000);
        assert_int_equal(aif_waldur_wait_ms(1, random, 7), 7000);
        assert_int_equal(aif_waldur_wait_ms(1, random, 99999999), AIF_WALDUR_RETRY_AFTER_MAX * 1000);
    }
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
        cmocka_unit_test(test_totals_never_fall),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_month_end_is_avoided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
