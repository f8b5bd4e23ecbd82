/* test_policyplaces.c - unit tests of policyplaces.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policy.h"

static int parse(const char *residency, struct aif_policy **ret_policy, struct aif_error *err)
{
    char *text = NULL;
    int length = asprintf(
        &text, "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {}}, \"residency\": %s}",
        residency);
    int rc;

    assert_true(length > 0);
    rc = aif_policy_parse(text, (size_t)length, "f", ret_policy, err);
    free(text);
    return rc;
}

static void test_every_key(void **state)
{
    struct aif_policy *policy = NULL;
    char text[64];

    (void)state;
    assert_int_equal(aif_policy_load(CONFIG_DATA "/good/policy.json", &policy, NULL), 0);
    assert_int_equal(policy->home_country, aif_residency_country("GR"));
    assert_int_equal(policy->location_count, 2);
    assert_string_equal(policy->locations[0].nodes, "node[001-128],login1");
    assert_null(policy->locations[0].feature);
    assert_int_equal(policy->locations[0].country, aif_residency_country("SE"));
    assert_string_equal(policy->locations[1].feature, "loc_UK");
    assert_null(policy->locations[1].nodes);
    assert_int_equal(policy->locations[1].country, aif_residency_country("GB"));
    assert_int_equal(policy->group_count, 2);
    assert_string_equal(policy->groups[1].name, "TRUSTED");
    assert_int_equal(aif_residency_format(&policy->groups[1].set, text, sizeof(text)), 0);
    assert_string_equal(text, "DK|FI|IE|SE");
    aif_policy_destroy(policy);
}

static void test_empty(void **state)
{
    struct aif_policy *policy = NULL;

    (void)state;
    assert_int_equal(parse("{\"locations\": [], \"groups\": {}}", &policy, NULL), 0);
    assert_int_equal(policy->home_country, -1);
    assert_int_equal(policy->location_count, 0);
    assert_int_equal(policy->group_count, 0);
    aif_policy_destroy(policy);
}

static void test_zones_and_clusters(void **state)
{
    static const struct {
        const char *residency, *message;
    } bad[] = {
        {"{\"home_zone\": \"a b\"}", "residency.home_zone: out of range: \"a b\""},
        {"{\"locations\": [{\"nodes\": \"n1\", \"country\": \"FI\", \"zone\": \"\"}]}",
         "residency.locations[0].zone: "},
        {"{\"clusters\": {\"north\": \"XX\"}}", "residency.clusters.north: out of range: \"XX\""},
        {"{\"clusters\": {\"a,b\": \"FI\"}}", "residency.clusters.a,b: out of range"},
    };
    struct aif_policy *policy = NULL;
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(parse("{\"home\": \"FI\", \"home_zone\": \"Open\", \"locations\": [{\"nodes\": "
                           "\"n[1-2]\", \"country\": \"FI\", \"zone\": \"SPE\"}], \"clusters\": "
                           "{\"North\": \"SE\", \"south\": \"EL\"}}",
                           &policy, NULL),
                     0);
    assert_string_equal(policy->home_zone, "open");
    assert_string_equal(policy->locations[0].zone, "spe");
    assert_int_equal(policy->sibling_count, 2);
    assert_string_equal(policy->siblings[0].name, "north");
    assert_int_equal(policy->siblings[1].country, aif_residency_country("GR"));
    aif_policy_destroy(policy);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(parse(bad[i].residency, &policy, &err), -1);
        if (!strstr(err.text, bad[i].message))
            fail_msg("%s", err.text);
    }
}

/* "count" entries, each before + number + after, between open and close. */
static int parse_many(int count, const char *const parts[4], struct aif_error *err)
{
    char *text = malloc((size_t)count * 64 + 64);
    struct aif_policy *policy = NULL;
    size_t used;
    int rc;

    assert_non_null(text);
    used = (size_t)sprintf(text, "%s", parts[0]);
    for (int i = 0; i < count; i++)
        used += (size_t)sprintf(text + used, "%s%s%d%s", i ? "," : "", parts[1], i, parts[2]);
    strcpy(text + used, parts[3]);
    rc = parse(text, &policy, err);
    free(text);
    aif_policy_destroy(policy);
    return rc;
}

static void test_caps(void **state)
{
    static const char *const groups[] = {"{\"groups\": {", "\"GROUP", "\": \"FI\"", "}}"};
    static const char *const nodes[] = {"{\"locations\": [", "{\"country\": \"FI\", \"nodes\": \"n",
                                        "\"}", "]}"};
    struct aif_error err;

    (void)state;
    assert_int_equal(parse_many(1024, groups, NULL), 0);
    assert_int_equal(parse_many(1025, groups, &err), -1);
    assert_non_null(strstr(err.text, "residency.groups: too many entries: 1025, limit 1024"));
    assert_int_equal(parse_many(4096, nodes, NULL), 0);
    assert_int_equal(parse_many(4097, nodes, &err), -1);
    assert_non_null(strstr(err.text, "residency.locations: too many entries: 4097, limit 4096"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_zones_and_clusters),
        cmocka_unit_test(test_caps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
