/* test_charge.c - unit rules of the sites, and that rounding never helps to overspend */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "charge.h"

#define HOUR 3600

static const struct aif_charge lumi = {AIF_CHARGE_GPU, 500000};
static const struct aif_charge karolina = {AIF_CHARGE_GPU, 125000};
static const struct aif_charge whole = {AIF_CHARGE_NODE, AIF_MILLION};

static void test_published_units(void **state)
{
    (void)state;
    assert_int_equal(aif_charge_cost(&lumi, 2 * HOUR), HOUR); /* two GCDs for an hour: one GPU-hour */
    assert_int_equal(aif_charge_cost(&lumi, 8 * HOUR), 4 * HOUR); /* a node of standard-g */
    assert_int_equal(aif_charge_cost(&karolina, 8 * HOUR), HOUR);
    assert_int_equal(aif_charge_cost(&karolina, HOUR), HOUR / 8);
    assert_int_equal(aif_charge_cost(&whole, 7), 7);
}

static void test_rounds_against_the_user(void **state)
{
    (void)state;
    assert_int_equal(aif_charge_cost(&lumi, 1), 1);
    assert_int_equal(aif_charge_cost(&karolina, 9), 2);
    assert_int_equal(aif_charge_tres_secs(&(struct aif_charge){AIF_CHARGE_GPU, 3 * AIF_MILLION}, 10), 3);
}

static void test_never_more_than_the_amount(void **state)
{
    (void)state;
    for (uint32_t millionths = 1; millionths < 40000000; millionths = millionths * 3 + 7) {
        const struct aif_charge charge = {AIF_CHARGE_BILLING, millionths};

        for (uint64_t amount = 0; amount < 1000000; amount = amount * 2 + 13) {
            const uint64_t most = aif_charge_tres_secs(&charge, amount);

            assert_true(aif_charge_cost(&charge, most) <= amount);
            assert_true(aif_charge_cost(&charge, most + 1) > amount);
        }
    }
}

static void test_saturates(void **state)
{
    (void)state;
    assert_true(aif_charge_cost(&lumi, UINT64_MAX) == UINT64_MAX);
    assert_true(aif_charge_cost(&(struct aif_charge){AIF_CHARGE_GPU, UINT32_MAX}, UINT64_MAX - 1) == UINT64_MAX);
    assert_true(aif_charge_tres_secs(&karolina, UINT64_MAX) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_units),
        cmocka_unit_test(test_rounds_against_the_user),
        cmocka_unit_test(test_never_more_than_the_amount),
        cmocka_unit_test(test_saturates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
