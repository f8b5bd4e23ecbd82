/* test_leaf.c - unit tests of spank/leaf.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "leaf.h"

static void check(const char *address, const char *pattern, const char *leaf)
{
    char found[32] = "untouched";

    assert_int_equal(spank_aif_leaf(address, pattern, found, sizeof(found)), leaf ? 0 : -1);
    assert_string_equal(found, leaf ? leaf : "untouched");
}

static void test_trees_and_blocks(void **state)
{
    (void)state;
    check("top.leaf1.n1", "switch.switch.node", "leaf1");
    check("leaf1.n1", "switch.node", "leaf1");
    check("a.b.c.d.n1", "switch.switch.switch.switch.node", "d");
    check("b8.tux1", "block.node", "b8");
    check("s[0-1].s4.n1", "switch.switch.node", "s4");
}

static void test_dots_in_the_node_name(void **state)
{
    (void)state;
    check("top.leaf1.n1.example.org", "switch.switch.node", "leaf1");
}

static void test_no_island(void **state)
{
    (void)state;
    check("n1", "node", NULL);
    check("", "", NULL);
    check("n1", "switch.node", NULL);
    check("top..n1", "switch.switch.node", NULL);
    check("top.leaf1", "switch.switch.node", NULL);
    check("top.leaf1.n1", "switch.switch", NULL);
    check("top.leaf1.n1", "xswitch.node", NULL);
}

static void test_node(void **state)
{
    (void)state;
    assert_string_equal(spank_aif_leaf_node("top.leaf1.n1", "switch.switch.node"), "n1");
    assert_string_equal(spank_aif_leaf_node("leaf1.n1.example.org", "switch.node"), "n1.example.org");
    assert_string_equal(spank_aif_leaf_node("n1", "node"), "n1");
    assert_null(spank_aif_leaf_node("n1", "switch.node"));
    assert_null(spank_aif_leaf_node("", "node"));
    assert_null(spank_aif_leaf_node("leaf1.", "block.node"));
}

static void test_too_long(void **state)
{
    (void)state;
    check("a23456789012345678901234567890123.n1", "switch.node", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees_and_blocks),
        cmocka_unit_test(test_dots_in_the_node_name),
        cmocka_unit_test(test_no_island),
        cmocka_unit_test(test_node),
        cmocka_unit_test(test_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
