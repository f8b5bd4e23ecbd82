/*
 * test_decisions.c - the decision table: every case of tests/data/decisions/ put before aif_decide()
 *
 * A file has a policy and allocations (beside it; without a policy none is loaded), "now", perhaps a "timezone", and cases:
 *   cluster  true: tests/cluster_tests/test_decisions.py submits it as well
 *   request  account, user, qos, partition, options{mode,allocation,residency,placement} or the comment or environment
 *            (comment, env) that carries them, gpus, nodes (1), array_tasks (1), minutes (none), begin (now).
 *            "raw": the options are handed over as they are, not through the parser.
 *   usage    known (true), used, reserved: hours in the allocation's unit
 *   expect   verdict; of a rejection rule and message; else alloc, minutes (null: none), residency, placement, message
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "decide.h"
#include "jsonfile.h"
#include "rules.h"
#include "timetext.h"

#define FOLDER TEST_DATA_DIR "/decisions"
#define CASES_MIN 300
#define RULES_MAX 64

struct tally {
    size_t cases;
    size_t failures;
    bool seen[RULES_MAX]; /* by index of aif_rules() */
};

/* One case, while it is decided on. */
struct subject {
    const char *file;
    struct json_object *entry;
    const char *now;
    struct aif_usage usage;
    unsigned int usage_calls;
    struct aif_decision decision;
    struct tally *tally;
};

/* ---- reading ---- */

static struct json_object *member(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(object, key, &value);
    return value;
}

static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value = member(object, key);

    return value ? json_object_get_string(value) : NULL;
}

static uint64_t number_of(struct json_object *object, const char *key, uint64_t none)
{
    struct json_object *value = member(object, key);

    return value ? json_object_get_uint64(value) : none;
}

/* A slip in a key's name would leave a case that tests nothing. */
static void check_keys(const struct subject *subject, struct json_object *object, const char *known)
{
    char key[64];

    if (!object)
        return;
    json_object_object_foreach(object, name, value)
    {
        (void)value;
        snprintf(key, sizeof(key), " %s ", name);
        if (!strstr(known, key))
            fail_msg("%s: %s: unknown key%s", subject->file, text_of(subject->entry, "name"), key);
    }
}

static void check_form(const struct subject *subject)
{
    struct json_object *request = member(subject->entry, "request");

    assert_non_null(text_of(subject->entry, "name"));
    assert_non_null(request);
    assert_non_null(text_of(member(subject->entry, "expect"), "verdict"));
    check_keys(subject, subject->entry, " name cluster request usage expect ");
    check_keys(subject, request,
               " account user qos partition options comment env raw gpus nodes array_tasks minutes begin ");
    check_keys(subject, member(request, "options"), " mode allocation residency placement ");
    check_keys(subject, member(subject->entry, "usage"), " known used reserved ");
    check_keys(subject, member(subject->entry, "expect"),
               " verdict rule message alloc minutes residency placement ");
}

static time_t moment(const char *text)
{
    time_t when = 0;

    if (aif_timetext_date(text, AIF_DAY_START, &when))
        fail_msg("not a time: %s", text);
    return when;
}

/* ---- deciding ---- */

static void copy_raw(struct json_object *given, struct aif_options *options)
{
    const char *placement = text_of(given, "placement");

    snprintf(options->placement, sizeof(options->placement), "%s", placement ? placement : "");
}

/* As they come to the controller: through the parser, whichever way they travelled. */
static int read_options(struct json_object *request, struct aif_options *options,
                        struct aif_error *err)
{
    struct json_object *given = member(request, "options");
    const char *comment = text_of(request, "comment"), *env = text_of(request, "env");

    if (comment)
        return aif_options_from_comment(comment, options, err) < 0 ? -1 : 0;
    if (env)
        return aif_options_parse(env, options, err);
    if (!given)
        return 0;
    if (member(request, "raw")) {
        copy_raw(given, options);
        return 0;
    }
    json_object_object_foreach(given, key, value)
    {
        if (aif_options_set(options, key, json_object_get_string(value), err))
            return -1;
    }
    return 0;
}

static void give_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
    struct subject *subject = arg;

    assert_non_null(alloc);
    subject->usage_calls++;
    *ret_usage = subject->usage;
}

static uint64_t seconds_of(struct json_object *usage, const char *key)
{
    return (uint64_t)llround(json_object_get_double(member(usage, key)) * 3600);
}

static void read_usage(struct subject *subject)
{
    struct json_object *usage = member(subject->entry, "usage");
    struct json_object *known = member(usage, "known");

    subject->usage = (struct aif_usage){.known = !known || json_object_get_boolean(known),
                                        .used_secs = seconds_of(usage, "used"),
                                        .reserved_secs = seconds_of(usage, "reserved")};
}

/* The id between the message's last "(AIF-" and ")", from the table; NULL if there is none. */
static const struct aif_rule *rule_in(const char *message)
{
    const char *at = strstr(message, "(AIF-");
    char id[16];

    if (!at)
        return NULL;
    snprintf(id, sizeof(id), "%.*s", (int)strcspn(at + 1, ")"), at + 1);
    return aif_rules_find(id);
}

/* Options that do not parse are refused by whoever parses them, with the parser's words. */
static void refuse_options(struct subject *subject, const struct aif_error *err)
{
    const struct aif_rule *rule = rule_in(err->text);

    subject->decision = (struct aif_decision){.verdict = AIF_REJECT, .rule = rule ? rule->id : NULL};
    snprintf(subject->decision.message, sizeof(subject->decision.message), "%.*s",
             AIF_MESSAGE_MAX - 1, err->text);
}

static void decide(const struct aif_snapshot *snapshot, struct subject *subject)
{
    struct json_object *r = member(subject->entry, "request");
    const char *begin = text_of(r, "begin");
    struct aif_options options = {0};
    struct aif_error err = {0};
    const struct aif_request request = {
        .account = text_of(r, "account"),
        .user = text_of(r, "user"),
        .qos = text_of(r, "qos"),
        .partition = text_of(r, "partition"),
        .options = &options,
        .gpus = number_of(r, "gpus", 0),
        .nodes = (uint32_t)number_of(r, "nodes", 1),
        .array_tasks = (uint32_t)number_of(r, "array_tasks", 1),
        .minutes = (uint32_t)number_of(r, "minutes", AIF_MINUTES_UNKNOWN),
        .begin = moment(begin ? begin : subject->now),
    };

    read_usage(subject);
    memset(&subject->decision, 'x', sizeof(subject->decision));
    if (read_options(r, &options, &err))
        refuse_options(subject, &err);
    else
        aif_decide(snapshot, &request, give_usage, subject, &subject->decision);
}

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

static void compare_accepted(struct subject *subject, struct json_object *expect)
{
    const struct aif_decision *decision = &subject->decision;
    char got[64], want[64];

    compare(subject, "alloc", text_of(expect, "alloc"), decision->alloc->id);
    compare(subject, "residency", text_of(expect, "residency"), decision->residency_text);
    snprintf(want, sizeof(want), "%u", (uint32_t)number_of(expect, "minutes", AIF_MINUTES_UNKNOWN));
    snprintf(got, sizeof(got), "%u", decision->minutes);
    compare(subject, "minutes", want, got);
    snprintf(got, sizeof(got), "%s%s", aif_placement_name(decision->placement),
             decision->placement_strict ? ",strict" : "");
    compare(subject, "placement", text_of(expect, "placement"), got);
}

/* What holds of every decision, whatever the case says. */
static void check_always(struct subject *subject)
{
    const struct aif_decision *decision = &subject->decision;
    const struct aif_rule *rule = rule_in(decision->message);
    const bool budget = decision->verdict == AIF_ACCEPT ||
                        (decision->rule && !strncmp(decision->rule, "AIF-Q", 5));

    if (*decision->message && (strncmp(decision->message, "aif: ", 5) || !rule))
        complain(subject, "form of the message", "aif: ... (AIF-...)", decision->message);
    if (strstr(decision->message, "error"))
        complain(subject, "a word that advice never has", NULL, decision->message);
    if (decision->verdict == AIF_REJECT)
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

static void run_case(const struct aif_snapshot *snapshot, struct subject *subject)
{
    static const char *const verdicts[] = {"ignore", "accept", "reject"};
    struct json_object *expect = member(subject->entry, "expect");

    check_form(subject);
    decide(snapshot, subject);
    subject->tally->cases++;
    compare(subject, "verdict", text_of(expect, "verdict"), verdicts[subject->decision.verdict]);
    compare(subject, "rule", text_of(expect, "rule"), subject->decision.rule);
    compare(subject, "message", text_of(expect, "message"), subject->decision.message);
    if (subject->decision.verdict == AIF_ACCEPT)
        compare_accepted(subject, expect);
    check_always(subject);
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
    if (loaded)
        load_site(root, &site);
    for (size_t i = 0; i < json_object_array_length(cases); i++) {
        struct subject subject = {.file = name,
                                  .entry = json_object_array_get_idx(cases, i),
                                  .now = text_of(root, "now"),
                                  .tally = tally};

        run_case(loaded ? &site : NULL, &subject);
    }
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

/* The rules of jobs that are left to the controller: it knows the nodes and the job before an update. */
static bool is_of_controller(const char *id)
{
    return !strcmp(id, AIF_R_NOWHERE) || !strcmp(id, AIF_R_INACTIVE) || !strcmp(id, AIF_R_WIDEN);
}

/* Of the -C rules two are about jobs, the others about files. */
static bool is_of_table(const char *id)
{
    if (!strncmp(id, "AIF-C", 5))
        return !strcmp(id, AIF_C_OPTION) || !strcmp(id, AIF_C_NOPOLICY);
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
