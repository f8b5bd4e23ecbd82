/*
 * test_decisions.c - the decision table: every case of tests/data/decisions/ put before
 * aif_decide()
 *
 * A file has a policy and allocations (beside it; without a policy none is loaded), "now", perhaps
 * a "timezone", and cases. The form of a case stands in decisions_read.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decisions_read.h"
#include "decisions_relaxed.h"
#include "jsonfile.h"

#define FOLDER TEST_DATA_DIR "/decisions"
#define CASES_MIN 850

/* ---- comparing ---- */

static void complain(struct subject *subject, const char *what, const char *want, const char *got)
{
    print_error("%s: %s: %s\n    want %s\n    got  %s\n", subject->file,
                text_of(subject->entry, "name"), what, want ? want : "none", got ? got : "none");
    subject->tally->failures++;
}

static void compare(struct subject *subject, const char *what, const char *want, const char *got)
{
    if (strcmp(want ? want : "", got ? got : ""))
        complain(subject, what, want, got);
}

static void compare_qos(struct subject *subject, struct json_object *expect)
{
    const struct aif_decision *decision = &subject->decision;
    const bool given = json_object_object_get_ex(expect, "qos", NULL);

    compare(subject, "qos", given ? text_of(expect, "qos") : decision->alloc->qos, decision->qos);
    if (decision->free != json_object_get_boolean(member(expect, "free")))
        complain(subject, "free", decision->free ? "false" : "true",
                 decision->free ? "true" : "false");
}

static void compare_accepted(struct subject *subject, struct json_object *expect)
{
    const struct aif_decision *decision = &subject->decision;
    char got[64], want[64];

    compare(subject, "alloc", text_of(expect, "alloc"), decision->alloc->id);
    compare(subject, "residency", text_of(expect, "residency"), decision->residency_text);
    snprintf(want, sizeof(want), "%u", (uint32_t)number_of(expect, "minutes", AIF_MINUTES_UNKNOWN));
    snprintf(got, sizeof(got), "%u", decision->minutes);
    compare(subject, "minutes", want, got);
    aif_placement_format(&decision->placement, got);
    compare(subject, "placement", text_of(expect, "placement"), got);
    compare_qos(subject, expect);
}

static bool is_of_budget(const char *rule)
{
    return rule && (!strncmp(rule, "AIF-Q", 5) || !strcmp(rule, AIF_M_SUBMITS) ||
                    !strcmp(rule, AIF_M_CROWDED));
}

/* What holds of every decision, whatever the case says. */
static void check_always(struct subject *subject)
{
    const struct aif_decision *decision = &subject->decision;
    const struct aif_rule *rule = rule_in(decision->message);
    const bool budget = decision->verdict != AIF_IGNORE &&
                        (decision->verdict != AIF_REJECT || is_of_budget(decision->rule));

    if (*decision->message && (strncmp(decision->message, "aif: ", 5) || !rule))
        complain(subject, "form of the message", "aif: ... (AIF-...)", decision->message);
    if (strstr(decision->message, "error"))
        complain(subject, "a word that advice never has", NULL, decision->message);
    if (decision->verdict == AIF_REJECT || decision->verdict == AIF_HOLD)
        compare(subject, "rule in the message", decision->rule, rule ? rule->id : NULL);
    if (subject->usage_calls != (budget ? 1 : 0))
        complain(subject, "usage is asked for once, and only when all else is well", NULL, NULL);
}

static void count_rule(struct tally *tally, const char *message)
{
    const struct aif_rule *rule = rule_in(message);
    size_t count;

    if (rule)
        tally->seen[rule - aif_rules(&count)] = true;
}

static void check_rules_not_on(struct aif_snapshot *snapshot, struct subject *subject)
{
    const char *wrong = snapshot ? check_relaxed(snapshot, subject) : NULL;

    if (wrong)
        complain(subject, "rules that are not on", NULL, wrong);
}

static void compare_decisions(struct subject *subject, const struct aif_decision *again)
{
    const struct aif_decision *first = &subject->decision;

    compare(subject, "rule when asked again", first->rule, again->rule);
    compare(subject, "message when asked again", first->message, again->message);
    compare(subject, "residency when asked again", first->residency_text, again->residency_text);
    compare(subject, "data sets when asked again", first->datasets, again->datasets);
    if (first->verdict != again->verdict || first->alloc != again->alloc ||
        first->has_residency != again->has_residency ||
        (first->has_residency && !aif_restag_equal(&first->residency, &again->residency)))
        complain(subject, "another decision when asked again", NULL, NULL);
}

/* With what was remembered of this job and of those before it. */
static void decide_again(const struct aif_snapshot *snapshot, struct subject *subject)
{
    for (int i = 0; i < 2; i++) {
        struct subject again = *subject;

        decide_case(snapshot, &again);
        compare_decisions(subject, &again.decision);
    }
}

/* Without a memo first, so that every case is decided anew. */
static void decide_all(const struct aif_snapshot *snapshot, struct subject *subject)
{
    struct aif_snapshot bare;

    if (!snapshot) {
        decide_case(NULL, subject);
        return;
    }
    bare = *snapshot;
    bare.tags = NULL;
    decide_case(&bare, subject);
    decide_again(snapshot, subject);
}

static void run_case(struct aif_snapshot *snapshot, struct subject *subject)
{
    static const char *const verdicts[] = {"ignore", "accept", "hold", "reject"};
    struct json_object *expect = member(subject->entry, "expect");

    check_form(subject);
    decide_all(snapshot, subject);
    subject->tally->cases++;
    compare(subject, "verdict", text_of(expect, "verdict"), verdicts[subject->decision.verdict]);
    compare(subject, "rule", text_of(expect, "rule"), subject->decision.rule);
    compare(subject, "message", text_of(expect, "message"), subject->decision.message);
    if (subject->decision.verdict == AIF_ACCEPT || subject->decision.verdict == AIF_HOLD)
        compare_accepted(subject, expect);
    check_always(subject);
    check_rules_not_on(snapshot, subject);
    count_rule(subject->tally, subject->decision.message);
}

/* ---- files ---- */

static void load_site(struct json_object *root, struct aif_snapshot *ret_site)
{
    const char *policy = text_of(root, "policy"), *allocations = text_of(root, "allocations");
    struct aif_error err = {0};
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", FOLDER, policy);
    if (aif_policy_load(path, &ret_site->policy, &err))
        fail_msg("%s", err.text);
    snprintf(path, sizeof(path), "%s/%s", FOLDER, allocations);
    if (aif_alloctable_load(path, ret_site->policy, &ret_site->allocs, &err))
        fail_msg("%s", err.text);
}

/* A table may name a catalogue. */
static void load_datasets(struct json_object *root, struct aif_snapshot *site)
{
    const char *name = text_of(root, "datasets");
    struct aif_error err = {0};
    char path[4096], *text = NULL;
    size_t length = 0;

    if (!name)
        return;
    snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
    if (aif_jsonfile_read(path, &text, &length, &err) ||
        aif_datasets_parse(text, length, name, site->policy, &site->datasets, &err))
        fail_msg("%s", err.text);
    free(text);
}

static void set_timezone(const char *name)
{
    setenv("TZ", name ? name : "UTC", 1);
    tzset();
}

static void run_cases(const char *name, struct json_object *root, struct tally *tally)
{
    struct json_object *cases = member(root, "cases");
    const bool loaded = member(root, "policy") != NULL;
    struct aif_snapshot site = {0};

    set_timezone(text_of(root, "timezone"));
    if (loaded) {
        load_site(root, &site);
        load_datasets(root, &site);
        site.tags = aif_tagmemo_create(aif_alloctable_count(site.allocs));
    }
    for (size_t i = 0; i < json_object_array_length(cases); i++) {
        struct subject subject = {.file = name,
                                  .entry = json_object_array_get_idx(cases, i),
                                  .now = text_of(root, "now"),
                                  .tally = tally};

        run_case(loaded ? &site : NULL, &subject);
    }
    aif_tagmemo_destroy(site.tags);
    aif_datasets_destroy(site.datasets);
    aif_alloctable_destroy(site.allocs);
    aif_policy_destroy(site.policy);
}

static void run_file(const char *name, struct tally *tally)
{
    struct aif_jsonfile *file = NULL;
    struct aif_error err = {0};
    char path[4096], *text = NULL;
    size_t length = 0;

    snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
    if (aif_jsonfile_read(path, &text, &length, &err) ||
        aif_jsonfile_parse(text, length, name, &file, &err))
        fail_msg("%s", err.text);
    run_cases(name, file->root, tally);
    aif_jsonfile_destroy(file);
    free(text);
}

static int is_table(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');

    return end && !strcmp(end, ".json");
}

/* ---- completeness ---- */

/* The rules of jobs that are left to the controller: it knows the nodes and the job before an
 * update. */
static bool is_of_controller(const char *id)
{
    return !strcmp(id, AIF_R_NOWHERE) || !strcmp(id, AIF_R_INACTIVE) || !strcmp(id, AIF_R_WIDEN) ||
           !strcmp(id, AIF_R_SIBLING) || !strcmp(id, AIF_R_TICKET) || !strcmp(id, AIF_R_NODE);
}

/* Of the -C rules two are about jobs, the others about files; of the -P rules one, the others about the cluster. */
static bool is_of_table(const char *id)
{
    if (!strncmp(id, "AIF-C", 5))
        return !strcmp(id, AIF_C_OPTION) || !strcmp(id, AIF_C_NOPOLICY);
    if (!strncmp(id, "AIF-P", 5))
        return !strcmp(id, AIF_P_SYNTAX);
    return !is_of_controller(id);
}

static void check_rules(struct tally *tally)
{
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);

    assert_true(count <= RULES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!is_of_table(rules[i].id) || tally->seen[i])
            continue;
        print_error("no case of rule %s, %s\n", rules[i].id, rules[i].title);
        tally->failures++;
    }
}

static void test_every_case(void **state)
{
    struct tally tally = {0};
    struct dirent **tables;
    int count = scandir(FOLDER, &tables, is_table, alphasort);

    (void)state;
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        run_file(tables[i]->d_name, &tally);
        free(tables[i]);
    }
    free(tables);
    check_rules(&tally);
    print_message("%zu cases in %d files\n", tally.cases, count);
    assert_true(tally.cases >= CASES_MIN);
    assert_int_equal(tally.failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_case)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
