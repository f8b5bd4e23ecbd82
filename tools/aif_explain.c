/* aif_explain.c - "aif explain": why a job waits, what it costs, what to do */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common.h"
#include "explain.h"
#include "lane.h"
#include "message.h"
#include "slurmconn.h"

static const char help[] =
    "Usage: aif explain [--json] JOBID\n"
    "Say under which allocation and mode a job runs, why it waits, what it costs, and what to do\n"
    "about it. JOBID is 123 or, for a task of an array, 123_4; running, waiting and ended jobs.\n"
    "Exit status: 0 ok, 1 no such job, 2 wrong command line, 3 Slurm cannot be reached.\n";

/* One line of the answer: a label, the text, and the key in JSON. */
struct line {
    const char *label;
    const char *key;
    char *text;
};

#define LINES 16

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

static const struct aif_alloc *find_alloc(const struct aif_alloctable *allocs, const struct aif_jobfacts *job,
                                          const struct aif_admincomment *ours)
{
    const struct aif_alloc *alloc = aif_alloctable_by_qos(allocs, job->qos);

    if (!alloc && ours->alloc[0])
        alloc = aif_alloctable_by_id(allocs, ours->alloc);
    return alloc;
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
        aif_message_amount_up(aif_explain_asked(e), e->alloc ? e->alloc->unit : AIF_UNIT_GPU_HOUR, cost);
    return aif_tool_format("%llu GPU%s, %u node%s, time limit %s%s%s", (unsigned long long)job->gpus,
                           job->gpus == 1 ? "" : "s", job->node_count, job->node_count == 1 ? "" : "s", limit,
                           cost[0] ? ": at most " : "", cost);
}

static char *budget_text(const struct aif_explain *e)
{
    char *total, *used, *reserved, *left, *text;

    if (!e->alloc || !e->usage.known)
        return NULL;
    total = hours_text(e->alloc->amount_secs, e->alloc->unit);
    used = hours_text(e->usage.used_secs, e->alloc->unit);
    reserved = hours_text(e->usage.reserved_secs, e->alloc->unit);
    left = hours_text(aif_live_left(e->alloc, &e->usage), e->alloc->unit);
    text = aif_tool_format("%s: used %s, reserved %s, left %s", total, used, reserved, left);
    free(total);
    free(used);
    free(reserved);
    free(left);
    return text;
}

static char *allocation_text(const struct aif_explain *e)
{
    char end[AIF_DATE_TEXT];

    if (!e->alloc)
        return aif_tool_format("none (account %s, QOS %s)", e->job->account, e->job->qos);
    aif_message_date(e->alloc->end, end);
    return aif_tool_format("%s, until %s, %s", e->alloc->id, end, aif_alloc_state_name(e->alloc->state));
}

static char *priority_text(const struct aif_explain *e)
{
    int32_t lane = aif_lane_factor(e->snapshot, e->job->qos);

    if (!e->job->live || e->job->state != JOB_PENDING)
        return NULL;
    if (!lane && !e->job->site_factor)
        return aif_tool_format("%u", e->job->priority);
    return aif_tool_format("%u, of which %+lld by site factor (lane of mode %s: %+d)", e->job->priority,
                           (long long)e->job->site_factor, e->alloc ? e->alloc->mode->name : "none", (int)lane);
}

static char *state_text(const struct aif_jobfacts *job)
{
    const struct aif_reason *reason = job->live && job->state == JOB_PENDING ? aif_reason_find(job->reason) : NULL;

    if (!reason)
        return aif_tool_strdup(aif_jobfacts_state(job->state));
    return aif_tool_format("%s (%s)", aif_jobfacts_state(job->state), reason->name);
}

static void compose(const struct aif_explain *e, const struct aif_admincomment *ours, struct answer *answer)
{
    const char *mode = ours->mode[0] ? ours->mode : e->alloc ? e->alloc->mode->name : NULL;

    add(answer, "job", "job", aif_tool_strdup(e->job->id));
    add(answer, "name", "name", aif_tool_strdup(e->job->name));
    add(answer, "user", "user", aif_tool_strdup(e->job->user));
    add(answer, "state", "state", state_text(e->job));
    add(answer, "allocation", "allocation", allocation_text(e));
    add(answer, "mode", "mode", aif_tool_strdup(mode));
    add(answer, "residency", "residency", ours->residency[0] ? aif_tool_strdup(ours->residency) : NULL);
    add(answer, "placement", "placement", ours->placement[0] ? aif_tool_strdup(ours->placement) : NULL);
    add(answer, "request", "request", request_text(e));
    add(answer, "budget", "budget", budget_text(e));
    add(answer, "priority", "priority", priority_text(e));
    add(answer, "policy", "policy", ours->policy[0] ? aif_tool_strdup(ours->policy) : NULL);
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
    if (e->alloc && e->usage.known) {
        put_secs(object, "used", e->usage.used_secs);
        put_secs(object, "reserved", e->usage.reserved_secs);
        put_secs(object, "left", aif_live_left(e->alloc, &e->usage));
    }
    json_object_object_add(object, "gpus", json_object_new_int64((int64_t)e->job->gpus));
    json_object_object_add(object, "nodes", json_object_new_int64(e->job->node_count));
    put_secs(object, "elapsed", e->job->elapsed);
    return object;
}

static void print_json(const struct aif_explain *e, const struct answer *answer)
{
    struct json_object *object = json_object_new_object();

    for (size_t i = 0; i < answer->count; i++)
        json_object_object_add(object, answer->lines[i].key, json_object_new_string(answer->lines[i].text));
    json_object_object_add(object, "allocation",
                           e->alloc ? json_object_new_string(e->alloc->id) : NULL);
    json_object_object_add(object, "state", json_object_new_string(aif_jobfacts_state(e->job->state)));
    json_object_object_add(object, "seconds", numbers(e));
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

static void print_text(const struct answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        printf("%-10s  %s\n", answer->lines[i].label, answer->lines[i].text);
}

static void show(struct aif_explain *e, const struct aif_admincomment *ours, bool json)
{
    struct answer answer = {0};

    aif_explain_run(e);
    compose(e, ours, &answer);
    if (json)
        print_json(e, &answer);
    else
        print_text(&answer);
    for (size_t i = 0; i < answer.count; i++)
        free(answer.lines[i].text);
    aif_explain_free(e);
}

static int explain(struct aif_cmd_context *ctx, const char *id, bool json)
{
    struct aif_jobfacts job = {0};
    struct aif_admincomment ours = {0};
    struct aif_live *live = NULL;
    struct aif_explain e = {.snapshot = ctx->snapshot, .job = &job, .now = time(NULL)};
    int rc = aif_jobfacts_load(id, ctx->snapshot->policy, &job);

    if (rc != AIF_EXIT_OK)
        return rc;
    if (job.admin_comment && aif_admincomment_read(job.admin_comment, &ours) != 1)
        memset(&ours, 0, sizeof(ours));
    e.alloc = find_alloc(ctx->snapshot->allocs, &job, &ours);
    if (e.alloc)
        rc = aif_live_load(NULL, &live);
    e.live = live;
    if (live)
        aif_live_usage(live, ctx->snapshot->policy, e.alloc, &e.usage);
    if (rc == AIF_EXIT_OK)
        show(&e, &ours, json);
    aif_live_free(live);
    aif_jobfacts_free(&job);
    return rc;
}

int aif_cmd_explain(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'}, {"json", no_argument, NULL, 'j'}, {0}};
    bool json = false;
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "hj", longs, help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        json = true;
    }
    if (argc - optind != 1)
        return aif_tool_fail(AIF_EXIT_USAGE, "explain which job? Say \"aif explain JOBID\"");
    rc = aif_tool_snapshot(ctx);
    if (rc == AIF_EXIT_OK)
        rc = aif_slurm_init();
    return rc == AIF_EXIT_OK ? explain(ctx, argv[optind], json) : rc;
}
