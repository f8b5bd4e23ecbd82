/* decide_advise.c - rules that the policy does not apply: see policyenforce.h */
#include "decide_private.h"

#include <stdio.h>
#include <string.h>

#include "policyenforce.h"

/* ---- what may be passed over ---- */

static bool has_tag(const struct aif_alloc *alloc)
{
    return alloc->residency || alloc->mode->residency;
}

/* A job that were left alone would be kept nowhere. So it must not be any allocation's that it may mean. */
static bool demands_residency(const struct aif_decider *decider)
{
    const struct aif_options *options = decider->options;
    const struct aif_alloc *alloc = decider->out->alloc;

    if (options->residency[0] || options->datasets[0] || (alloc && has_tag(alloc)))
        return true;
    alloc = decider->request->account ? aif_alloctable_by_account(decider->snapshot->allocs, decider->request->account) : NULL;
    while (alloc && !has_tag(alloc))
        alloc = alloc->next_of_account;
    return alloc != NULL;
}

bool aif_decide_applies(const struct aif_decider *decider, const char *rule)
{
    if (!decider->snapshot || aif_policyenforce_of(decider->snapshot->policy, rule) == AIF_ENFORCE_ON)
        return true;
    return aif_policyenforce_scope(rule) == AIF_ENFORCE_BOOKING && demands_residency(decider);
}

/* ---- what is noted ---- */

static uint64_t gpu_secs(const struct aif_request *request)
{
    const uint64_t tasks = request->array_tasks ? request->array_tasks : 1;
    uint64_t secs;

    if (request->minutes == AIF_MINUTES_UNKNOWN || __builtin_mul_overflow(request->gpus, tasks, &secs) ||
        __builtin_mul_overflow(secs, (uint64_t)request->minutes * 60, &secs) || secs > INT64_MAX)
        return 0;
    return secs;
}

static void begin_notes(const struct aif_decider *decider, struct aif_advised *advised)
{
    const struct aif_alloc *alloc = decider->out->alloc;
    const char *account = alloc ? alloc->account : decider->request->account;

    advised->gpu_secs = gpu_secs(decider->request);
    advised->mode = alloc ? alloc->mode : decider->asked_mode;
    snprintf(advised->account, sizeof(advised->account), "%s", account ? account : "");
    advised->texts[0] = '\0'; /* of those that no longer fit */
    advised->used = 1;
}

static void note(struct aif_decider *decider, const struct aif_message *message, enum aif_would would)
{
    struct aif_advised *advised = &decider->out->advised;
    const size_t index = decider->out->advised_count;
    char text[AIF_MESSAGE_MAX];
    size_t size;

    if (index == AIF_ADVISED_MAX)
        return;
    if (!index)
        begin_notes(decider, advised);
    aif_message_format(message, text, sizeof(text));
    size = strlen(text) + 1;
    advised->items[index].rule = message->rule;
    advised->items[index].would = (uint8_t)would;
    advised->items[index].text = 0;
    if (size <= sizeof(advised->texts) - advised->used) {
        memcpy(advised->texts + advised->used, text, size);
        advised->items[index].text = (uint16_t)advised->used;
        advised->used += size;
    }
    decider->out->advised_count++;
}

/* Nobody asks what a second look would have said. */
bool aif_decide_pass(struct aif_decider *decider, const struct aif_message *message, enum aif_would would)
{
    if (!decider->second_look && aif_policyenforce_of(decider->snapshot->policy, message->rule) == AIF_ENFORCE_ADVISE)
        note(decider, message, would);
    if (aif_policyenforce_scope(message->rule) != AIF_ENFORCE_BOOKING)
        return true;
    decider->out->alloc = NULL;
    return false;
}

/* ---- reading it ---- */

const char *aif_decision_advised(const struct aif_decision *decision, size_t index)
{
    return decision->advised.texts + decision->advised.items[index].text;
}

const char *aif_would_name(enum aif_would would)
{
    static const char *const names[] = {"refuse", "hold", "lower"};

    return names[would];
}
