/* decide.c - see decide.h; each group of checks has a file of its own */
#include "decide_private.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "projid.h"
#include "rules.h"

bool aif_decide_refuse(struct aif_decider *decider, const struct aif_message *message)
{
    if (!aif_decide_applies(decider, message->rule))
        return aif_decide_pass(decider, message, AIF_WOULD_REFUSE);
    decider->out->verdict = AIF_REJECT;
    decider->out->rule = message->rule;
    aif_message_format(message, decider->out->message, sizeof(decider->out->message));
    return false;
}

__attribute__((cold)) static bool holds(const struct aif_decider *decider, const char *rule)
{
    const char **held = decider->snapshot->policy->holds;

    if (!held || decider->second_look)
        return false;
    while (*held && strcmp(*held, rule))
        held++;
    return *held != NULL;
}

bool aif_decide_hold(struct aif_decider *decider, const struct aif_message *message,
                     const char *until)
{
    struct aif_message held = *message;

    if (!aif_decide_applies(decider, message->rule))
        return aif_decide_pass(decider, message, holds(decider, message->rule) ? AIF_WOULD_HOLD : AIF_WOULD_REFUSE);
    if (!holds(decider, message->rule))
        return aif_decide_refuse(decider, message);
    if (decider->out->rule)
        return true;
    held.next = until;
    decider->out->rule = message->rule;
    aif_message_format(&held, decider->out->message, sizeof(decider->out->message));
    return true;
}

void aif_decide_note(struct aif_decider *decider, const struct aif_message *message)
{
    char *text = decider->out->message;
    size_t used = strlen(text);

    if (used + 1 >= sizeof(decider->out->message))
        return;
    if (used)
        text[used++] = '\n';
    aif_message_format(message, text + used, sizeof(decider->out->message) - used);
}

/* ---- options' form ---- */

/* The parser's text is a sentence of our form already. */
__attribute__((cold)) static bool refuse_residency_form(struct aif_decider *decider, const struct aif_error *err)
{
    decider->out->verdict = AIF_REJECT;
    decider->out->rule = AIF_R_SYNTAX;
    snprintf(decider->out->message, sizeof(decider->out->message), "aif: %.*s", AIF_MESSAGE_MAX - 6,
             err->text);
    return false;
}

__attribute__((cold)) static bool refuse_mode(struct aif_decider *decider)
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

__attribute__((cold)) static bool read_placement(struct aif_decider *decider)
{
    const char *placement = decider->options->placement;

    return aif_placement_parse(placement, &decider->out->placement, NULL) >= 0 ||
           aif_decide_refuse(decider, &(struct aif_message){.what = "placement not understood",
                                                            .asked = placement,
                                                            .limit = AIF_PLACEMENT_FORMS,
                                                            .rule = AIF_P_SYNTAX,
                                                            .next = "write it in one of these ways"});
}

/* What is behind the end of a text is not defined. */
static void clear_decision(struct aif_decision *out)
{
    memset(out, 0, offsetof(struct aif_decision, residency));
    out->residency_text[0] = out->datasets[0] = out->message[0] = '\0';
    out->verdict = AIF_IGNORE;
    out->minutes = AIF_MINUTES_UNKNOWN;
}

__attribute__((cold)) bool aif_decide_read_residency(struct aif_decider *decider)
{
    const struct aif_policy *policy = decider->snapshot->policy;
    struct aif_error err;

    if (!decider->unread)
        return true;
    decider->unread = false;
    if (aif_restag_parse(decider->options->residency, policy->groups, policy->group_count,
                         &decider->asked_residency, &err) >= 0)
        return true;
    clear_decision(decider->out);
    return refuse_residency_form(decider, &err);
}

__attribute__((cold)) static bool find_by_code(struct aif_decider *decider)
{
    decider->asked_mode =
        aif_policy_mode_by_code(decider->snapshot->policy, decider->options->mode);
    return decider->asked_mode || refuse_mode(decider);
}

static bool find_mode(struct aif_decider *decider)
{
    decider->asked_mode = aif_policy_mode(decider->snapshot->policy, decider->options->mode);
    return decider->asked_mode || find_by_code(decider);
}

static bool check_options(struct aif_decider *decider)
{
    const struct aif_options *options = decider->options;

    if (options->placement[0] && !read_placement(decider))
        return false;
    decider->unread = options->residency[0]; /* most likely the memo knows it */
    return !options->mode[0] || find_mode(decider);
}

/* ---- the decision ---- */

static bool is_eurohpc(const char *name)
{
    struct aif_projid id;

    return name && !aif_projid_of_account(name, &id);
}

/* Without a policy nobody knows what is left of an allocation, so its GPUs have to wait; all others
 * go on. */
__attribute__((cold)) static void decide_without_policy(struct aif_decider *decider)
{
    const struct aif_request *request = decider->request;
    const char *what = "no valid policy is loaded, so --ai options cannot be honoured";

    if (aif_options_empty(decider->options)) {
        if (!request->gpus || !(is_eurohpc(request->account) || is_eurohpc(request->qos)))
            return;
        what = "no valid policy is loaded, so GPU jobs of EuroHPC allocations cannot be accepted";
    }
    aif_decide_refuse(
        decider, &(struct aif_message){
                     .what = what,
                     .rule = AIF_C_NOPOLICY,
                     .next = "tell the administrators: \"aif config check\" shows what is wrong"});
}

static bool check_all(struct aif_decider *decider, aif_usage_fn usage_fn, void *usage_arg)
{
    return check_options(decider) && aif_decide_pick(decider) && aif_decide_mode(decider) &&
           aif_decide_category(decider) && aif_decide_state(decider) && aif_decide_dates(decider) &&
           aif_decide_size(decider) && aif_decide_time(decider) && aif_decide_residency(decider) &&
           aif_decide_budget(decider, usage_fn, usage_arg);
}

__attribute__((hot)) void aif_decide(const struct aif_snapshot *snapshot, const struct aif_request *request,
                aif_usage_fn usage_fn, void *usage_arg, struct aif_decision *ret_decision)
{
    static const struct aif_options none;
    struct aif_decider decider; /* set whole but for the tag, which few jobs have */

    memset(&decider, 0, offsetof(struct aif_decider, asked_residency));
    decider.snapshot = snapshot;
    decider.request = request;
    decider.options = request->options ? request->options : &none;
    decider.begin = request->begin;
    decider.out = ret_decision;
    clear_decision(ret_decision);
    if (!snapshot) {
        decide_without_policy(&decider);
        return;
    }
    if (!check_all(&decider, usage_fn, usage_arg)) {
        if (decider.unread)
            (void)aif_decide_read_residency(&decider);
        return;
    }
    ret_decision->verdict = ret_decision->rule ? AIF_HOLD : AIF_ACCEPT;
    if (ret_decision->verdict == AIF_ACCEPT && !ret_decision->free)
        aif_decide_note_left(&decider);
}
