/* test_joballoc.c - joballoc.h: which allocation an existing job belongs to */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "joballoc.h"

static const char policy_text[] =
    "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {\"open\": true}}}";
static const char allocs_text[] = "{\"version\": 1, \"allocations\": ["
                                  "{\"id\": \"P-1\", \"account\": \"one\", \"mode\": \"m\", "
                                  "\"amount\": 1, \"unit\": \"gpu-hour\", \"start\": "
                                  "\"2026-01-01\", \"end\": \"2026-12-31\", \"pacing\": {\"kind\": "
                                  "\"ceiling\", \"percent\": 150}},"
                                  "{\"id\": \"P-2\", \"account\": \"two\", \"mode\": \"m\", "
                                  "\"amount\": 1, \"unit\": \"gpu-hour\", \"start\": "
                                  "\"2026-01-01\", \"end\": \"2026-12-31\"}]}";

static struct aif_snapshot site;

static int set_up(void **state)
{
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(
        aif_policy_parse(policy_text, strlen(policy_text), "policy", &site.policy, &err), 0);
    assert_int_equal(aif_alloctable_parse(allocs_text, strlen(allocs_text), "allocs", site.policy,
                                          &site.allocs, &err),
                     0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    aif_alloctable_destroy(site.allocs);
    aif_policy_destroy(site.policy);
    return 0;
}

/* The id, or "none". */
static const char *find(enum aif_carrier carrier, const char *qos, const char *account,
                        const char *noted)
{
    struct aif_admincomment ours = {0};
    const struct aif_alloc *alloc;

    if (noted)
        strncpy(ours.alloc, noted, sizeof(ours.alloc) - 1);
    site.policy->carrier = carrier;
    alloc = aif_joballoc_find(&site, qos, account, &ours);
    return alloc ? alloc->id : "none";
}

static void test_by_qos(void **state)
{
    (void)state;
    assert_string_equal(find(AIF_CARRIER_QOS, "p-1", "two", "P-2"), "P-1");
    assert_string_equal(find(AIF_CARRIER_QOS, "p-1-free", "one", NULL), "P-1");
    assert_string_equal(find(AIF_CARRIER_QOS, "normal", "two", "P-2"), "P-2");
    assert_string_equal(find(AIF_CARRIER_QOS, "normal", "two", NULL), "none");
    assert_string_equal(find(AIF_CARRIER_QOS, NULL, NULL, NULL), "none");
}

static void test_by_account(void **state)
{
    (void)state;
    assert_string_equal(find(AIF_CARRIER_ASSOCIATION, "p-1", "two", NULL), "P-2");
    assert_string_equal(find(AIF_CARRIER_ASSOCIATION, "p-1", "two", "P-1"), "P-1");
    assert_string_equal(find(AIF_CARRIER_ASSOCIATION, "debug", "physics", NULL), "none");
    assert_string_equal(find(AIF_CARRIER_ASSOCIATION, "", "", "gone"), "none");
}

static void test_free_qos(void **state)
{
    const struct aif_alloc *one = aif_alloctable_by_id(site.allocs, "P-1");
    const struct aif_alloc *two = aif_alloctable_by_id(site.allocs, "P-2");

    (void)state;
    assert_true(aif_joballoc_is_free(one, "P-1-FREE"));
    assert_false(aif_joballoc_is_free(one, "p-1"));
    assert_false(aif_joballoc_is_free(one, NULL));
    assert_false(aif_joballoc_is_free(two, "p-1-free"));
    assert_false(aif_joballoc_is_free(NULL, "p-1-free"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_qos),
                                       cmocka_unit_test(test_by_account),
                                       cmocka_unit_test(test_free_qos)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
