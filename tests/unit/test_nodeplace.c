/* test_nodeplace.c - unit tests of nodeplace.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "nodeplace.h"
#include "policytest.h"

#define BY_FEATURE "{\"feature\":\"loc_SE\",\"country\":\"SE\"}"
#define BY_NAME "{\"nodes\":\"n1\",\"country\":\"FI\"},{\"nodes\":\"n2\",\"country\":\"SE\"}," \
                "{\"nodes\":\"n3\",\"country\":\"FI\"},{\"nodes\":\"n3\",\"country\":\"SE\"}"

/* Host lists of the tests are single names. */
static bool is_named(void *arg, const char *hosts)
{
    return !strcmp(arg, hosts);
}

static struct aif_policy *policy_of(const char *residency)
{
    char top[1024];

    snprintf(top, sizeof(top), "\"residency\":%s", residency);
    return policytest_make(top, "");
}

static bool allows(const struct aif_policy *policy, const char *node, const char *features, const char *tag_text,
                   const char *want_where)
{
    const struct aif_nodeplace place = {.features = features, .is_named = is_named, .arg = (void *)node};
    struct aif_restag tag;
    char where[64];
    bool allowed;

    assert_int_equal(aif_restag_parse(tag_text, NULL, 0, &tag, NULL), 0);
    allowed = aif_nodeplace_allows(policy, &place, &tag, where, sizeof(where));
    assert_string_equal(where, want_where);
    return allowed;
}

static void test_by_name(void **state)
{
    struct aif_policy *policy = policy_of("{\"home\":\"DE\",\"locations\":[" BY_NAME "]}");

    (void)state;
    assert_false(aif_nodeplace_needs_features(policy));
    assert_true(allows(policy, "n1", NULL, "FI", "FI"));
    assert_false(allows(policy, "n1", NULL, "SE", "FI"));
    assert_true(allows(policy, "n2", NULL, "SE|NO", "SE"));
    assert_false(allows(policy, "n3", NULL, "FI", "FI and SE"));
    assert_true(allows(policy, "n3", NULL, "FI|SE", "FI and SE"));
    assert_true(allows(policy, "n4", NULL, "DE", "DE"));
    assert_false(allows(policy, "n4", NULL, "FI", "DE"));
    aif_policy_destroy(policy);
}

static void test_without_a_home(void **state)
{
    struct aif_policy *policy = policy_of("{\"locations\":[" BY_NAME "]}");

    (void)state;
    assert_true(allows(policy, "n1", NULL, "FI", "FI"));
    assert_false(allows(policy, "n4", NULL, "EU27", "?"));
    aif_policy_destroy(policy);
}

static void test_by_feature(void **state)
{
    struct aif_policy *policy = policy_of("{\"home\":\"FI\",\"locations\":[" BY_FEATURE "]}");

    (void)state;
    assert_true(aif_nodeplace_needs_features(policy));
    assert_true(allows(policy, "n1", "", "FI", "FI"));
    assert_true(allows(policy, "n1", "gpu,loc_SE", "SE", "SE"));
    assert_true(allows(policy, "n1", "loc_SE,gpu", "SE", "SE"));
    assert_true(allows(policy, "n1", "loc_SEE,xloc_SE,loc_S", "FI", "FI"));
    assert_false(allows(policy, "n1", "loc_SE", "FI", "SE"));
    /* Features that nobody tells could be any. */
    assert_false(allows(policy, "n1", NULL, "FI", "?"));
    assert_false(allows(policy, "n1", NULL, "FI|SE", "?"));
    aif_policy_destroy(policy);
}

#define BY_ZONE "{\"nodes\":\"n1\",\"country\":\"FI\",\"zone\":\"spe\"},{\"nodes\":\"n2\",\"country\":\"FI\"}," \
                "{\"nodes\":\"n3\",\"country\":\"FI\",\"zone\":\"spe\"},{\"nodes\":\"n3\",\"country\":\"FI\",\"zone\":\"open\"}"

static void test_by_zone(void **state)
{
    struct aif_policy *policy = policy_of("{\"locations\":[" BY_ZONE "]}");

    (void)state;
    assert_true(allows(policy, "n1", NULL, "FI;zone=spe", "FI in zone spe"));
    assert_true(allows(policy, "n1", NULL, "FI", "FI in zone spe"));
    assert_false(allows(policy, "n1", NULL, "SE;zone=spe", "FI in zone spe"));
    assert_false(allows(policy, "n1", NULL, "FI;zone=open", "FI in zone spe"));
    assert_false(allows(policy, "n2", NULL, "FI;zone=spe", "FI"));
    assert_false(allows(policy, "n3", NULL, "FI;zone=spe", "FI in zone spe in zone open"));
    assert_false(allows(policy, "n4", NULL, "FI;zone=spe", "?"));
    aif_policy_destroy(policy);
}

static void test_nothing_is_known(void **state)
{
    struct aif_policy *policy = policy_of("{}");

    (void)state;
    assert_false(allows(policy, "n1", "loc_FI", "FI", "?"));
    aif_policy_destroy(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_name),
        cmocka_unit_test(test_without_a_home),
        cmocka_unit_test(test_by_feature),
        cmocka_unit_test(test_by_zone),
        cmocka_unit_test(test_nothing_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
