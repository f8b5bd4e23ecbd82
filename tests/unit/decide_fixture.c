/* decide_fixture.c - see decide_fixture.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decide_fixture.h"

static const char policy_text[] =
    "{\"version\": 1, \"cluster\": \"c\", \"time_excess\": \"reject\", \"foreign_jobs\": "
    "\"ignore\", \"modes\": {\n"
    " \"playground\": {\"code\": \"PG\", \"open\": true, \"gpus_per_job\": {\"max\": 8},\n"
    "   \"nodes_per_job\": {\"min\": 1, \"max\": 2}, \"wall_max\": \"04:00:00\", \"residency\": "
    "\"EUROHPC\"},\n"
    " \"fast-lane\": {\"code\": \"FL\", \"open\": true, \"wall_max\": \"1-00:00:00\", "
    "\"lane\": {\"base\": 100000},\n"
    "   \"residency\": \"EU27\", \"partitions\": [\"gpu\", \"fast\"]},\n"
    " \"large-scale\": {\"code\": \"LS\", \"open\": true, \"gpus_per_job\": {\"min\": 16}},\n"
    " \"regular\": {\"code\": \"R\", \"open\": true},\n"
    " \"benchmark\": {\"code\": \"B\", \"open\": false, \"closed_note\": \"open again in "
    "January\"}},\n"
    " \"residency\": {\"home\": \"FI\", \"groups\": {\"NORDIC\": \"DK|FI|IS|NO|SE\"}},\n"
    " \"placement\": {\"mode\": \"on\"},\n"
    " \"report\": {\"ledger\": \"/nonexistent/ledger.db\", \"interval\": 300, \"overlap\": 86400}}";

// clang-format off
#define START "2026-09-02T00:00:00Z"
#define END "2026-12-02T23:59:59Z"
#define ALLOC(id, account, mode, amount, unit, start, end, more) \
    "{\"id\": \"" id "\", \"account\": \"" account "\", \"mode\": \"" mode "\", \"amount\": " amount ", " \
    "\"unit\": \"" unit "\", \"start\": \"" start "\", \"end\": \"" end "\"" more "}"
#define GPU(id, account, mode, amount, start, end, more) \
    ",\n" ALLOC(id, account, mode, amount, "gpu-hour", start, end, more)

static const char allocs_text[] =
    "{\"version\": 1, \"allocations\": [\n"
    /* one account, one live allocation */
    ALLOC("R-1", "r1", "regular", "100", "node-hour", START, END, "")
    GPU("PG-1", "pg1", "playground", "5000", START, END, ", \"members\": [\"alice\", \"bob\"]")
    GPU("FL-1", "fl1", "fast-lane", "12000", START, END, ", \"residency\": \"EEA30\"")
    GPU("LS-1", "ls1", "large-scale", "1000000000", START, END, "")
    GPU("B-1", "b1", "benchmark", "10", START, END, "")
    /* not usable, each for its own reason */
    GPU("PG-OLD", "old", "playground", "10", "2026-01-01T00:00:00Z", "2026-03-31T23:59:59Z", "")
    GPU("PG-NEW", "new", "playground", "10", "2027-01-01T00:00:00Z", "2027-03-31T23:59:59Z", "")
    GPU("PG-PAUSED", "paused", "playground", "10", START, END, ", \"state\": \"paused\"")
    /* several of one mode: of the usable ones SAME-B ends first */
    GPU("SAME-C", "same", "regular", "10", START, "2026-12-31T23:59:59Z", "")
    GPU("SAME-B", "same", "regular", "10", START, END, "")
    GPU("SAME-A", "same", "regular", "10", "2026-01-01T00:00:00Z", "2026-03-31T23:59:59Z", "")
    GPU("SAME-D", "same", "regular", "10", START, "2026-11-30T23:59:59Z", ", \"state\": \"paused\"")
    /* several of several modes */
    GPU("MIX-PG", "mix", "playground", "10", START, END, "")
    GPU("MIX-R", "mix", "regular", "10", START, "2026-12-31T23:59:59Z", "")
    GPU("MIX-OLD", "mix", "regular", "10", "2026-01-01T00:00:00Z", "2026-06-30T23:59:59Z", "")
    /* of two modes, but everybody is a member of one only */
    GPU("TEAM-PG", "team", "playground", "10", START, END, ", \"members\": [\"alice\"]")
    GPU("TEAM-R", "team", "regular", "10", START, "2026-12-31T23:59:59Z", ", \"members\": [\"bob\"]")
    /* none usable: expired, and not yet started */
    GPU("PAST-A", "past", "regular", "10", "2026-01-01T00:00:00Z", "2026-03-31T23:59:59Z", "")
    GPU("PAST-B", "past", "regular", "10", "2026-02-01T00:00:00Z", "2026-06-30T23:59:59Z", "")
    GPU("NEXT-B", "next", "regular", "10", "2027-02-01T00:00:00Z", "2027-03-31T23:59:59Z", "")
    GPU("NEXT-A", "next", "regular", "10", "2027-01-01T00:00:00Z", "2027-06-30T23:59:59Z", "")
    GPU("NEXT-0", "next", "regular", "10", "2026-01-01T00:00:00Z", "2026-06-30T23:59:59Z", "")
    /* residency that cannot agree with the mode's, and one that does in NO only */
    GPU("FL-CH", "flch", "fast-lane", "10", START, END, ", \"residency\": \"CH\"")
    GPU("PG-NOR", "pgnor", "playground", "10", START, END, ", \"residency\": \"NO|US\"")
    "]}";
// clang-format on

/* text with one replacement; malloc'ed */
static char *edited(const char *text, const char *edit)
{
    const char *tab = edit ? strchr(edit, '\t') : NULL;
    char old[200], *at, *result;

    if (!tab)
        return strdup(text);
    snprintf(old, sizeof(old), "%.*s", (int)(tab - edit), edit);
    at = strstr(text, old);
    if (!at || asprintf(&result, "%.*s%s%s", (int)(at - text), text, tab + 1, at + strlen(old)) < 0)
        abort();
    return result;
}

struct aif_snapshot *fixture_create(const char *policy_edit)
{
    struct aif_snapshot *snapshot = calloc(1, sizeof(*snapshot));
    char *policy = edited(policy_text, policy_edit);
    struct aif_error err;

    if (aif_policy_parse(policy, strlen(policy), "policy.json", &snapshot->policy, &err) < 0 ||
        aif_alloctable_parse(allocs_text, strlen(allocs_text), "allocations.json", snapshot->policy,
                             &snapshot->allocs, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    free(policy);
    return snapshot;
}

void fixture_destroy(struct aif_snapshot *snapshot)
{
    aif_alloctable_destroy(snapshot->allocs);
    aif_policy_destroy(snapshot->policy);
    free(snapshot);
}

struct aif_snapshot *site;

struct aif_usage usage;
int usage_calls;

void give_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
    assert_ptr_equal(arg, &usage);
    assert_non_null(alloc);
    usage_calls++;
    *ret_usage = usage;
}

int set_up(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    site = fixture_create(NULL);
    return 0;
}

int tear_down(void **state)
{
    (void)state;
    fixture_destroy(site);
    return 0;
}

static uint64_t seconds(double hours)
{
    return (uint64_t)(hours * HOUR);
}

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

static void fill_options(const struct job *job, struct aif_options *options)
{
    *options = (struct aif_options){0};
    copy(options->mode, sizeof(options->mode), job->mode);
    copy(options->allocation, sizeof(options->allocation), job->allocation);
    copy(options->residency, sizeof(options->residency), job->residency);
    copy(options->placement, sizeof(options->placement), job->placement);
    copy(options->purpose, sizeof(options->purpose), job->purpose);
    copy(options->explain, sizeof(options->explain), job->explain ? "yes" : "");
}

static void fill_usage(const struct job *job)
{
    usage = (struct aif_usage){.known = !job->untracked,
                               .used_secs = seconds(job->used_hours),
                               .reserved_secs = seconds(job->reserved_hours),
                               .pending_secs = seconds(job->pending_hours),
                               .free_used_secs = seconds(job->free_hours),
                               .inference_secs = seconds(job->inference_hours),
                               .submits = job->submits,
                               .user_submits = job->user_submits};
    usage_calls = 0;
}

/* What holds of every decision. */
static void check_form(const struct aif_decision *decision)
{
    assert_true(usage_calls <= 1);
    if (decision->verdict == AIF_REJECT) {
        assert_memory_equal(decision->message, "aif: ", 5);
        assert_non_null(strstr(decision->message, decision->rule));
        assert_null(strstr(decision->message, "error"));
    } else if (decision->verdict == AIF_HOLD) {
        assert_non_null(strstr(decision->message, decision->rule));
        assert_non_null(strstr(decision->message, "the job is held until"));
    } else {
        assert_null(decision->rule);
    }
}

struct aif_decision decide_at(const struct aif_snapshot *where, const struct job *job)
{
    struct aif_options options;
    struct aif_decision decision;
    const struct aif_request request = {.account = job->account,
                                        .user = job->user,
                                        .qos = job->qos,
                                        .partition = job->partition,
                                        .options = &options,
                                        .gpus = job->gpus,
                                        .billing = job->billing,
                                        .interactive = job->interactive,
                                        .also_alloc = job->also_alloc,
                                        .also_secs = seconds(job->also_hours),
                                        .nodes = job->nodes ? job->nodes : 1,
                                        .array_tasks = job->tasks,
                                        .minutes = job->minutes,
                                        .begin = job->begin ? job->begin : NOW};

    fill_options(job, &options);
    fill_usage(job);
    memset(&decision, 'x', sizeof(decision));
    aif_decide(where, &request, give_usage, &usage, &decision);
    check_form(&decision);
    return decision;
}

struct aif_decision decide(const struct job *job)
{
    return decide_at(site, job);
}

void check_reject(const struct job *job, const char *rule, const char *message)
{
    const struct aif_decision decision = decide(job);

    if (decision.verdict != AIF_REJECT || strcmp(decision.rule, rule))
        fail_msg("verdict %d: %s", decision.verdict, decision.message);
    if (message)
        assert_string_equal(decision.message, message);
    if (strcmp(rule, "AIF-Q001") && strcmp(rule, "AIF-Q002") && strcmp(rule, "AIF-Q003"))
        assert_int_equal(usage_calls, 0);
}

struct aif_decision check_accept(const struct job *job, const char *allocation)
{
    const struct aif_decision decision = decide(job);

    if (decision.verdict != AIF_ACCEPT)
        fail_msg("verdict %d: %s", decision.verdict, decision.message);
    assert_string_equal(decision.alloc->id, allocation);
    assert_int_equal(usage_calls, 1);
    return decision;
}
