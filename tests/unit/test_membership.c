/* test_membership.c - unit tests of membership.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "membership.h"
#include "policy.h"
#include "timetext.h"

#define FILE_OF(groups) "{\"version\": 1, \"groups\": {" groups "}}"
#define CLUB(members) FILE_OF("\"CLUB\": {\"source\": \"s\", \"members\": [" members "]}")

static struct aif_membership *parse(const char *text)
{
    struct aif_membership *membership = NULL;
    struct aif_error err = {0};

    if (aif_membership_parse(text, strlen(text), "f", &membership, &err))
        fail_msg("%s: %s", text, err.text);
    return membership;
}

static time_t day(const char *text, enum aif_day_edge edge)
{
    time_t when = 0;

    assert_int_equal(aif_timetext_date(text, edge, &when), 0);
    return when;
}

static void check_set(const struct aif_membership_group *group, time_t when, const char *expected)
{
    char text[AIF_RESIDENCY_TEXT_MAX];
    struct aif_residency set;

    aif_membership_set(group, when, &set);
    assert_int_equal(aif_residency_format(&set, text, sizeof(text)), 0);
    assert_string_equal(text, expected);
}

static void test_counts_days(void **state)
{
    struct aif_membership *membership =
        parse(CLUB("{\"country\": \"FI\"}, {\"country\": \"SE\", \"from\": \"2026-03-01\"}, "
                   "{\"country\": \"UK\", \"until\": \"2026-05-31\"}, "
                   "{\"country\": \"GB\", \"from\": \"2027-01-01\", \"until\": \"2027-01-01\"}"));
    const struct aif_membership_group *club = &membership->groups[0];

    (void)state;
    assert_string_equal(club->name, "CLUB");
    assert_string_equal(club->source, "s");
    check_set(club, day("2026-02-28", AIF_DAY_END), "FI|GB");
    check_set(club, day("2026-03-01", AIF_DAY_START), "FI|GB|SE");
    check_set(club, day("2026-05-31", AIF_DAY_END), "FI|GB|SE");
    check_set(club, day("2026-06-01", AIF_DAY_START), "FI|SE");
    check_set(club, day("2027-01-01", AIF_DAY_END), "FI|GB|SE");
    check_set(club, day("2027-01-02", AIF_DAY_START), "FI|SE");

    assert_int_equal(aif_membership_next(membership, day("2026-02-01", AIF_DAY_START)),
                     day("2026-03-01", AIF_DAY_START));
    assert_int_equal(aif_membership_next(membership, day("2026-03-01", AIF_DAY_START)),
                     day("2026-06-01", AIF_DAY_START));
    assert_int_equal(aif_membership_next(membership, day("2027-01-02", AIF_DAY_START)), 0);
    assert_int_equal(aif_membership_next(NULL, 0), 0);
    aif_membership_destroy(membership);
    aif_membership_destroy(NULL);
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{", "f:1: "},
        {"{\"version\": 2, \"groups\": {}}", "version: out of range"},
        {"{\"version\": 1}", "groups: required key"},
        {CLUB("{\"country\": \"XX\"}"), "groups.CLUB.members[0].country: out of range: \"XX\""},
        {CLUB("{\"country\": \"FI\", \"from\": \"2026-02-30\"}"), "members[0].from: "},
        {CLUB("{\"country\": \"FI\", \"from\": \"2026-02-02\", \"until\": \"2026-02-01\"}"),
         "limit not before \"from\""},
        {CLUB("{\"country\": \"FI\", \"since\": \"2026-02-02\"}"), "unknown key"},
        {FILE_OF("\"FI\": {\"source\": \"s\", \"members\": []}"), "group name out of range"},
        {FILE_OF("\"CLUB\": {\"members\": []}"), "source: required key"},
        {FILE_OF("\"CLUB\": {\"source\": \"s\", \"members\": []}, "
                 "\"club\": {\"source\": \"s\", \"members\": []}"),
         "group is given twice"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_membership *membership = NULL;
        struct aif_error err = {0};

        assert_int_equal(aif_membership_parse(cases[i].text, strlen(cases[i].text), "f",
                                              &membership, &err),
                         -1);
        assert_null(membership);
        drop_column(err.text);
        if (!strstr(err.text, cases[i].message))
            fail_msg("%s: %s", cases[i].text, err.text);
    }
}

static void test_a_missing_file_is_none(void **state)
{
    struct aif_membership *membership = NULL;
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(aif_membership_load("/nonexistent/membership.json", &membership, &err), 0);
    assert_null(membership);
    assert_int_equal(aif_membership_load("/", &membership, &err), -1);
}

/* What we ship says the same as what is built in, today and as far as it says anything. */
static void test_shipped_file_agrees(void **state)
{
    static const char *const same[] = {"EU27", "EU28", "EEA30", "EEA31", "EUROHPC"};
    struct aif_membership *membership = NULL;
    struct aif_error err = {0};
    size_t found = 0;

    (void)state;
    if (aif_membership_load(ETC_DIR "/membership.json", &membership, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < membership->group_count; i++) {
        const struct aif_membership_group *group = &membership->groups[i];

        for (size_t j = 0; j < COUNT_OF(same); j++)
            if (!strcmp(group->name, same[j])) {
                check_set(group, day("2026-11-21", AIF_DAY_START), same[j]);
                found++;
            }
        if (!strcmp(group->name, "EU")) {
            check_set(group, day("2020-01-31", AIF_DAY_END), "EU28");
            check_set(group, day("2020-02-01", AIF_DAY_START), "EU27");
        }
    }
    assert_int_equal(found, COUNT_OF(same));
    aif_membership_destroy(membership);
}

#define POLICY                                                                                     \
    "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {\"residency\": \"NEAR|CLUB\"}}, "    \
    "\"residency\": {\"groups\": {\"NEAR\": \"CLUB-FI|EE\"}}}"

static void check_mode(const struct aif_membership *membership, time_t when, const char *expected)
{
    char text[AIF_RESTAG_TEXT_MAX];
    struct aif_policy *policy = NULL;
    struct aif_error err = {0};

    if (aif_policy_parse_dated(POLICY, strlen(POLICY), "f", membership, when, &policy, &err))
        fail_msg("%s", err.text);
    assert_int_equal(policy->group_count, 2);
    assert_int_equal(aif_restag_format(policy->modes[0].residency, text, sizeof(text)), 0);
    assert_string_equal(text, expected);
    aif_policy_destroy(policy);
}

static void test_policy_takes_its_groups(void **state)
{
    struct aif_membership *membership = parse(CLUB(
        "{\"country\": \"FI\", \"until\": \"2026-05-31\"}, {\"country\": \"SE\"}"));
    struct aif_policy *policy = NULL;
    struct aif_error err = {0};
    const char *hides = "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {}}, "
                        "\"residency\": {\"groups\": {\"club\": \"FI\"}}}";

    (void)state;
    check_mode(membership, day("2026-05-31", AIF_DAY_END), "EE|FI|SE");
    check_mode(membership, day("2026-06-01", AIF_DAY_START), "EE|SE");
    assert_int_equal(aif_policy_parse(POLICY, strlen(POLICY), "f", &policy, &err), -1);
    assert_non_null(strstr(err.text, "\"CLUB\" is no country code or group"));
    assert_int_equal(
        aif_policy_parse_dated(hides, strlen(hides), "f", membership, 0, &policy, &err), -1);
    assert_non_null(strstr(err.text, "group name is taken: \"club\""));
    aif_membership_destroy(membership);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(aif_membership_is_name("EEA30"));
    assert_false(aif_membership_is_name("E-U"));
    assert_false(aif_membership_is_name("AB"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_days),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_a_missing_file_is_none),
        cmocka_unit_test(test_shipped_file_agrees),
        cmocka_unit_test(test_policy_takes_its_groups),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
