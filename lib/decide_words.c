/* decide_words.c - the numbers of the budget as a user reads them */
#include "decide_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mirror.h"
#include "rules.h"

#define ASKED_TEXT 160
#define USED_TEXT 256

uint64_t aif_decide_units(const struct aif_decider *decider)
{
    switch (decider->out->alloc->charge.tres) {
    case AIF_CHARGE_NODE:
        return decider->request->nodes;
    case AIF_CHARGE_BILLING:
        return decider->request->billing;
    default:
        return decider->request->gpus;
    }
}

static const char *thing(const struct aif_decider *decider)
{
    static const char *const names[] = {"GPU", "node", "billing unit"};

    return names[decider->out->alloc->charge.tres];
}

/* "64 GPU-hours (8 GPUs x 8:00:00)"; a factor and array tasks stand between. */
static void asked_text(const struct aif_decider *decider, char ret_text[ASKED_TEXT])
{
    const struct aif_decision *out = decider->out;
    const uint64_t units = aif_decide_units(decider);
    char amount[AIF_AMOUNT_TEXT], time[AIF_MINUTES_TEXT], tasks[32] = "";
    char factor[AIF_FACTOR_TEXT], times[AIF_FACTOR_TEXT + 8] = "";

    aif_message_amount_up(out->asked_secs, out->alloc->unit, amount);
    aif_message_minutes(out->minutes, time);
    aif_message_factor(out->alloc->charge.millionths, factor);
    if (decider->request->array_tasks > 1)
        snprintf(tasks, sizeof(tasks), "%" PRIu32 " tasks x ", decider->request->array_tasks);
    if (out->alloc->charge.millionths != AIF_MILLION)
        snprintf(times, sizeof(times), " x %s", factor);
    snprintf(ret_text, ASKED_TEXT, "%s (%s%" PRIu64 " %s%s%s x %s)", amount, tasks, units,
             thing(decider), units == 1 ? "" : "s", times, time);
}

static void add_part(char text[USED_TEXT], const char *label, uint64_t secs)
{
    char hours[AIF_AMOUNT_TEXT];
    size_t used = strlen(text);

    if (!secs)
        return;
    aif_message_hours(secs, hours);
    snprintf(text + used, USED_TEXT - used, "%s%s", label, hours);
}

/* "4000 and reserved by running jobs 987.5 of 5000 GPU-hours" */
static void used_text(const struct aif_decider *decider, uint64_t used_secs, const char *whole,
                      uint64_t whole_secs, char ret_text[USED_TEXT])
{
    const struct aif_usage *usage = &decider->out->usage;
    const uint64_t known =
        aif_plus(aif_plus(usage->used_secs, usage->reserved_secs), usage->pending_secs);
    char amount[AIF_AMOUNT_TEXT];
    size_t length;

    aif_message_hours(used_secs, ret_text);
    add_part(ret_text, " and reserved by running jobs ", usage->reserved_secs);
    add_part(ret_text, " and asked by pending jobs ", usage->pending_secs);
    add_part(ret_text, " and asked by other parts of this job ",
             aif_minus(decider->taken_secs, known));
    aif_message_amount(whole_secs, decider->out->alloc->unit, amount);
    length = strlen(ret_text);
    snprintf(ret_text + length, USED_TEXT - length, " of %s%s", whole, amount);
}

/* Less than a minute of one GPU or node is of no use to any job. */
static const char *budget_advice(const struct aif_decider *decider, uint64_t left_secs)
{
    static const char *const plain[] = {
        "ask for less time or fewer GPUs, or see \"aif quota\"",
        "ask for less time or fewer nodes, or see \"aif quota\"",
        "ask for less time or a smaller part of a node, or see \"aif quota\""};
    static const char *const array[] = {
        "ask for less time, fewer GPUs or fewer array tasks, or see \"aif quota\"",
        "ask for less time, fewer nodes or fewer array tasks, or see \"aif quota\"",
        "ask for less time, fewer array tasks or a smaller part of a node, or see \"aif quota\""};
    const enum aif_charge_tres tres = decider->out->alloc->charge.tres;

    if (left_secs < 60 && decider->out->usage.reserved_secs >= 60)
        return "wait for running jobs to end, use another allocation, or see \"aif quota\"";
    if (left_secs < 60)
        return "use another allocation, or see \"aif quota\"";
    return decider->request->array_tasks > 1 ? array[tres] : plain[tres];
}

/* "12.5 GPU-hours", and what is left of the free QOS where there is one */
static void left_text(const struct aif_decider *decider, uint64_t left_secs,
                      char ret_text[USED_TEXT])
{
    const struct aif_decision *out = decider->out;
    const uint64_t taken = aif_plus(out->usage.free_used_secs, out->usage.free_reserved_secs);
    char left[AIF_AMOUNT_TEXT], more[AIF_AMOUNT_TEXT];

    aif_message_amount(left_secs, out->alloc->unit, left);
    aif_message_hours(aif_minus(out->pace.free_secs, taken), more);
    if (out->alloc->free_qos)
        snprintf(ret_text, USED_TEXT, "%s, and %s on the free QOS", left, more);
    else
        snprintf(ret_text, USED_TEXT, "%s", left);
}

/*
 * What is left below a limit; to a job that would just fit, without the little that the mirror
 * keeps back, so that a refusal never shows equal numbers.
 */
static uint64_t shown_left(const struct aif_decider *decider, uint64_t limit_secs)
{
    const uint64_t left_secs = aif_minus(limit_secs, decider->taken_secs);

    if (decider->out->asked_secs > left_secs)
        return left_secs;
    return aif_minus(aif_mirror_limit_secs(decider->out->alloc, limit_secs), decider->taken_secs);
}

/* A job that the whole amount would not suffice for is refused, whatever may be held. */
bool aif_decide_refuse_amount(struct aif_decider *decider)
{
    const struct aif_decision *out = decider->out;
    const uint64_t left_secs = shown_left(decider, out->alloc->amount_secs);
    char what[AIF_WHAT_TEXT], asked[ASKED_TEXT], left[USED_TEXT], used[USED_TEXT];
    const struct aif_message message = {.what = what,
                                        .asked = asked,
                                        .left = left,
                                        .used = used,
                                        .rule = AIF_Q_LEFT,
                                        .next = budget_advice(decider, left_secs)};

    snprintf(what, sizeof(what), "allocation %s has too little left", out->alloc->id);
    asked_text(decider, asked);
    left_text(decider, left_secs, left);
    used_text(decider, out->usage.used_secs, "", out->alloc->amount_secs, used);
    if (out->asked_secs > aif_mirror_limit_secs(out->alloc, out->alloc->amount_secs))
        return aif_decide_refuse(decider, &message);
    return aif_decide_hold(decider, &message, "the job is held until enough is left");
}

/* ---- pacing ---- */

/* First day of the month after the one of when. By hand: mktime() may look at the time zone's file.
 */
static void next_month(time_t when, char ret_day[AIF_DATE_TEXT])
{
    struct tm tm = {0};

    localtime_r(&when, &tm);
    snprintf(ret_day, AIF_DATE_TEXT, "%04d-%02d-01", tm.tm_year + 1900 + (tm.tm_mon == 11),
             (tm.tm_mon + 1) % 12 + 1);
}

static bool refuse_month(struct aif_decider *decider)
{
    const struct aif_decision *out = decider->out;
    bool last;
    char what[AIF_WHAT_TEXT], asked[ASKED_TEXT], left[AIF_AMOUNT_TEXT], used[USED_TEXT];
    char month[AIF_DATE_TEXT], end[AIF_DATE_TEXT], day[AIF_DATE_TEXT], next[AIF_WHAT_TEXT],
        until[AIF_WHAT_TEXT];
    const struct aif_message message = {
        .what = what, .asked = asked, .left = left, .used = used, .rule = AIF_Q_PACE, .next = next};

    aif_message_date(decider->begin, month);
    aif_message_date(out->alloc->end, end);
    next_month(decider->begin, day);
    last = !strncmp(month, end, strlen("2026-11"));
    snprintf(what, sizeof(what), "allocation %s has too little left for %.7s", out->alloc->id,
             month);
    asked_text(decider, asked);
    aif_message_amount(shown_left(decider, out->pace.limit_secs), out->alloc->unit, left);
    used_text(decider, out->pace.month_used_secs, "this month's ", out->pace.month_grant_secs,
              used);
    snprintf(next, sizeof(next), "ask for less, or %s%s",
             last ? "see \"aif quota\"" : "wait for the grant of ", last ? "" : day);
    snprintf(until, sizeof(until), "the job is held until the grant of %s", day);
    return last ? aif_decide_refuse(decider, &message) : aif_decide_hold(decider, &message, until);
}

static bool refuse_cut(struct aif_decider *decider)
{
    const struct aif_decision *out = decider->out;
    char what[AIF_WHAT_TEXT], asked[ASKED_TEXT], left[AIF_AMOUNT_TEXT], used[USED_TEXT];

    snprintf(what, sizeof(what),
             "allocation %s may no longer be used up, as too little was used in time",
             out->alloc->id);
    asked_text(decider, asked);
    aif_message_amount(shown_left(decider, out->pace.limit_secs), out->alloc->unit, left);
    used_text(decider, out->usage.used_secs, "at most ", out->pace.limit_secs, used);
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = what,
                                       .asked = asked,
                                       .left = left,
                                       .used = used,
                                       .rule = AIF_Q_PACE,
                                       .next = "ask for less, or ask the manager of the award"});
}

bool aif_decide_refuse_pace(struct aif_decider *decider)
{
    return decider->out->pace.has_month ? refuse_month(decider) : refuse_cut(decider);
}

/* ---- inference ---- */

bool aif_decide_refuse_inference(struct aif_decider *decider, uint64_t limit_secs)
{
    const struct aif_decision *out = decider->out;
    char what[AIF_WHAT_TEXT], asked[ASKED_TEXT], limit[AIF_AMOUNT_TEXT + 32];
    char left[AIF_AMOUNT_TEXT], used[AIF_AMOUNT_TEXT], amount[AIF_AMOUNT_TEXT];

    snprintf(what, sizeof(what), "share of allocation %s for inference", out->alloc->id);
    asked_text(decider, asked);
    aif_message_amount(limit_secs, out->alloc->unit, amount);
    snprintf(limit, sizeof(limit), "%" PRIu32 " %% = %s", out->alloc->mode->inference_percent,
             amount);
    aif_message_amount(aif_minus(limit_secs, out->usage.inference_secs), out->alloc->unit, left);
    aif_message_amount_up(out->usage.inference_secs, out->alloc->unit, used);
    return aif_decide_refuse(decider,
                             &(struct aif_message){.what = what,
                                                   .asked = asked,
                                                   .limit = limit,
                                                   .left = left,
                                                   .used = used,
                                                   .rule = AIF_Q_INFERENCE,
                                                   .next = "ask for less, or see \"aif quota\""});
}

/* ---- notices of jobs that are let through ---- */

void aif_decide_note_free(struct aif_decider *decider)
{
    const struct aif_decision *out = decider->out;
    const uint64_t taken = aif_plus(out->usage.free_used_secs, out->usage.free_reserved_secs);
    char what[AIF_WHAT_TEXT], asked[ASKED_TEXT], limit[AIF_AMOUNT_TEXT + 32], left[AIF_AMOUNT_TEXT];
    char used[USED_TEXT], next[AIF_WHAT_TEXT], more[AIF_AMOUNT_TEXT];

    snprintf(what, sizeof(what), "allocation %s does not suffice, the job runs above it",
             out->alloc->id);
    asked_text(decider, asked);
    aif_message_amount(out->pace.free_secs, out->alloc->unit, more);
    snprintf(limit, sizeof(limit), "%s above the amount", more);
    aif_message_amount(aif_minus(out->pace.free_secs, aif_plus(taken, out->asked_secs)),
                       out->alloc->unit, left);
    used_text(decider, out->usage.used_secs, "", out->alloc->amount_secs, used);
    snprintf(next, sizeof(next), "it gets QOS %s, with the lowest priority", out->qos);
    aif_decide_note(decider, &(struct aif_message){.what = what,
                                                   .asked = asked,
                                                   .limit = limit,
                                                   .left = left,
                                                   .used = used,
                                                   .rule = AIF_Q_FREE,
                                                   .next = next});
}

/* Whether so little is left after the job that its user wants to know. */
static bool is_notable(const struct aif_decider *decider, uint64_t left_secs)
{
    const uint32_t below = decider->snapshot->policy->notice_below;

    if (decider->options->explain[0])
        return true;
    if (!below || !decider->out->asked_secs)
        return false;
    return below >= 100 || (unsigned __int128)left_secs * 100 <
                               (unsigned __int128)decider->out->alloc->amount_secs * below;
}

/* What the pacing says of the month; beyond a credit jobs still run. */
static void month_text(const struct aif_decision *out, char *ret_text, size_t size)
{
    char grant[AIF_AMOUNT_TEXT], used[AIF_AMOUNT_TEXT];

    aif_message_amount(out->pace.month_grant_secs, out->alloc->unit, grant);
    aif_message_hours(out->pace.month_used_secs, used);
    snprintf(ret_text, size, "this month's share is %s, used %s%s", grant, used,
             out->pace.priority == AIF_PACE_LOWEST ? ", so its priority is the lowest" : "");
}

__attribute__((cold)) static void note_left(struct aif_decider *decider, uint64_t left_secs)
{
    const struct aif_decision *out = decider->out;
    char what[AIF_WHAT_TEXT], asked[ASKED_TEXT], limit[AIF_AMOUNT_TEXT + AIF_DATE_TEXT + 8];
    char left[AIF_AMOUNT_TEXT + 16], amount[AIF_AMOUNT_TEXT], day[AIF_DATE_TEXT],
        next[AIF_WHAT_TEXT];

    snprintf(what, sizeof(what), "accepted under allocation %s", out->alloc->id);
    asked_text(decider, asked);
    aif_message_amount(out->alloc->amount_secs, out->alloc->unit, amount);
    aif_message_date(out->alloc->end, day);
    snprintf(limit, sizeof(limit), "%s until %s", amount, day);
    aif_message_amount(left_secs, out->alloc->unit, amount);
    snprintf(left, sizeof(left), "%s after it", amount);
    month_text(out, next, sizeof(next));
    aif_decide_note(decider, &(struct aif_message){.what = what,
                                                   .asked = asked,
                                                   .limit = limit,
                                                   .left = left,
                                                   .rule = AIF_Q_NOTICE,
                                                   .next = out->pace.has_month ? next : NULL});
}

void aif_decide_note_left(struct aif_decider *decider)
{
    const struct aif_decision *out = decider->out;
    const uint64_t left_secs =
        aif_minus(out->alloc->amount_secs, aif_plus(decider->taken_secs, out->asked_secs));

    if (is_notable(decider, left_secs))
        note_left(decider, left_secs);
}
