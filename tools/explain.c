/* explain.c - see explain.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "explain.h"
#include "message.h"
#include "rules.h"

static uint64_t units(const struct aif_explain *e)
{
    if (e->alloc && e->alloc->unit == AIF_UNIT_NODE_HOUR)
        return e->job->node_count;
    return e->job->gpus;
}

uint64_t aif_explain_asked(const struct aif_explain *e)
{
    return e->job->minutes == UINT32_MAX ? 0 : units(e) * e->job->minutes * 60;
}

uint64_t aif_explain_spent(const struct aif_explain *e)
{
    return units(e) * e->job->elapsed;
}

/* Rounded down, as what is left and used must be. */
static char *amount(const struct aif_explain *e, uint64_t secs)
{
    enum aif_unit unit = e->alloc ? e->alloc->unit : AIF_UNIT_GPU_HOUR;
    char text[AIF_AMOUNT_TEXT];

    if (secs && secs < 36) /* would be shown as 0 hours */
        return aif_tool_format("%d %s-seconds", (int)secs, unit == AIF_UNIT_NODE_HOUR ? "node" : "GPU");
    aif_message_amount(secs, unit, text);
    return aif_tool_strdup(text);
}

static char *minutes(uint32_t value)
{
    char text[AIF_MINUTES_TEXT];

    aif_message_minutes(value, text);
    return aif_tool_strdup(text);
}

static char *moment(time_t when)
{
    char text[32];
    struct tm tm;

    localtime_r(&when, &tm);
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
    return aif_tool_strdup(text);
}

/* Take over the text; the first one wins, so that callers may go from the particular to the general. */
static void say(char **slot, char *text)
{
    if (*slot)
        free(text);
    else
        *slot = text;
}

/* ---- waiting for budget ---- */

/* The longest time limit that what is left pays for; 0: not even a minute. */
static uint32_t affordable(const struct aif_explain *e, uint64_t left)
{
    uint64_t each = units(e) * 60;
    uint64_t fits = each ? left / each : 0;

    return fits > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)fits;
}

static void budget_next(struct aif_explain *e, uint64_t left)
{
    uint64_t unspent = e->alloc->amount_secs > e->usage.used_secs ? e->alloc->amount_secs - e->usage.used_secs : 0;
    uint32_t longest = affordable(e, left);
    char *limit = minutes(longest);

    if (longest && longest < e->job->minutes)
        e->next = aif_tool_format("shorten it: scontrol update JobId=%s TimeLimit=%s%s", e->job->id, limit,
                                  aif_explain_asked(e) <= unspent ? ", or wait: running jobs give back what they do not use" : "");
    else if (e->usage.reserved_secs && aif_explain_asked(e) <= unspent)
        e->next = aif_tool_strdup("wait: running jobs give back what they do not use");
    else
        e->next = aif_tool_format("cancel it (scancel %s) or ask for more hours; \"aif quota %s\" shows the account of them",
                                  e->job->id, e->alloc->id);
    free(limit);
}

static void why_budget(struct aif_explain *e)
{
    uint64_t left = e->alloc ? aif_live_left(e->alloc, &e->usage) : 0;
    char asked[AIF_AMOUNT_TEXT];
    char *rest, *used, *reserved, *total;

    if (!e->alloc || !e->usage.known)
        return;
    aif_message_amount_up(aif_explain_asked(e), e->alloc->unit, asked);
    rest = amount(e, left);
    used = amount(e, e->usage.used_secs);
    reserved = amount(e, e->usage.reserved_secs);
    total = amount(e, e->alloc->amount_secs);
    e->why = aif_tool_format("up to its time limit it costs %s, but allocation %s has %s left (of %s, used %s, reserved by running jobs %s)",
                             asked, e->alloc->id, rest, total, used, reserved);
    e->rule = AIF_Q_LEFT;
    budget_next(e, left);
    free(rest);
    free(used);
    free(reserved);
    free(total);
}

/* ---- waiting for other limits of the allocation ---- */

static void why_state(struct aif_explain *e)
{
    char end[AIF_DATE_TEXT];

    if (!e->alloc)
        return;
    if (e->alloc->state != AIF_STATE_OK) {
        e->rule = AIF_A_STATE;
        e->why = aif_tool_format("allocation %s is %s, so no job of it starts", e->alloc->id,
                                 aif_alloc_state_name(e->alloc->state));
        e->next = aif_tool_strdup("ask who granted the allocation; the job stays in the queue");
    } else if (e->alloc->end < e->now) {
        aif_message_date(e->alloc->end, end);
        e->rule = AIF_A_EXPIRED;
        e->why = aif_tool_format("allocation %s ended on %s, so no job of it starts", e->alloc->id, end);
        e->next = aif_tool_format("cancel it (scancel %s) or ask for an extension", e->job->id);
    }
}

static void why_all_jobs(struct aif_explain *e)
{
    const slurmdb_qos_rec_t *qos = e->live ? aif_live_qos(e->live, e->job->qos) : NULL;

    why_state(e);
    if (e->why || !qos || !qos->usage)
        return;
    e->why = aif_tool_format("%u jobs of its allocation run, and %u may run at once", qos->usage->grp_used_jobs,
                             qos->grp_jobs);
    e->next = aif_tool_strdup("none: it starts when one of them ends");
}

static void why_user_jobs(struct aif_explain *e)
{
    const slurmdb_qos_rec_t *qos = e->live ? aif_live_qos(e->live, e->job->qos) : NULL;
    uint32_t running, queued;

    if (!qos)
        return;
    aif_live_user_jobs(qos, e->job->uid, &running, &queued);
    e->why = aif_tool_format("%u jobs of %s run under this allocation, and its mode%s%s lets %u run at once", running,
                             e->job->user, e->alloc ? " " : "", e->alloc ? e->alloc->mode->name : "", qos->max_jobs_pu);
    e->next = aif_tool_strdup("none: it starts when one of them ends");
}

static void why_wall(struct aif_explain *e)
{
    char *asked, *limit;

    if (!e->alloc || !e->alloc->mode->wall_max_minutes)
        return;
    asked = minutes(e->job->minutes);
    limit = minutes(e->alloc->mode->wall_max_minutes);
    e->rule = AIF_M_WALL;
    e->why = aif_tool_format("its time limit is %s, and mode %s allows %s", asked, e->alloc->mode->name, limit);
    e->next = aif_tool_format("shorten it: scontrol update JobId=%s TimeLimit=%s", e->job->id, limit);
    free(asked);
    free(limit);
}

/* ---- waiting in the queue ---- */

static void expected_start(struct aif_explain *e)
{
    char *when;

    if (e->job->start <= e->now)
        return;
    when = moment(e->job->start);
    say(&e->next, aif_tool_format("none: Slurm expects it to start at %s", when));
    free(when);
}

static void why_priority(struct aif_explain *e)
{
    uint32_t top;
    int ahead = aif_jobfacts_ahead(e->job, &top);

    if (ahead > 0)
        e->why = aif_tool_format("%d job%s in partition %s %s ahead of it (priority up to %u, its own %u)", ahead,
                                 ahead == 1 ? "" : "s", e->job->partition, ahead == 1 ? "is" : "are", top,
                                 e->job->priority);
    else
        e->why = aif_tool_format("jobs ahead of it are being looked at first (its priority is %u)", e->job->priority);
    expected_start(e);
    say(&e->next, aif_tool_strdup("none: it moves up as jobs start; \"sprio -j\" shows what its priority is made of"));
}

static void why_resources(struct aif_explain *e)
{
    struct aif_admincomment ours;
    bool tagged = e->job->admin_comment && aif_admincomment_read(e->job->admin_comment, &ours) == 1 && ours.residency[0];

    e->why = aif_tool_format("it is next, but %llu GPUs on %u node%s are not free together%s%s",
                             (unsigned long long)e->job->gpus, e->job->node_count, e->job->node_count == 1 ? "" : "s",
                             tagged ? " on nodes inside " : "", tagged ? ours.residency : "");
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
        when = moment(e->job->start > e->now ? e->job->start : e->job->begin);
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
        e->next = aif_tool_strdup("none: it starts when they are back; \"sinfo -R\" says why they are gone");
        break;
    case AIF_REASON_IMPOSSIBLE:
        e->why = aif_tool_strdup("no set of nodes of its partition fits what it asks");
        e->next = aif_tool_strdup("ask for fewer GPUs, nodes or features, or a wider residency tag");
        break;
    case AIF_REASON_ACCESS:
        e->why = aif_tool_format("its user may no longer use account %s with QOS %s", e->job->account, e->job->qos);
        e->rule = AIF_A_MEMBER;
        break;
    default:
        break;
    }
}

static void explain_pending(struct aif_explain *e)
{
    const struct aif_reason *reason = aif_reason_find(e->job->reason);
    enum aif_reason_kind kind = reason ? reason->kind : AIF_REASON_OTHER;

    if (kind == AIF_REASON_BUDGET)
        why_budget(e);
    else if (kind == AIF_REASON_ALL_JOBS)
        why_all_jobs(e);
    else if (kind == AIF_REASON_USER_JOBS)
        why_user_jobs(e);
    else if (kind == AIF_REASON_WALL)
        why_wall(e);
    else if (kind == AIF_REASON_PRIORITY)
        why_priority(e);
    else if (kind == AIF_REASON_RESOURCES)
        why_resources(e);
    else if (kind == AIF_REASON_NONE)
        e->why = aif_tool_strdup("Slurm has not looked at it yet; ask again in a few seconds");
    else
        why_simple(e, kind);
    if (!e->why && reason && reason->text)
        e->why = aif_tool_strdup(reason->text);
    if (!e->why)
        e->why = aif_tool_format("Slurm's reason is %s%s%s", reason ? reason->name : "one that aif does not know",
                                 e->job->reason_text ? ": " : "", e->job->reason_text ? e->job->reason_text : "");
}

/* ---- running and ended ---- */

static void explain_running(struct aif_explain *e)
{
    char *spent = amount(e, aif_explain_spent(e));
    char *end = e->job->end > e->now ? moment(e->job->end) : NULL;

    e->why = aif_tool_format("it %s on %s since it started%s%s; so far it costs %s",
                             e->job->state == JOB_SUSPENDED ? "is suspended" : "runs", e->job->nodes ? e->job->nodes : "its nodes",
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

/* A job of less than a second has no elapsed time either; slurmdbd gives cancelled jobs their end as their start. */
static bool never_started(const struct aif_jobfacts *job)
{
    return !job->start || (!job->elapsed && job->state == JOB_CANCELLED);
}

static void explain_ended(struct aif_explain *e)
{
    char *spent = amount(e, aif_explain_spent(e));
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
