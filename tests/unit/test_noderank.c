/* test_noderank.c - unit tests of spank/noderank.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "noderank.h"

/* Two groups of two leaves each; leaf10 after leaf2. */
#define TREE                                                                                                           \
    "# a comment\n"                                                                                                    \
    "SwitchName=leaf10 Nodes=n[1-2] LinkSpeed=10\n"                                                                    \
    "SwitchName=leaf2 Nodes=n[3-4]\n"                                                                                  \
    "SwitchName=leaf3\\\n Nodes=n[5-6] # another\n"                                                                   \
    "switchname=leaf4 nodes=n7,n8\n"                                                                                   \
    "SwitchName=b Switches=leaf[2,10]\n"                                                                               \
    "SwitchName=a Switches=leaf[3-4]\n"                                                                                \
    "SwitchName=core Switches=a,b"

static void check(const char *conf, const char *hosts, const char *node, const char *leaf, const char *want)
{
    struct spank_aif_noderank order = {.rank = 77};
    char text[32] = "unknown";

    if (!spank_aif_noderank(conf, hosts, node, leaf, &order))
        snprintf(text, sizeof(text), "%u/%u", order.rank, order.count);
    else
        assert_int_equal(order.rank, 77);
    assert_string_equal(text, want);
}

static void test_tree(void **state)
{
    static const char *const leaves[] = {"leaf10", "leaf10", "leaf2", "leaf2", "leaf3", "leaf3", "leaf4", "leaf4"};
    static const char *const wants[] = {"6/8", "7/8", "4/8", "5/8", "0/8", "1/8", "2/8", "3/8"};

    (void)state;
    for (int i = 0; i < 8; i++) {
        char node[8];

        snprintf(node, sizeof(node), "n%d", i + 1);
        check(TREE, "n[1-8]", node, leaves[i], wants[i]);
    }
    check(TREE, "n[1,5]", "n5", "leaf3", "0/2");
    check(TREE, "n[1,5]", "n1", "leaf10", "1/2");
    check(TREE, "n3", "n3", "leaf2", "0/1");
}

static void test_as_listed_on_one_switch(void **state)
{
    (void)state;
    check("SwitchName=s Nodes=n[1-20]\n", "n[2,10,9]", "n2", "s", "0/3");
    check("SwitchName=s Nodes=n[1-20]\n", "n[2,10,9]", "n10", "s", "1/3");
    check("SwitchName=s Nodes=n[1-20]\n", "n[2,10,9]", "n9", "s", "2/3");
}

static void test_blocks(void **state)
{
    static const char blocks[] = "BlockName=b1 Nodes=n[1-2]\nBlockName=b2 Nodes=n[3-4]\nBlockSizes=2\n";

    (void)state;
    check(blocks, "n[1-4]", "n3", "b2", "2/4");
}

static void test_not_known(void **state)
{
    (void)state;
    check("", "n1", "n1", "s", "unknown");
    check("# nothing\n", "n1", "n1", "s", "unknown");
    check(TREE, "n[1-9]", "n1", "leaf10", "unknown");            /* n9 is on no switch */
    check(TREE, "n[2-3]", "n1", "leaf10", "unknown");            /* n1 is none of the job's */
    check(TREE, "n[1-2]", "n1", "leaf2", "unknown");             /* Slurm has it elsewhere */
    check(TREE, "", "n1", "leaf10", "unknown");
    check("SwitchName=s Nodes=n1\nSwitchName=t Nodes=n1\n", "n1", "n1", "s", "unknown");
    check("SwitchName=s Nodes=n1\nSwitchName=s Nodes=n2\n", "n1", "n1", "s", "unknown");
    check("SwitchName=s Nodes=n1\nSwitchName=t Switches=s\nSwitchName=u Switches=s\n", "n1", "n1", "s", "unknown");
    check("SwitchName=s Nodes=n1\nSwitchName=t Switches=s,u\nSwitchName=u Switches=t\n", "n1", "n1", "s", "unknown");
    check("SwitchName=s Nodes=n1 Switches=s\n", "n1", "n1", "s", "unknown");
}

static void test_too_much(void **state)
{
    char *many = malloc(70000 * 32);
    size_t used = 0;

    (void)state;
    assert_non_null(many);
    for (int i = 0; i < 70000; i++)
        used += (size_t)sprintf(many + used, "BlockName=b%d\n", i);
    check(many, "n1", "n1", "b1", "unknown");
    free(many);
    check("SwitchName=s Nodes=n[1-70000]\n", "n[1-70000]", "n1", "s", "unknown");
    check("SwitchName=s Nodes=n[1-2000001]\n", "n1", "n1", "s", "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),      cmocka_unit_test(test_as_listed_on_one_switch),
        cmocka_unit_test(test_blocks),    cmocka_unit_test(test_not_known),
        cmocka_unit_test(test_too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
