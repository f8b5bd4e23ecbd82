/* explain.c - see explain.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charge.h"
#include "common.h"
#include "explain_private.h"
#include "message.h"
#include "rules.h"

uint64_t aif_explain_units(const struct aif_explain *e)
{
    if (e->alloc && e->alloc->charge.tres == AIF_CHARGE_NODE)
        return e->job->node_count;
    if (e->alloc && e->alloc->charge.tres == AIF_CHARGE_BILLING)
        return e->job->billing;
    return e->job->gpus;
}

static uint64_t cost(const struct aif_explain *e, uint64_t secs)
{
    uint64_t tres_secs = aif_explain_units(e) * secs;

    return e->alloc ? aif_charge_cost(&e->alloc->charge, tres_secs) : tres_secs;
}

uint64_t aif_explain_asked(const struct aif_explain *e)
{
    return e->job->minutes == UINT32_MAX ? 0 : cost(e, (uint64_t)e->job->minutes * 60);
}

uint64_t aif_explain_spent(const struct aif_explain *e)
{
    return cost(e, e->job->elapsed);
}

char *aif_explain_amount(const struct aif_explain *e, uint64_t secs)
{
    enum aif_unit unit = e->alloc ? e->alloc->unit : AIF_UNIT_GPU_HOUR;
    char text[AIF_AMOUNT_TEXT];

    if (secs && secs < 36) /* would be shown as 0 hours */
        return aif_tool_format("%d %s-seconds", (int)secs,
                               unit == AIF_UNIT_NODE_HOUR ? "node" : "GPU");
    aif_message_amount(secs, unit, text);
    return aif_tool_strdup(text);
}

char *aif_explain_minutes(uint32_t value)
{
    char text[AIF_MINUTES_TEXT];

    aif_message_minutes(value, text);
    return aif_tool_strdup(text);
}

char *aif_explain_moment(time_t when)
{
    char text[AIF_DATE_TEXT];

    aif_message_second(when, text);
    return aif_tool_strdup(text);
}

/* Take over the text; the first one wins, so that callers may go from the particular to the
 * general. */
static void say(char **slot, char *text)
{
    if (*slot)
        free(text);
    else
        *slot = text;
}

/* ---- waiting in the queue ---- */

static void expected_start(struct aif_explain *e)
{
    char *when;

    if (e->job->start <= e->now)
        return;
    when = aif_explain_moment(e->job->start);
    say(&e->next, aif_tool_format("none: Slurm expects it to start at %s", when));
    free(when);
}

static void why_priority(struct aif_explain *e)
{
    const struct aif_ahead *ahead = &e->lane.ahead;
    /* The one that was compared with: urgency may have raised it since the job was asked for. */
    const uint32_t own = e->lane.job ? e->lane.job->priority : e->job->priority;

    if (ahead->total)
        e->why = aif_tool_format(
            "%llu job%s in partition %s %s ahead of it (priority up to %u, its own %u)",
            (unsigned long long)ahead->total, ahead->total == 1 ? "" : "s", e->job->partition,
            ahead->total == 1 ? "is" : "are", ahead->top, own);
    else
        e->why = aif_tool_format("jobs ahead of it are being looked at first (its priority is %u)",
                                 own);
    expected_start(e);
    say(&e->next,
        aif_tool_strdup(
            "none: it moves up as jobs start"));
}

static void why_resources(struct aif_explain *e)
{
    const char *residency = e->ours->residency;

    e->why = aif_tool_format("it is next, but %llu GPUs on %u node%s are not free together%s%s",
                             (unsigned long long)e->job->gpus, e->job->node_count,
                             e->job->node_count == 1 ? "" : "s",
                             residency[0] ? " on nodes inside " : "", residency);
    expected_start(e);
    say(&e->next, aif_tool_strdup("none: it starts when nodes become free"));
}

static void why_simple(struct aif_explain *e, enum aif_reason_kind kind)
{
    char *when;

    switch (kind) {
    case AIF_REASON_HELD_ADMIN:
        e->why = aif_tool_strdup("an administrator holds it");
        e->next = aif_tool_strdup("ask the operators why");
        break;
    case AIF_REASON_HELD_USER:
        e->why = aif_tool_format("%s holds it", e->job->user);
        e->next = aif_tool_format("scontrol release %s", e->job->id);
        break;
    case AIF_REASON_BEGIN:
        when = aif_explain_moment(e->job->start > e->now ? e->job->start : e->job->begin);
        e->why = aif_tool_format("it may not start before %s", when);
        free(when);
        break;
    case AIF_REASON_DEPENDENCY:
        e->why = aif_tool_strdup("it waits for other jobs (scontrol show job says which)");
        break;
    case AIF_REASON_DEPENDENCY_NEVER:
        e->why = aif_tool_strdup("it waits for a job that did not end the way its dependency asks");
        e->next = aif_tool_format("scancel %s, or change the dependency", e->job->id);
        break;
    case AIF_REASON_NODES_GONE:
        e->why = aif_tool_strdup("nodes it needs are down, drained or reserved");
        e->next = aif_tool_strdup(
            "none: it starts when they are back; \"sinfo -R\" says why they are gone");
        break;
    case AIF_REASON_IMPOSSIBLE:
        e->why = aif_tool_strdup("no set of nodes of its partition fits what it asks");
        e->next =
            aif_tool_strdup("ask for fewer GPUs, nodes or features, or a wider residency tag");
        break;
    case AIF_REASON_ACCESS:
        e->why = aif_tool_format("its user may no longer use account %s with QOS %s",
                                 e->job->account, e->job->qos);
        e->rule = AIF_A_MEMBER;
        break;
    default:
        break;
    }
}

static void explain_reason(struct aif_explain *e, enum aif_reason_kind kind)
{
    if (kind == AIF_REASON_BUDGET)
        aif_explain_budget(e);
    else if (kind == AIF_REASON_ALL_JOBS)
        aif_explain_all_jobs(e);
    else if (kind == AIF_REASON_USER_JOBS)
        aif_explain_user_jobs(e);
    else if (kind == AIF_REASON_WALL)
        aif_explain_wall(e);
    else if (kind == AIF_REASON_PRIORITY)
        why_priority(e);
    else if (kind == AIF_REASON_RESOURCES)
        why_resources(e);
    else if (kind == AIF_REASON_NONE)
        e->why = aif_tool_strdup("Slurm has not looked at it yet; ask again in a few seconds");
    else
        why_simple(e, kind);
}

static void explain_pending(struct aif_explain *e)
{
    const struct aif_reason *reason = aif_reason_find(e->job->reason);

    if (!e->job->priority)
        aif_explain_hold(e);
    if (!e->why)
        explain_reason(e, reason ? reason->kind : AIF_REASON_OTHER);
    if (!e->why && reason && reason->text)
        e->why = aif_tool_strdup(reason->text);
    if (!e->why)
        e->why = aif_tool_format(
            "Slurm's reason is %s%s%s", reason ? reason->name : "one that aif does not know",
            e->job->reason_text ? ": " : "", e->job->reason_text ? e->job->reason_text : "");
}

/* ---- running and ended ---- */

static void explain_running(struct aif_explain *e)
{
    char *spent = aif_explain_amount(e, aif_explain_spent(e));
    char *end = e->job->end > e->now ? aif_explain_moment(e->job->end) : NULL;

    e->why = aif_tool_format("it %s on %s since it started%s%s; so far it costs %s",
                             e->job->state == JOB_SUSPENDED ? "is suspended" : "runs",
                             e->job->nodes ? e->job->nodes : "its nodes",
                             end ? " and ends at the latest at " : "", end ? end : "", spent);
    free(spent);
    free(end);
}

static const char *ended_how(uint32_t state)
{
    switch (state) {
    case JOB_COMPLETE:
        return "it ended well";
    case JOB_CANCELLED:
        return "it was cancelled";
    case JOB_TIMEOUT:
        return "it reached its time limit";
    case JOB_OOM:
        return "it ran out of memory";
    case JOB_NODE_FAIL:
        return "one of its nodes failed";
    case JOB_PREEMPTED:
        return "it had to make room for another job";
    case JOB_DEADLINE:
        return "it could not meet its deadline";
    case JOB_BOOT_FAIL:
        return "a node for it did not boot";
    default:
        return "it failed";
    }
}

static const char *ended_next(uint32_t state)
{
    switch (state) {
    case JOB_TIMEOUT:
        return "ask for a longer time limit, or let it save its state in time";
    case JOB_OOM:
        return "ask for more memory";
    case JOB_FAILED:
        return "look into its output";
    case JOB_NODE_FAIL:
    case JOB_BOOT_FAIL:
    case JOB_PREEMPTED:
        return "submit it again";
    default:
        return NULL;
    }
}

/* A job of less than a second has no elapsed time either; slurmdbd gives cancelled jobs their end
 * as their start. */
static bool never_started(const struct aif_jobfacts *job)
{
    return !job->start || (!job->elapsed && job->state == JOB_CANCELLED);
}

static void explain_ended(struct aif_explain *e)
{
    char *spent = aif_explain_amount(e, aif_explain_spent(e));
    char code[48] = "";

    if (e->job->exit_signal)
        snprintf(code, sizeof(code), " (killed by signal %d)", e->job->exit_signal);
    else if (e->job->exit_code)
        snprintf(code, sizeof(code), " (exit code %d)", e->job->exit_code);
    e->why = aif_tool_format("%s%s%s; it cost %s", ended_how(e->job->state), code,
                             never_started(e->job) ? " before it started" : "", spent);
    e->next = aif_tool_strdup(ended_next(e->job->state));
    free(spent);
}

void aif_explain_run(struct aif_explain *e)
{
    if (e->job->state == JOB_PENDING)
        explain_pending(e);
    else if (e->job->state == JOB_RUNNING || e->job->state == JOB_SUSPENDED)
        explain_running(e);
    else
        explain_ended(e);
}

void aif_explain_free(struct aif_explain *e)
{
    free(e->why);
    free(e->next);
    e->why = e->next = NULL;
}
