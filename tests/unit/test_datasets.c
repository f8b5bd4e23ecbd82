/* test_datasets.c - unit tests of datasets.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "datasets.h"
#include "policytest.h"

#define FILE_OF(list) "{\"version\": 1, \"datasets\": [" list "]}"
#define STAGED(staging, list) "{\"version\": 1, \"staging\": \"" staging "\", \"datasets\": [" list "]}"
#define ENTRY(more) "{\"id\": \"d\", \"residency\": \"FI\", \"accounts\": [\"a\"]" more "}"

static struct aif_policy *policy;

static int set_up(void **state)
{
    (void)state;
    policy = policytest_make("\"residency\": {\"groups\": {\"NORDIC\": \"DK|FI|SE\"}}", "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    aif_policy_destroy(policy);
    return 0;
}

static void test_reads(void **state)
{
    const char *text = FILE_OF(
        "{\"id\": \"Health\", \"title\": \"Register\", \"residency\": \"nordic;zone=SPE\", \"permit\": "
        "\"FI-1\", \"paths\": [\"/data/a\", \"/data/b\"], \"access\": \"rw\", \"accounts\": [\"p1\", "
        "\"P2\"]}, " ENTRY(""));
    struct aif_datasets *datasets = NULL;
    const struct aif_dataset *dataset;
    char tag[AIF_RESTAG_TEXT_MAX];
    struct aif_error err = {0};

    (void)state;
    if (aif_datasets_parse(text, strlen(text), "f", policy, &datasets, &err))
        fail_msg("%s", err.text);
    assert_int_equal(aif_datasets_count(datasets), 2);
    dataset = aif_datasets_find(datasets, "HEALTH");
    assert_ptr_equal(dataset, aif_datasets_at(datasets, 0));
    assert_string_equal(dataset->id, "health");
    assert_string_equal(dataset->title, "Register");
    assert_int_equal(aif_restag_format(dataset->residency, tag, sizeof(tag)), 0);
    assert_string_equal(tag, "DK|FI|SE;zone=spe;permit=FI-1");
    assert_string_equal(dataset->paths[1], "/data/b");
    assert_true(dataset->writable);
    assert_true(aif_dataset_allows(dataset, "p2"));
    assert_false(aif_dataset_allows(dataset, "p3"));
    dataset = aif_datasets_find(datasets, "d");
    assert_false(dataset->writable);
    assert_null(dataset->paths);
    assert_null(aif_datasets_find(datasets, "none"));
    aif_datasets_destroy(datasets);
}

static void test_staging(void **state)
{
    const char *text = STAGED("/aif/staging", ENTRY(", \"paths\": [\"/aif/stagings\", \"/data a\"]"));
    struct aif_datasets *datasets = NULL;

    (void)state;
    assert_int_equal(aif_datasets_parse(text, strlen(text), "f", policy, &datasets, NULL), 0);
    assert_string_equal(aif_datasets_staging(datasets), "/aif/staging");
    aif_datasets_destroy(datasets);
    assert_int_equal(aif_datasets_parse(FILE_OF(""), strlen(FILE_OF("")), "f", policy, &datasets, NULL), 0);
    assert_null(aif_datasets_staging(datasets));
    aif_datasets_destroy(datasets);
    assert_null(aif_datasets_staging(NULL));
}

/* As on a node, where a ticket says which tag it is. */
static void test_without_a_policy(void **state)
{
    const char *text = FILE_OF("{\"id\": \"d\", \"residency\": \"CLUB\", \"permit\": \"P\", \"paths\": [\"/a\"], \"accounts\": [\"a\"]}");
    struct aif_datasets *datasets = NULL;
    const struct aif_dataset *dataset;

    (void)state;
    assert_int_equal(aif_datasets_parse(text, strlen(text), "f", NULL, &datasets, NULL), 0);
    dataset = aif_datasets_find(datasets, "d");
    assert_null(dataset->residency);
    assert_string_equal(dataset->paths[0], "/a");
    aif_datasets_destroy(datasets);
}

static void test_none(void **state)
{
    (void)state;
    aif_datasets_destroy(NULL);
    assert_int_equal(aif_datasets_count(NULL), 0);
    assert_null(aif_datasets_find(NULL, "d"));
}

static void check_refused(const char *text, const char *message)
{
    struct aif_datasets *datasets = NULL;
    struct aif_error err = {0};

    assert_int_equal(aif_datasets_parse(text, strlen(text), "f", policy, &datasets, &err), -1);
    assert_null(datasets);
    drop_column(err.text);
    if (!strstr(err.text, message))
        fail_msg("%s\n  want %s\n  got  %s", text, message, err.text);
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{", "f:1: "},
        {"{\"version\": 1}", "datasets: required key"},
        {FILE_OF("{\"residency\": \"FI\", \"accounts\": [\"a\"]}"), "datasets[0].id: required key"},
        {FILE_OF("{\"id\": \"d\", \"accounts\": [\"a\"]}"), "residency: required key"},
        {FILE_OF("{\"id\": \"d\", \"residency\": \"FI\"}"), "accounts: required key"},
        {FILE_OF("{\"id\": \"d\", \"residency\": \"FI\", \"accounts\": []}"), "accounts: "},
        {FILE_OF("{\"id\": \"a,b\", \"residency\": \"FI\", \"accounts\": [\"a\"]}"),
         "datasets[0].id: out of range: \"a,b\""},
        {FILE_OF("{\"id\": \"d\", \"residency\": \"XX\", \"accounts\": [\"a\"]}"), "(AIF-R001)"},
        {FILE_OF(ENTRY("") ", " ENTRY("")), "datasets[1].id: id given twice: \"d\""},
        {FILE_OF(ENTRY(", \"access\": \"rx\"")), "datasets[0].access: "},
        {FILE_OF(ENTRY(", \"permit\": \"a b\"")), "datasets[0].permit: "},
        {FILE_OF(ENTRY(", \"permit\": \"a+b\"")), "datasets[0].permit: "},
        {FILE_OF(ENTRY(", \"permit\": \"\"")), "datasets[0].permit: "},
        {FILE_OF(ENTRY(", \"paths\": [\"data\"]")), "limit absolute paths"},
        {FILE_OF(ENTRY(", \"paths\": [\"/\"]")), "limit absolute paths"},
        {FILE_OF(ENTRY(", \"paths\": [\"/a/\"]")), "limit absolute paths"},
        {FILE_OF(ENTRY(", \"paths\": [\"/a//b\"]")), "limit absolute paths"},
        {FILE_OF(ENTRY(", \"paths\": [\"/a/../b\"]")), "limit absolute paths"},
        {FILE_OF(ENTRY(", \"paths\": [\"/a/..\"]")), "limit absolute paths"},
        {FILE_OF(ENTRY(", \"paths\": [\"/a/.\"]")), "limit absolute paths"},
        {FILE_OF(ENTRY(", \"paths\": [\"/a\", \"/a\"]")), "path \"/a\" of \"d\" lies in \"/a\""},
        {FILE_OF(ENTRY(", \"paths\": [\"/a/b\", \"/a-c\", \"/a\"]")),
         "path \"/a/b\" of \"d\" lies in \"/a\" of \"d\""},
        {FILE_OF(ENTRY(", \"paths\": [\"/a\\tb\"]")), "control characters"},
        {FILE_OF(ENTRY(", \"paths\": [\"/a\\nrw /etc\"]")), "control characters"},
        {FILE_OF(ENTRY(", \"paths\": [\"/a\", \"/b\", \"/c\", \"/d\", \"/e\", \"/f\", \"/g\", \"/h\", \"/i\"]")),
         "too many entries: 9, limit 8"},
        {STAGED("staging", ""), "staging: out of range"},
        {STAGED("/", ""), "staging: out of range"},
        {STAGED("/s/../t", ""), "staging: out of range"},
        {STAGED("/s", ENTRY(", \"paths\": [\"/s/a\"]")), "path \"/s/a\" of \"d\" and staging \"/s\" lie in each other"},
        {STAGED("/s/a", ENTRY(", \"paths\": [\"/s\"]")), "lie in each other"},
        {STAGED("/s", ENTRY(", \"paths\": [\"/s\"]")), "lie in each other"},
        {FILE_OF(ENTRY(", \"hidden\": true")), "unknown key"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_refused(cases[i].text, cases[i].message);
}

static void test_paths_beside_each_other(void **state)
{
    const char *text = FILE_OF(ENTRY(", \"paths\": [\"/a/b\", \"/a/bc\", \"/a-b\", \"/a.b/c\", \"/b/...\"]"));
    struct aif_datasets *datasets = NULL;
    struct aif_error err = {0};

    (void)state;
    if (aif_datasets_parse(text, strlen(text), "f", policy, &datasets, &err))
        fail_msg("%s", err.text);
    aif_datasets_destroy(datasets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_staging),
        cmocka_unit_test(test_without_a_policy),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_paths_beside_each_other),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
