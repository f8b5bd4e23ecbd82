/* aif_explain.c - "aif explain": why a job waits, what it costs, what to do */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "common.h"
#include "explain.h"
#include "joballoc.h"
#include "message.h"
#include "placed.h"
#include "refused.h"
#include "slurmconn.h"

static const char help[] =
    "Usage: aif explain [--json|--parsable] JOBID\n"
    "       aif explain [--json|--parsable] [--refused] [--user USER|--all]\n"
    "Say under which allocation and mode a job runs, why it waits, what it costs, and what to do\n"
    "about it. JOBID is 123 or, for a task of an array, 123_4; running, waiting and ended jobs.\n"
    "Without JOBID: the jobs, and changes of jobs, that slurm-aif refused lately, which have no number:\n"
    "when, why with the numbers, by which rule, what to do.\n"
    "  --refused    the same; may be left out\n"
    "  --user USER  those of another user (operators of Slurm)\n"
    "  --all        those of all users (operators of Slurm)\n"
    "  --json       as JSON\n"
    "  --parsable   separated by '|', for scripts\n"
    "Exit status: 0 ok, 1 no such job, or no answer about refusals, 2 wrong command line, 3 Slurm cannot\n"
    "be reached.\n";

/* One line of the answer: a label, the text, and the key in JSON. */
struct line {
    const char *label;
    const char *key;
    char *text;
};

#define LINES 24

struct answer {
    struct line lines[LINES];
    size_t count;
};

static void add(struct answer *answer, const char *label, const char *key, char *text)
{
    struct line *line = &answer->lines[answer->count];

    if (!text || answer->count == LINES)
        return;
    line->label = label;
    line->key = key;
    line->text = text;
    answer->count++;
}

static char *hours_text(uint64_t secs, enum aif_unit unit)
{
    char text[AIF_AMOUNT_TEXT];

    aif_message_amount(secs, unit, text);
    return aif_tool_strdup(text);
}

static char *request_text(const struct aif_explain *e)
{
    const struct aif_jobfacts *job = e->job;
    char limit[AIF_MINUTES_TEXT];
    char cost[AIF_AMOUNT_TEXT] = "";

    aif_message_minutes(job->minutes, limit);
    if (job->minutes != UINT32_MAX)
        aif_message_amount_up(aif_explain_asked(e), e->alloc ? e->alloc->unit : AIF_UNIT_GPU_HOUR,
                              cost);
    return aif_tool_format("%llu GPU%s, %u node%s, time limit %s%s%s",
                           (unsigned long long)job->gpus, job->gpus == 1 ? "" : "s",
                           job->node_count, job->node_count == 1 ? "" : "s", limit,
                           cost[0] ? ": at most " : "", cost);
}

static char *budget_text(const struct aif_explain *e)
{
    char *total, *used, *reserved, *left, *text;

    if (!e->alloc || !e->standing.known)
        return NULL;
    total = hours_text(e->alloc->amount_secs, e->alloc->unit);
    used = hours_text(e->standing.used, e->alloc->unit);
    reserved = hours_text(e->standing.reserved, e->alloc->unit);
    left = hours_text(e->standing.left, e->alloc->unit);
    text = aif_tool_format("%s: used %s, reserved %s, left %s", total, used, reserved, left);
    free(total);
    free(used);
    free(reserved);
    free(left);
    return text;
}

/* "monthly, 87 % of an even pace, this month 40 of 100 GPU-hours" */
static char *pace_text(const struct aif_explain *e)
{
    const struct aif_pace *pace = &e->standing.pace;
    char used[AIF_AMOUNT_TEXT], grant[AIF_AMOUNT_TEXT];
    const char *kind;

    if (!e->alloc || !e->standing.known || e->alloc->pacing.kind == AIF_PACING_NONE)
        return NULL;
    kind = aif_pacing_name(e->alloc->pacing.kind);
    if (!e->standing.months_known)
        return aif_tool_format("%s, months not known: the reporter's balances cannot be read",
                               kind);
    if (!pace->has_month)
        return aif_tool_format("%s, %d%% of an even pace", kind, (int)pace->percent);
    aif_message_hours(pace->month_used_secs, used);
    aif_message_amount(pace->month_grant_secs, e->alloc->unit, grant);
    return aif_tool_format("%s, %d%% of an even pace, this month %s of %s", kind,
                           (int)pace->percent, used, grant);
}

/* Only where it is not the allocation's own. */
static char *qos_text(const struct aif_explain *e)
{
    if (!e->alloc)
        return NULL;
    if (aif_joballoc_is_free(e->alloc, e->job->qos))
        return aif_tool_format("%s: above 100%% of the amount, at lowest priority", e->job->qos);
    if (e->snapshot->policy->carrier == AIF_CARRIER_ASSOCIATION)
        return aif_tool_format("%s; the limits of the allocation are on account %s", e->job->qos,
                               e->alloc->account);
    if (strcasecmp(e->job->qos, e->alloc->qos))
        return aif_tool_format("%s, not the allocation's own (%s), whose limits do not bind it",
                               e->job->qos, e->alloc->qos);
    return NULL;
}

static char *allocation_text(const struct aif_explain *e)
{
    char end[AIF_DATE_TEXT];

    if (!e->alloc)
        return aif_tool_format("none (account %s, QOS %s)", e->job->account, e->job->qos);
    aif_message_date(e->alloc->end, end);
    return aif_tool_format("%s, until %s, %s", e->alloc->id, end,
                           aif_alloc_state_name(e->alloc->state));
}

static char *held_text(const struct aif_explain *e)
{
    char text[AIF_DATE_TEXT];

    if (!aif_explain_held(e))
        return NULL;
    aif_message_second(aif_explain_held(e), text);
    return aif_tool_strdup(text);
}

static char *state_text(const struct aif_jobfacts *job)
{
    const struct aif_reason *reason =
        job->live && job->state == JOB_PENDING ? aif_reason_find(job->reason) : NULL;

    if (!reason)
        return aif_tool_strdup(aif_jobfacts_state(job->state));
    return aif_tool_format("%s (%s)", aif_jobfacts_state(job->state), reason->name);
}

/* Of the run that is or was: a job that waits again has not been placed yet. */
static const char *score_of(const struct aif_explain *e)
{
    return e->job->state == JOB_PENDING || !e->job->start ? "" : e->ours->score;
}

static void add_ours(struct answer *answer, const char *label, const char *key, const char *text)
{
    add(answer, label, key, text[0] ? aif_tool_strdup(text) : NULL);
}

static void compose(const struct aif_explain *e, struct answer *answer)
{
    const struct aif_admincomment *ours = e->ours;
    const char *mode = ours->mode[0] ? ours->mode : e->alloc ? e->alloc->mode->name : NULL;

    add(answer, "job", "job", aif_tool_strdup(e->job->id));
    add(answer, "name", "name", aif_tool_strdup(e->job->name));
    add(answer, "user", "user", aif_tool_strdup(e->job->user));
    add(answer, "state", "state", state_text(e->job));
    add(answer, "held since", "held_since", held_text(e));
    add(answer, "allocation", "allocation", allocation_text(e));
    add(answer, "mode", "mode", aif_tool_strdup(mode));
    add(answer, "QOS", "qos", qos_text(e));
    add_ours(answer, "purpose", "purpose", ours->purpose);
    add_ours(answer, "residency", "residency", ours->residency);
    add_ours(answer, "data sets", "datasets", ours->datasets);
    add_ours(answer, "placement", "placement", ours->placement);
    add(answer, "placed", "placed", aif_placed_text(score_of(e)));
    add(answer, "request", "request", request_text(e));
    add(answer, "budget", "budget", budget_text(e));
    add(answer, "pace", "pace", pace_text(e));
    add(answer, "priority", "priority", aif_explain_lane_priority(e));
    add(answer, "lane", "lane", aif_explain_lane_text(e));
    add(answer, "ahead", "ahead", aif_explain_lane_ahead(e));
    add(answer, "expected", "expected", aif_explain_lane_expected(e));
    add_ours(answer, "policy", "policy", ours->policy);
    add_ours(answer, "override", "override", ours->override);
    add(answer, "why", "why", aif_tool_strdup(e->why));
    add(answer, "rule", "rule", aif_tool_strdup(e->rule));
    add(answer, "next step", "next", aif_tool_strdup(e->next));
}

static void put_secs(struct json_object *object, const char *key, uint64_t secs)
{
    json_object_object_add(object, key, json_object_new_int64((int64_t)secs));
}

static struct json_object *numbers(const struct aif_explain *e)
{
    struct json_object *object = json_object_new_object();

    put_secs(object, "asked", aif_explain_asked(e));
    put_secs(object, "spent", aif_explain_spent(e));
    if (e->alloc)
        put_secs(object, "amount", e->alloc->amount_secs);
    if (e->alloc && e->standing.known) {
        put_secs(object, "used", e->standing.used);
        put_secs(object, "reserved", e->standing.reserved);
        put_secs(object, "left", e->standing.left);
        put_secs(object, "left_now", e->standing.left_now);
    }
    json_object_object_add(object, "gpus", json_object_new_int64((int64_t)e->job->gpus));
    json_object_object_add(object, "nodes", json_object_new_int64(e->job->node_count));
    put_secs(object, "elapsed", e->job->elapsed);
    return object;
}

static struct json_object *answer_json(const struct aif_explain *e, const struct answer *answer)
{
    struct json_object *object = json_object_new_object();
    struct json_object *score = aif_placed_json(score_of(e));

    for (size_t i = 0; i < answer->count; i++)
        json_object_object_add(object, answer->lines[i].key,
                               json_object_new_string(answer->lines[i].text));
    json_object_object_add(object, "allocation",
                           e->alloc ? json_object_new_string(e->alloc->id) : NULL);
    json_object_object_add(object, "state",
                           json_object_new_string(aif_jobfacts_state(e->job->state)));
    if (aif_explain_held(e))
        json_object_object_add(object, "held_since", json_object_new_int64(aif_explain_held(e)));
    if (score)
        json_object_object_add(object, "score", score);
    json_object_object_add(object, "seconds", numbers(e));
    aif_explain_lane_json(e, object);
    return object;
}

static void print_text(const struct answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        printf("%-10s  %s\n", answer->lines[i].label, answer->lines[i].text);
}

static void show(struct aif_explain *e, enum aif_format format)
{
    struct answer answer = {0};

    aif_explain_run(e);
    compose(e, &answer);
    if (format == AIF_FORMAT_PLAIN)
        print_text(&answer);
    else
        aif_jsonout_print(answer_json(e, &answer), format == AIF_FORMAT_PARSABLE);
    for (size_t i = 0; i < answer.count; i++)
        free(answer.lines[i].text);
    aif_explain_free(e);
}

/* Where the job's allocation stands. */
static int load_standing(struct aif_explain *e, struct aif_live **ret_live)
{
    bool by_account = e->snapshot->policy->carrier == AIF_CARRIER_ASSOCIATION;
    struct aif_usage usage;
    int rc;

    if (!e->alloc)
        return AIF_EXIT_OK;
    rc = aif_live_load(by_account ? "" : NULL, ret_live);
    if (rc != AIF_EXIT_OK)
        return rc;
    e->live = *ret_live;
    aif_live_usage(e->live, e->snapshot->policy, e->alloc, &usage);
    aif_standing_make(e->snapshot, e->alloc, &usage, e->now, &e->standing);
    return AIF_EXIT_OK;
}

static int explain(struct aif_cmd_context *ctx, const char *id, enum aif_format format)
{
    struct aif_jobfacts job = {0};
    struct aif_admincomment ours = {0};
    struct aif_live *live = NULL;
    struct aif_explain e = {
        .snapshot = ctx->snapshot, .job = &job, .ours = &ours, .now = time(NULL)};
    int rc = aif_jobfacts_load(id, ctx->snapshot->policy, &job);

    if (rc != AIF_EXIT_OK)
        return rc;
    if (job.admin_comment && aif_admincomment_read(job.admin_comment, &ours) != 1)
        memset(&ours, 0, sizeof(ours));
    e.alloc = aif_joballoc_find(ctx->snapshot, job.qos, job.account, &ours);
    rc = load_standing(&e, &live);
    if (rc == AIF_EXIT_OK)
        rc = aif_explain_lane_load(&e);
    if (rc == AIF_EXIT_OK)
        show(&e, format);
    aif_explain_lane_free(&e.lane);
    aif_live_free(live);
    aif_jobfacts_free(&job);
    return rc;
}

struct wish {
    bool refused;
    struct aif_refused_wish of; /* format counts for jobs as well */
};

/* An enum aif_exit, or AIF_TOOL_OPT_DONE's with *ret_done. */
static int read_options(int argc, char **argv, struct wish *wish, bool *ret_done)
{
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'},     {"json", no_argument, NULL, 'j'},
                                          {"parsable", no_argument, NULL, 'p'}, {"refused", no_argument, NULL, 'r'},
                                          {"user", required_argument, NULL, 'u'}, {"all", no_argument, NULL, 'a'},
                                          {0}};
    int opt, rc = AIF_EXIT_OK;

    while ((opt = aif_tool_option(argc, argv, "hjp", longs, help, &rc)) >= 0) {
        if (opt == 'j')
            wish->of.format = AIF_FORMAT_JSON;
        else if (opt == 'p')
            wish->of.format = AIF_FORMAT_PARSABLE;
        else if (opt == 'u')
            wish->of.user = optarg;
        else if (opt == 'a')
            wish->of.all = true;
        wish->refused |= opt != 'j' && opt != 'p';
    }
    *ret_done = opt == AIF_TOOL_OPT_DONE;
    return rc;
}

static int refused_or_usage(const struct wish *wish, int arguments)
{
    int rc;

    if (arguments)
        return aif_tool_fail(AIF_EXIT_USAGE, wish->refused ? "refused jobs have no number: leave out JOBID, or --refused, --user and --all"
                                                           : "one job at a time; see \"aif explain --help\"");
    if (wish->of.all && wish->of.user)
        return aif_tool_fail(AIF_EXIT_USAGE, "--all or --user, not both");
    rc = aif_slurm_init();
    return rc == AIF_EXIT_OK ? aif_refused_show(&wish->of) : rc;
}

int aif_cmd_explain(struct aif_cmd_context *ctx, int argc, char **argv)
{
    struct wish wish = {0};
    bool done;
    int rc = read_options(argc, argv, &wish, &done);

    if (done)
        return rc;
    if (wish.refused || argc - optind != 1)
        return refused_or_usage(&wish, argc - optind);
    rc = aif_tool_snapshot(ctx);
    if (rc == AIF_EXIT_OK)
        rc = aif_slurm_init();
    return rc == AIF_EXIT_OK ? explain(ctx, argv[optind], wish.of.format) : rc;
}
