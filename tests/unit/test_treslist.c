/* test_treslist.c - treslist.h: counts in Slurm's lists of resources */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "treslist.h"

static void test_counts(void **state)
{
    const char *text = "cpu=4,mem=100M,node=2,billing=7,gres/gpu=8,gres/gpu:a100=6";

    (void)state;
    assert_int_equal(aif_treslist_count(text, "gres/gpu"), 8);
    assert_int_equal(aif_treslist_count(text, "GRES/GPU:A100"), 6);
    assert_int_equal(aif_treslist_count(text, "node"), 2);
    assert_int_equal(aif_treslist_count(text, "billing"), 7);
    assert_int_equal(aif_treslist_count(text, "gres"), 0);
    assert_int_equal(aif_treslist_count("1=4,1001=2", "1001"), 2);
    assert_int_equal(aif_treslist_count("11=4,1=2", "1"), 2);
    assert_int_equal(aif_treslist_count(NULL, "cpu"), 0);
    assert_int_equal(aif_treslist_count("", "cpu"), 0);
}

static void test_gres(void **state)
{
    (void)state;
    assert_int_equal(aif_treslist_gres("gpu:4", "gpu"), 4);
    assert_int_equal(aif_treslist_gres("gpu:a100:4(S:0,2),GPU:h100:2(S:1),nic:1", "gpu"), 6);
    assert_int_equal(aif_treslist_gres("gpu:a100:4(S:0,2),GPU:h100:2(S:1),nic:1", "nic"), 1);
    assert_int_equal(aif_treslist_gres("gpu", "gpu"), 1);
    assert_int_equal(aif_treslist_gres("gpu:a100", "gpu"), 1);
    assert_int_equal(aif_treslist_gres("gpus:4,gp:1", "gpu"), 0);
    assert_int_equal(aif_treslist_gres("gpu:0", "gpu"), 0);
    assert_int_equal(aif_treslist_gres("(null)", "gpu"), 0);
    assert_int_equal(aif_treslist_gres("", "gpu"), 0);
    assert_int_equal(aif_treslist_gres(NULL, "gpu"), 0);
}

static void test_names(void **state)
{
    char gpu[] = "gres/gpu:h100";
    const struct aif_policy policy = {.gpu_tres = gpu};

    (void)state;
    assert_string_equal(
        aif_treslist_name(&policy, &(struct aif_charge){AIF_CHARGE_GPU, AIF_MILLION}),
        "gres/gpu:h100");
    assert_string_equal(
        aif_treslist_name(&policy, &(struct aif_charge){AIF_CHARGE_NODE, AIF_MILLION}), "node");
    assert_string_equal(
        aif_treslist_name(&policy, &(struct aif_charge){AIF_CHARGE_BILLING, AIF_MILLION}),
        "billing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts), cmocka_unit_test(test_gres),
        cmocka_unit_test(test_names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
