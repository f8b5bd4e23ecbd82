/* decide.c - see decide.h; picking the allocation and residency have files of their own */
#include "decide_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rules.h"

bool aif_decide_refuse(struct aif_decider *decider, const struct aif_message *message)
{
    decider->out->verdict = AIF_REJECT;
    decider->out->rule = message->rule;
    aif_message_format(message, decider->out->message, sizeof(decider->out->message));
    return false;
}

/* ---- options' form ---- */

/* The parser's text is a sentence of our form already. */
static bool refuse_residency_form(struct aif_decider *decider, const struct aif_error *err)
{
    decider->out->verdict = AIF_REJECT;
    decider->out->rule = AIF_R_SYNTAX;
    snprintf(decider->out->message, sizeof(decider->out->message), "aif: %.*s", AIF_MESSAGE_MAX - 6,
             err->text);
    return false;
}

static bool refuse_mode(struct aif_decider *decider)
{
    const char *near = aif_policy_mode_suggest(decider->snapshot->policy, decider->options->mode);
    char next[AIF_WHAT_TEXT];

    if (near)
        snprintf(next, sizeof(next), "did you mean %s?", near);
    else
        snprintf(next, sizeof(next), "see \"aif quota\" for the modes of your allocations");
    return aif_decide_refuse(decider, &(struct aif_message){.what = "no such mode",
                                                            .asked = decider->options->mode,
                                                            .rule = AIF_M_UNKNOWN,
                                                            .next = next});
}

static bool check_options(struct aif_decider *decider)
{
    const struct aif_options *options = decider->options;
    const struct aif_policy *policy = decider->snapshot->policy;
    struct aif_error err;

    if (aif_placement_parse(options->placement, &decider->out->placement,
                            &decider->out->placement_strict, NULL) < 0)
        return aif_decide_refuse(
            decider,
            &(struct aif_message){.what = "placement not understood",
                                  .asked = options->placement,
                                  .limit = "pack, spread or any, with or without ',strict'",
                                  .rule = AIF_P_SYNTAX,
                                  .next = "correct it"});
    if (options->residency[0] &&
        aif_residency_parse(options->residency, policy->groups, policy->group_count,
                            &decider->asked_residency, &err) < 0)
        return refuse_residency_form(decider, &err);
    if (!options->mode[0])
        return true;
    decider->asked_mode = aif_policy_mode(policy, options->mode);
    if (!decider->asked_mode)
        decider->asked_mode = aif_policy_mode_by_code(policy, options->mode);
    return decider->asked_mode || refuse_mode(decider);
}

/* ---- mode, state and dates ---- */

static bool check_mode(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    char what[AIF_WHAT_TEXT], next[AIF_WHAT_TEXT];

    if (decider->asked_mode && decider->asked_mode != alloc->mode) {
        snprintf(what, sizeof(what), "allocation %s is of another mode", alloc->id);
        snprintf(next, sizeof(next), "use --ai-mode=%s, or leave it out", alloc->mode->name);
        return aif_decide_refuse(decider, &(struct aif_message){.what = what,
                                                                .asked = decider->asked_mode->name,
                                                                .limit = alloc->mode->name,
                                                                .rule = AIF_M_MISMATCH,
                                                                .next = next});
    }
    if (alloc->mode->open)
        return true;
    snprintf(what, sizeof(what), "mode %s takes no new jobs here", alloc->mode->name);
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = what,
                                       .rule = AIF_M_CLOSED,
                                       .next = alloc->mode->closed_note
                                                   ? alloc->mode->closed_note
                                                   : "ask the site when it opens again"});
}

static bool check_state(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    char what[AIF_WHAT_TEXT];

    if (alloc->state == AIF_STATE_OK)
        return true;
    snprintf(what, sizeof(what), "allocation %s is %s", alloc->id,
             aif_alloc_state_name(alloc->state));
    return aif_decide_refuse(
        decider, &(struct aif_message){
                     .what = what,
                     .rule = AIF_A_STATE,
                     .next = "the manager of the award can tell why, or use another allocation"});
}

static bool refuse_date(struct aif_decider *decider, const char *event, time_t day,
                        const char *rule, const char *next)
{
    char what[AIF_WHAT_TEXT], asked[AIF_DATE_TEXT + 16];
    char begin[AIF_DATE_TEXT], limit[AIF_DATE_TEXT];

    snprintf(what, sizeof(what), "allocation %s %s", decider->out->alloc->id, event);
    aif_message_date(decider->request->begin, begin);
    aif_message_date(day, limit);
    if (!strcmp(begin, limit)) { /* an allocation may start and end in the middle of a day */
        aif_message_second(decider->request->begin, begin);
        aif_message_second(day, limit);
    }
    snprintf(asked, sizeof(asked), "start on %s", begin);
    return aif_decide_refuse(
        decider, &(struct aif_message){
                     .what = what, .asked = asked, .limit = limit, .rule = rule, .next = next});
}

static bool check_dates(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;

    if (decider->request->begin < alloc->start)
        return refuse_date(decider, "has not started", alloc->start, AIF_A_EARLY,
                           "submit then, or give --begin with that day");
    if (decider->request->begin > alloc->end)
        return refuse_date(decider, "has ended", alloc->end, AIF_A_EXPIRED,
                           "use another allocation, or ask for an extension");
    return true;
}

/* ---- partition and size ---- */

static bool is_allowed(char *const *partitions, const char *name, size_t length)
{
    for (; *partitions; partitions++)
        if (strlen(*partitions) == length && !memcmp(*partitions, name, length))
            return true;
    return false;
}

static bool check_partition(struct aif_decider *decider)
{
    const struct aif_mode *mode = decider->out->alloc->mode;
    const char *name = decider->request->partition;
    char what[AIF_WHAT_TEXT], asked[65], limit[160] = "";

    if (!mode->partitions || !name)
        return true;
    for (size_t length; *name; name += length + (name[length] == ',')) {
        length = strcspn(name, ",");
        if (!length || is_allowed(mode->partitions, name, length))
            continue;
        snprintf(what, sizeof(what), "mode %s may not use this partition", mode->name);
        snprintf(asked, sizeof(asked), "%.*s", (int)(length < 64 ? length : 64), name);
        for (char **p = mode->partitions; *p; p++)
            snprintf(limit + strlen(limit), sizeof(limit) - strlen(limit), "%s%s",
                     *limit ? ", " : "", *p);
        return aif_decide_refuse(
            decider, &(struct aif_message){.what = what,
                                           .asked = asked,
                                           .limit = limit,
                                           .rule = AIF_M_PARTITION,
                                           .next = "use --partition with one of those"});
    }
    return true;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void range_text(const struct aif_range *range, const char *thing, char *ret_text,
                       size_t size)
{
    const uint32_t last = range->max ? range->max : range->min;

    if (!range->max)
        snprintf(ret_text, size, "at least %" PRIu32 " %s%s", last, thing, plural(last));
    else if (range->min)
        snprintf(ret_text, size, "%" PRIu32 " to %" PRIu32 " %s%s", range->min, last, thing,
                 plural(last));
    else
        snprintf(ret_text, size, "%" PRIu32 " %s%s", last, thing, plural(last));
}

static bool check_range(struct aif_decider *decider, const struct aif_range *range, uint64_t value,
                        const char *thing, const char *rule)
{
    char what[AIF_WHAT_TEXT], asked[64], limit[64];

    if (value >= range->min && (!range->max || value <= range->max))
        return true;
    snprintf(what, sizeof(what), "number of %ss per job in mode %s", thing,
             decider->out->alloc->mode->name);
    snprintf(asked, sizeof(asked), "%" PRIu64 " %s%s", value, thing, plural(value));
    range_text(range, thing, limit, sizeof(limit));
    return aif_decide_refuse(
        decider,
        &(struct aif_message){.what = what,
                              .asked = asked,
                              .limit = limit,
                              .rule = rule,
                              .next = value < range->min ? "ask for more" : "ask for fewer"});
}

static bool check_size(struct aif_decider *decider)
{
    const struct aif_mode *mode = decider->out->alloc->mode;

    return check_range(decider, &mode->gpus_per_job, decider->request->gpus, "GPU", AIF_M_GPUS) &&
           check_range(decider, &mode->nodes_per_job, decider->request->nodes, "node",
                       AIF_M_NODES);
}

/* ---- time ---- */

/* A time limit that the job's allocation sets. */
struct time_cap {
    uint32_t minutes;
    const char *what;
    const char *rule;
};

static uint32_t asked_minutes(const struct aif_request *request)
{
    return request->minutes ? request->minutes : AIF_MINUTES_UNKNOWN;
}

static void time_texts(const struct aif_decider *decider, const struct time_cap *cap,
                       char asked[AIF_MINUTES_TEXT], char limit[AIF_MINUTES_TEXT])
{
    aif_message_minutes(asked_minutes(decider->request), asked);
    aif_message_minutes(cap->minutes, limit);
}

/* The tighter one of two is left standing in the notice. */
static void lower_time(struct aif_decider *decider, const struct time_cap *cap)
{
    char asked[AIF_MINUTES_TEXT], limit[AIF_MINUTES_TEXT], what[AIF_WHAT_TEXT];
    struct aif_message message = {.what = what, .asked = asked, .limit = limit, .rule = cap->rule};

    time_texts(decider, cap, asked, limit);
    snprintf(what, sizeof(what), "time limit lowered: %s", cap->what);
    aif_message_format(&message, decider->out->message, sizeof(decider->out->message));
    decider->out->minutes = cap->minutes;
}

static bool apply_cap(struct aif_decider *decider, const struct time_cap *cap)
{
    char asked[AIF_MINUTES_TEXT], limit[AIF_MINUTES_TEXT];
    const bool may_lower =
        decider->snapshot->policy->time_excess == AIF_EXCESS_CAP && cap->minutes > 0;

    if (decider->out->minutes <= cap->minutes)
        return true;
    if (may_lower) {
        lower_time(decider, cap);
        return true;
    }
    /* Slurm's own limits hold a job without one; its cost is refused with the budget. */
    if (decider->out->minutes == AIF_MINUTES_UNKNOWN && cap->minutes > 0)
        return true;
    time_texts(decider, cap, asked, limit);
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = cap->what,
                                       .asked = asked,
                                       .limit = limit,
                                       .rule = cap->rule,
                                       .next = cap->minutes ? "ask for less time"
                                                            : "use another allocation"});
}

/* Whole minutes from the earliest start to the allocation's end. */
static uint32_t minutes_until_end(const struct aif_decider *decider)
{
    const uint64_t secs =
        (uint64_t)decider->out->alloc->end - (uint64_t)decider->request->begin + 1;

    return secs / 60 < AIF_MINUTES_UNKNOWN - 1 ? (uint32_t)(secs / 60) : AIF_MINUTES_UNKNOWN - 1;
}

static bool check_time(struct aif_decider *decider)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    char wall_what[AIF_WHAT_TEXT], end_what[AIF_WHAT_TEXT], day[AIF_DATE_TEXT];
    struct time_cap wall = {alloc->mode->wall_max_minutes, wall_what, AIF_M_WALL};
    struct time_cap end = {minutes_until_end(decider), end_what, AIF_A_OUTLIVES};

    decider->out->minutes =
        decider->request->minutes ? decider->request->minutes : AIF_MINUTES_UNKNOWN;
    if (decider->out->minutes <= end.minutes &&
        (!wall.minutes || decider->out->minutes <= wall.minutes))
        return true;
    aif_message_date(alloc->end, day);
    snprintf(wall_what, sizeof(wall_what), "time limit of mode %s", alloc->mode->name);
    snprintf(end_what, sizeof(end_what), "allocation %s ends on %s", alloc->id, day);
    return (!wall.minutes || apply_cap(decider, &wall)) && apply_cap(decider, &end);
}

/* ---- budget ---- */

static uint64_t multiply(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t charged_units(const struct aif_decider *decider)
{
    return decider->out->alloc->unit == AIF_UNIT_NODE_HOUR ? decider->request->nodes
                                                           : decider->request->gpus;
}

/* "64 GPU-hours (8 GPUs x 8:00:00)" */
static void asked_text(const struct aif_decider *decider, char *ret_text, size_t size)
{
    const struct aif_decision *out = decider->out;
    const bool nodes = out->alloc->unit == AIF_UNIT_NODE_HOUR;
    const uint64_t units = charged_units(decider);
    char amount[AIF_AMOUNT_TEXT], time[AIF_MINUTES_TEXT], tasks[32] = "";

    aif_message_amount_up(out->asked_secs, out->alloc->unit, amount);
    aif_message_minutes(out->minutes, time);
    if (decider->request->array_tasks > 1)
        snprintf(tasks, sizeof(tasks), "%" PRIu32 " tasks x ", decider->request->array_tasks);
    snprintf(ret_text, size, "%s (%s%" PRIu64 " %s%s x %s)", amount, tasks, units,
             nodes ? "node" : "GPU", plural(units), time);
}

/* "4000 and reserved 987.5 of 5000 GPU-hours" */
static void used_text(const struct aif_decision *out, char *ret_text, size_t size)
{
    char used[AIF_AMOUNT_TEXT], reserved[AIF_AMOUNT_TEXT], amount[AIF_AMOUNT_TEXT];

    aif_message_hours(out->usage.used_secs, used);
    aif_message_hours(out->usage.reserved_secs, reserved);
    aif_message_amount(out->alloc->amount_secs, out->alloc->unit, amount);
    if (out->usage.reserved_secs)
        snprintf(ret_text, size, "%s and reserved by running jobs %s of %s", used, reserved,
                 amount);
    else
        snprintf(ret_text, size, "%s of %s", used, amount);
}

/* Less than a minute of one GPU or node is of no use to any job. */
static const char *budget_advice(const struct aif_decider *decider)
{
    const bool nodes = decider->out->alloc->unit == AIF_UNIT_NODE_HOUR;

    if (decider->out->left_secs < 60 && decider->out->usage.reserved_secs >= 60)
        return "wait for running jobs to end, use another allocation, or see \"aif quota\"";
    if (decider->out->left_secs < 60)
        return "use another allocation, or see \"aif quota\"";
    if (decider->request->array_tasks > 1)
        return nodes ? "ask for less time, fewer nodes or fewer array tasks, or see \"aif quota\""
                     : "ask for less time, fewer GPUs or fewer array tasks, or see \"aif quota\"";
    return nodes ? "ask for less time or fewer nodes, or see \"aif quota\""
                 : "ask for less time or fewer GPUs, or see \"aif quota\"";
}

static bool refuse_budget(struct aif_decider *decider)
{
    const struct aif_decision *out = decider->out;
    char what[AIF_WHAT_TEXT];
    char asked[160], left[AIF_AMOUNT_TEXT], used[3 * AIF_AMOUNT_TEXT + 32];

    snprintf(what, sizeof(what), "allocation %s has too little left", out->alloc->id);
    asked_text(decider, asked, sizeof(asked));
    aif_message_amount(out->left_secs, out->alloc->unit, left);
    used_text(out, used, sizeof(used));
    return aif_decide_refuse(decider, &(struct aif_message){.what = what,
                                                            .asked = asked,
                                                            .left = left,
                                                            .used = used,
                                                            .rule = AIF_Q_LEFT,
                                                            .next = budget_advice(decider)});
}

/* Usage of the picked allocation, and what is left of it. */
static void read_usage(struct aif_decider *decider, aif_usage_fn usage_fn, void *usage_arg)
{
    struct aif_decision *out = decider->out;
    uint64_t taken;

    out->usage = (struct aif_usage){.known = true};
    if (usage_fn)
        usage_fn(usage_arg, out->alloc, &out->usage);
    if (__builtin_add_overflow(out->usage.used_secs, out->usage.reserved_secs, &taken))
        taken = UINT64_MAX;
    out->left_secs = out->alloc->amount_secs > taken ? out->alloc->amount_secs - taken : 0;
}

static bool check_budget(struct aif_decider *decider, aif_usage_fn usage_fn, void *usage_arg)
{
    struct aif_decision *out = decider->out;
    const uint64_t units = charged_units(decider);
    const uint32_t tasks = decider->request->array_tasks ? decider->request->array_tasks : 1;

    read_usage(decider, usage_fn, usage_arg);
    if (!units)
        return true;
    if (!out->usage.known)
        return aif_decide_refuse(
            decider, &(struct aif_message){
                         .what = "Slurm does not count what this job would use",
                         .rule = AIF_Q_UNTRACKED,
                         .next = "tell the site: AccountingStorageTRES lacks the resource"});
    if (out->minutes == AIF_MINUTES_UNKNOWN)
        return aif_decide_refuse(
            decider, &(struct aif_message){.what = "without a time limit the cost cannot be known",
                                           .rule = AIF_Q_NOLIMIT,
                                           .next = "give --time"});
    out->asked_secs = multiply(multiply(units, tasks), (uint64_t)out->minutes * 60);
    return out->asked_secs <= out->left_secs || refuse_budget(decider);
}

/* ---- the decision ---- */

static bool decide_without_policy(struct aif_decider *decider)
{
    if (aif_options_empty(decider->options))
        return false;
    return aif_decide_refuse(
        decider,
        &(struct aif_message){
            .what = "no valid policy is loaded, so --ai options cannot be honoured",
            .rule = AIF_C_NOPOLICY,
            .next = "tell the administrators: \"aif config check\" shows what is wrong"});
}

void aif_decide(const struct aif_snapshot *snapshot, const struct aif_request *request,
                aif_usage_fn usage_fn, void *usage_arg, struct aif_decision *ret_decision)
{
    static const struct aif_options none;
    struct aif_decider decider = {.snapshot = snapshot,
                                  .request = request,
                                  .options = request->options ? request->options : &none,
                                  .out = ret_decision};

    memset(ret_decision, 0, sizeof(*ret_decision));
    ret_decision->verdict = AIF_IGNORE;
    ret_decision->minutes = AIF_MINUTES_UNKNOWN;
    if (!snapshot) {
        decide_without_policy(&decider);
        return;
    }
    if (check_options(&decider) && aif_decide_pick(&decider) && check_mode(&decider) &&
        check_state(&decider) && check_dates(&decider) && check_partition(&decider) &&
        check_size(&decider) && check_time(&decider) && aif_decide_residency(&decider) &&
        check_budget(&decider, usage_fn, usage_arg))
        ret_decision->verdict = AIF_ACCEPT;
}
