/* test_decide_again.c - a residency that was remembered (tagmemo.h) is what would be made anew, and whatever it depends on
 * ends it: policy, allocations, data sets, membership and its days */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "configtest.h"
#include "decide.h"

#define POLICY(groups, mode_tag)                                                                                       \
    "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {\"code\": \"M\", \"open\": true" mode_tag "}},"          \
    " \"residency\": {\"home\": \"FI\", \"groups\": {" groups "}}, \"report\": {\"ledger\": \"/nonexistent/l.db\", "   \
    "\"balances\": \"/nonexistent/balances.json\", \"interval\": 300, \"overlap\": 86400}}"
#define ALLOCS(tag)                                                                                                    \
    "{\"version\": 1, \"allocations\": [{\"id\": \"A-1\", \"account\": \"a\", \"mode\": \"m\", \"amount\": 100, "      \
    "\"unit\": \"gpu-hour\", \"start\": \"2020-01-01\", \"end\": \"2099-12-31\"" tag "}]}"
#define DATASETS(tag, account)                                                                                         \
    "{\"version\": 1, \"datasets\": [{\"id\": \"d\", \"residency\": \"" tag "\", \"accounts\": [\"" account "\"]}]}"
#define MEMBERSHIP(from)                                                                                               \
    "{\"version\": 1, \"groups\": {\"CLUB\": {\"source\": \"s\", \"members\": [{\"country\": \"FI\"}, "                \
    "{\"country\": \"SE\", \"from\": \"" from "\"}]}}}"
#define NORDIC "\"NORDIC\": \"DK|FI|IS|NO|SE\""

static const char *const names[] = {"policy.json", "allocations.json", "datasets.json", "membership.json"};
static char dir[64];

static void path_of(const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", dir, name);
}

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    path_of(name, path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    strcpy(dir, "/tmp/aif-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    write_file("policy.json", POLICY(NORDIC, ""));
    write_file("allocations.json", ALLOCS(", \"residency\": \"EU27\""));
    write_file("datasets.json", DATASETS("FI|DE", "a"));
    write_file("membership.json", MEMBERSHIP("2020-01-01"));
    return 0;
}

static int tear_down(void **state)
{
    char path[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        path_of(names[i], path);
        unlink(path);
    }
    return rmdir(dir);
}

static struct aif_snapshot *load(void)
{
    struct aif_snapshot *snapshot = NULL;
    struct aif_error err = {0};

    if (aif_snapshot_load(dir, &snapshot, &err))
        fail_msg("%s", err.text);
    return snapshot;
}

static struct aif_decision decide_once(const struct aif_snapshot *snapshot, const char *account,
                                       const char *residency, const char *datasets)
{
    struct aif_options options = {.mode = ""};
    const struct aif_request request = {.account = account, .options = &options, .gpus = 1, .nodes = 1,
                                        .array_tasks = 1, .minutes = 60, .begin = time(NULL)};
    struct aif_decision decision;

    snprintf(options.residency, sizeof(options.residency), "%s", residency);
    snprintf(options.datasets, sizeof(options.datasets), "%s", datasets);
    memset(&decision, 'x', sizeof(decision));
    aif_decide(snapshot, &request, NULL, NULL, &decision);
    return decision;
}

static void check_same(const struct aif_decision *a, const struct aif_decision *b)
{
    assert_int_equal(a->verdict, b->verdict);
    assert_ptr_equal(a->alloc, b->alloc);
    assert_string_equal(a->rule ? a->rule : "", b->rule ? b->rule : "");
    assert_string_equal(a->message, b->message);
    assert_string_equal(a->residency_text, b->residency_text);
    assert_string_equal(a->datasets, b->datasets);
    assert_int_equal(a->has_residency, b->has_residency);
    assert_int_equal(a->asked_secs, b->asked_secs);
    if (a->has_residency)
        assert_true(aif_restag_equal(&a->residency, &b->residency));
}

/* Twice with the memo, and without: always the same. */
static struct aif_decision decide(const struct aif_snapshot *snapshot, const char *account, const char *residency,
                                  const char *datasets)
{
    const struct aif_decision first = decide_once(snapshot, account, residency, datasets);
    const struct aif_decision second = decide_once(snapshot, account, residency, datasets);
    struct aif_snapshot bare = *snapshot;
    struct aif_decision anew;

    bare.tags = NULL;
    anew = decide_once(&bare, account, residency, datasets);
    check_same(&first, &second);
    check_same(&first, &anew);
    if (first.verdict == AIF_ACCEPT && first.has_residency) {
        assert_non_null(first.marks);
        assert_ptr_equal(first.marks, second.marks);
        assert_null(anew.marks);
    }
    return first;
}

static void check_tag(const struct aif_snapshot *snapshot, const char *residency, const char *datasets,
                      const char *text)
{
    const struct aif_decision decision = decide(snapshot, "a", residency, datasets);

    if (decision.verdict != AIF_ACCEPT)
        fail_msg("%s", decision.message);
    assert_string_equal(decision.residency_text, text);
}

static void check_refused(const struct aif_snapshot *snapshot, const char *residency, const char *datasets,
                          const char *rule)
{
    const struct aif_decision decision = decide(snapshot, "a", residency, datasets);

    assert_int_equal(decision.verdict, AIF_REJECT);
    assert_string_equal(decision.rule, rule);
}

static void test_remembers_the_whole_tag(void **state)
{
    struct aif_snapshot *snapshot = load();

    (void)state;
    check_tag(snapshot, "", "", "EU27");
    check_tag(snapshot, "NORDIC", "", "DK|FI|SE");
    check_tag(snapshot, "NORDIC", "d", "FI");
    check_tag(snapshot, "", "d", "DE|FI");
    check_tag(snapshot, "NORDIC;zone=spe", "", "DK|FI|SE;zone=spe");
    check_tag(snapshot, "NORDIC", "", "DK|FI|SE");
    aif_snapshot_put(snapshot);
}

/* Nothing that was refused is remembered, and reading the text later does not change what is told first. */
static void test_refuses_as_before(void **state)
{
    struct aif_snapshot *snapshot = load();
    struct aif_decision decision;

    (void)state;
    check_refused(snapshot, "US", "", "AIF-R002");
    check_refused(snapshot, "NOWHERE", "", "AIF-R001");
    check_refused(snapshot, "NOWHERE", "d", "AIF-R001");
    check_refused(snapshot, "FI", "unknown", "AIF-R006");
    check_refused(snapshot, "NOWHERE", "unknown", "AIF-R001");
    decision = decide(snapshot, "nobody", "NOWHERE", "");
    assert_string_equal(decision.rule, "AIF-R001");
    assert_null(decision.alloc);
    decision = decide(snapshot, "nobody", "FI", "");
    assert_string_equal(decision.rule, "AIF-A007");
    aif_snapshot_put(snapshot);
}

/* ---- what ends it ---- */

/* The old configuration still answers as before, the new one as its files say. */
static void check_change(const char *name, const char *text, const char *residency, const char *datasets,
                         const char *before, const char *after)
{
    struct aif_snapshot *old = load(), *fresh;

    check_tag(old, residency, datasets, before);
    write_file(name, text);
    fresh = load();
    assert_ptr_not_equal(old->tags, fresh->tags);
    if (strncmp(after, "AIF-", 4))
        check_tag(fresh, residency, datasets, after);
    else
        check_refused(fresh, residency, datasets, after);
    check_tag(old, residency, datasets, before);
    aif_snapshot_put(old);
    aif_snapshot_put(fresh);
}

static void test_a_group_of_the_policy_ends_it(void **state)
{
    (void)state;
    check_change("policy.json", POLICY("\"NORDIC\": \"FI|NO\"", ""), "NORDIC", "", "DK|FI|SE", "FI");
}

static void test_a_tag_of_the_mode_ends_it(void **state)
{
    (void)state;
    check_change("policy.json", POLICY(NORDIC, ", \"residency\": \"SE|NO\""), "NORDIC", "", "DK|FI|SE", "SE");
}

static void test_a_tag_of_the_allocation_ends_it(void **state)
{
    (void)state;
    check_change("allocations.json", ALLOCS(", \"residency\": \"FI|DE\""), "NORDIC", "", "DK|FI|SE", "FI");
    check_change("allocations.json", ALLOCS(""), "NORDIC", "", "FI", "DK|FI|IS|NO|SE");
    check_change("allocations.json", ALLOCS(", \"residency\": \"DE\""), "NORDIC", "", "DK|FI|IS|NO|SE", "AIF-R002");
}

static void test_a_tag_of_the_data_set_ends_it(void **state)
{
    (void)state;
    check_change("datasets.json", DATASETS("SE|DE", "a"), "NORDIC", "d", "FI", "SE");
}

static void test_an_account_less_ends_it(void **state)
{
    (void)state;
    check_change("datasets.json", DATASETS("FI|DE", "other"), "NORDIC", "d", "FI", "AIF-R007");
}

static void test_a_membership_ends_it(void **state)
{
    (void)state;
    check_change("membership.json", MEMBERSHIP("2090-01-01"), "CLUB", "", "FI|SE", "FI");
}

/* The groups are those of one day: from "until" on slurmctld loads again, and nothing is taken along. */
static void test_a_new_day_ends_it(void **state)
{
    struct aif_snapshot *old, *fresh;

    (void)state;
    write_file("membership.json", MEMBERSHIP("2090-01-01"));
    old = load();
    assert_true(old->until > time(NULL));
    fresh = load();
    assert_ptr_not_equal(old->tags, fresh->tags);
    aif_snapshot_put(old);
    aif_snapshot_put(fresh);
}

/* Balances have no part in a tag. */
static void test_balances_do_not(void **state)
{
    struct aif_snapshot *old = load(), *fresh = NULL;
    struct aif_error err = {0};
    const struct aif_marks *marks;

    (void)state;
    marks = decide(old, "a", "NORDIC", "").marks;
    assert_int_equal(aif_snapshot_refresh(old, &fresh, &err), 0);
    assert_ptr_equal(old->tags, fresh->tags);
    aif_snapshot_put(old);
    check_tag(fresh, "NORDIC", "", "DK|FI|SE");
    assert_ptr_equal(decide(fresh, "a", "NORDIC", "").marks, marks);
    aif_snapshot_put(fresh);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_remembers_the_whole_tag),
        TEST(test_refuses_as_before),
        TEST(test_a_group_of_the_policy_ends_it),
        TEST(test_a_tag_of_the_mode_ends_it),
        TEST(test_a_tag_of_the_allocation_ends_it),
        TEST(test_a_tag_of_the_data_set_ends_it),
        TEST(test_an_account_less_ends_it),
        TEST(test_a_membership_ends_it),
        TEST(test_a_new_day_ends_it),
        TEST(test_balances_do_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
