/* test_delivery.c - unit tests of delivery.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "delivery.h"

static void test_verdicts(void **state)
{
    static const struct {
        long status;
        enum aif_delivery_verdict verdict;
    } cases[] = {
        {201, AIF_DELIVERY_DONE},  {200, AIF_DELIVERY_RETRY},   {204, AIF_DELIVERY_RETRY},   {302, AIF_DELIVERY_REFUSED},
        {400, AIF_DELIVERY_REFUSED}, {401, AIF_DELIVERY_TOKEN}, {403, AIF_DELIVERY_REFUSED}, {404, AIF_DELIVERY_REFUSED},
        {408, AIF_DELIVERY_RETRY}, {409, AIF_DELIVERY_REFUSED}, {429, AIF_DELIVERY_RETRY},   {500, AIF_DELIVERY_RETRY},
        {503, AIF_DELIVERY_RETRY}, {0, AIF_DELIVERY_RETRY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(aif_delivery_classify(cases[i].status, 201), cases[i].verdict);
}

static void test_waits(void **state)
{
    (void)state;
    for (uint32_t random = 0; random < 100000; random += 77) {
        assert_in_range(aif_delivery_wait_ms(1, 1000, random, 0), 500, 1000);
        assert_in_range(aif_delivery_wait_ms(3, 1000, random, 0), 2000, 4000);
        assert_in_range(aif_delivery_wait_ms(50, 1000, random, 0), 30000, 60000);
        assert_in_range(aif_delivery_wait_ms(1, 1, random, 0), 0, 1);
        assert_in_range(aif_delivery_wait_ms(4, 10, random, 0), 40, 80);
        assert_in_range(aif_delivery_wait_ms(31, 60000, random, 0), 30000, 60000);
        assert_int_equal(aif_delivery_wait_ms(1, 1000, random, 7), 7000);
        assert_int_equal(aif_delivery_wait_ms(1, 1000, random, 99999999), AIF_DELIVERY_RETRY_AFTER_MAX * 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
