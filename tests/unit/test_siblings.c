/* test_siblings.c - unit tests of siblings.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policytest.h"
#include "siblings.h"

static void test_clusters_of_a_federation(void **state)
{
    static const char *const federation[] = {"c", "north", "south", "stray", NULL};
    static const struct {
        const char *tag, *asked, *allowed;
        int count;
    } cases[] = {
        {"SE", NULL, "c,north", 2},
        {"SE|GR", "", "c,north,south", 3},
        {"SE|GR", "ALL", "c,north,south", 3},
        {"SE|GR", "south,North", "north,south", 2},
        {"SE", "south", "", 0},
        {"SE", "stray", "", 0},
        {"SE", "nor,northern", "", 0},
        {"SE;zone=spe", NULL, "c", 1},
        {"US", "c,north", "c", 1},
    };
    struct aif_policy *policy = policytest_make(
        "\"residency\": {\"clusters\": {\"north\": \"SE\", \"South\": \"EL\", \"west\": \"SE\"}}", "");
    char text[AIF_SIBLINGS_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_restag tag;

        assert_int_equal(aif_restag_parse(cases[i].tag, NULL, 0, &tag, NULL), 0);
        assert_int_equal(aif_siblings_allowed(policy, &tag, federation, cases[i].asked, text,
                                              sizeof(text)),
                         cases[i].count);
        assert_string_equal(text, cases[i].allowed);
    }
    aif_policy_destroy(policy);
}

static void test_does_not_write_what_does_not_fit(void **state)
{
    static const char *const federation[] = {"c", "north", NULL};
    struct aif_policy *policy =
        policytest_make("\"residency\": {\"clusters\": {\"north\": \"SE\"}}", "");
    struct aif_restag tag;
    char text[8];

    (void)state;
    assert_int_equal(aif_restag_parse("SE", NULL, 0, &tag, NULL), 0);
    assert_int_equal(aif_siblings_allowed(policy, &tag, federation, NULL, text, 7), -1);
    assert_int_equal(aif_siblings_allowed(policy, &tag, federation, NULL, text, 8), 2);
    aif_policy_destroy(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clusters_of_a_federation),
        cmocka_unit_test(test_does_not_write_what_does_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
