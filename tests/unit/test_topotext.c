/* test_topotext.c - unit tests of topotext.h, on what Slurm 22.05 to 26.05 print */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "topotext.h"

static void test_tree(void **state)
{
    struct aif_topotext topo;

    (void)state;
    aif_topotext_parse("SwitchName=s0 Level=0 LinkSpeed=1 Nodes=n[1-2]\n"
                       "SwitchName=s1.eth Level=0 LinkSpeed=1 Nodes=n[3-4]\n"
                       "SwitchName=top Level=2 LinkSpeed=1 Nodes=n[1-4] Switches=m\n"
                       "SwitchName=m Level=1 LinkSpeed=1 Nodes=n[1-4] Switches=s[0-1]\n"
                       "\nWarning: something else\n",
                       &topo);
    assert_int_equal(topo.count, 4);
    assert_false(topo.blocks);
    assert_string_equal(topo.units[0].name, "top");
    assert_int_equal(topo.units[0].rank, 2);
    assert_string_equal(topo.units[1].name, "m");
    assert_string_equal(topo.units[2].name, "s0");
    assert_string_equal(topo.units[2].nodes, "n[1-2]");
    assert_string_equal(topo.units[3].name, "s1_eth");
    aif_topotext_free(&topo);
}

static void test_blocks(void **state)
{
    struct aif_topotext topo;

    (void)state;
    aif_topotext_parse("BlockName=b1 BlockIndex=0 Nodes=n[1-4] BlockSize=4\n"
                       "BlockName=b2 BlockIndex=1 Nodes=n[5-8] BlockSize=4\n"
                       "AggregatedBlock=b[1-2] BlockIndex=2 Nodes=n[1-8] BlockSize=8",
                       &topo);
    assert_int_equal(topo.count, 3);
    assert_true(topo.blocks);
    assert_string_equal(topo.units[0].name, "b[1-2]");
    assert_int_equal(topo.units[0].rank, 8);
    assert_string_equal(topo.units[2].nodes, "n[5-8]");
    aif_topotext_free(&topo);
}

static void test_nothing(void **state)
{
    struct aif_topotext topo;

    (void)state;
    aif_topotext_parse("", &topo);
    assert_int_equal(topo.count, 0);
    aif_topotext_free(&topo);
    aif_topotext_parse("No topology information available\nSwitchName Level\nSwitchName= \n",
                       &topo);
    assert_int_equal(topo.count, 0);
    aif_topotext_free(&topo);
    aif_topotext_parse("SwitchName=lonely Level=0", &topo);
    assert_int_equal(topo.count, 1);
    assert_null(topo.units[0].nodes);
    aif_topotext_free(&topo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
