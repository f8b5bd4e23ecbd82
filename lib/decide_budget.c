/* decide_budget.c - what a job may cost up to its time limit, against what its allocation has left
 * by now */
#include "decide_private.h"

#include <string.h>

#include "charge.h"
#include "mirror.h"
#include "rules.h"

static uint64_t multiply(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static bool same_id(const char *a, const char *b)
{
    return a && !strcmp(a, b);
}

/* Seconds that the components of a het job decided before this one will take from the same
 * allocation. */
static uint64_t also_secs(const struct aif_decider *decider)
{
    return same_id(decider->request->also_alloc, decider->out->alloc->id)
               ? decider->request->also_secs
               : 0;
}

/*
 * The ledger knows what inference jobs used, the callback what those that are queued or running may
 * still use.
 */
__attribute__((noinline)) static void add_balance(struct aif_decider *decider,
                                                  uint64_t months[AIF_PACE_MONTHS_MAX],
                                                  struct aif_pace_use *use)
{
    struct aif_decision *out = decider->out;
    const struct aif_balance *balance =
        aif_balances_find(decider->snapshot->balances, out->alloc->id);

    if (!balance)
        return;
    use->used_secs = aif_max(use->used_secs, balance->used_secs);
    if (out->alloc->pacing.kind != AIF_PACING_NONE) /* nobody else asks for months */
        aif_balance_use(balance, out->alloc, out->usage.used_secs, months, decider->begin, use);
    out->usage.used_secs = use->used_secs;
    out->usage.free_used_secs = aif_max(out->usage.free_used_secs, balance->free_secs);
    out->usage.inference_secs = aif_plus(out->usage.inference_secs, balance->inference_secs);
}

/* What was used, by the greater of Slurm's count and the ledger's, and what the pacing makes of it. */
static void read_pace(struct aif_decider *decider)
{
    struct aif_decision *out = decider->out;
    struct aif_pace_use use = {.used_secs = out->usage.used_secs};
    uint64_t months[AIF_PACE_MONTHS_MAX];

    if (decider->snapshot->balances)
        add_balance(decider, months, &use);
    aif_pace(out->alloc, &use, decider->begin, &out->pace);
}

/* Usage of the picked allocation, and what is left of it. */
static void read_usage(struct aif_decider *decider, aif_usage_fn usage_fn, void *usage_arg)
{
    struct aif_decision *out = decider->out;
    struct aif_usage *usage = &out->usage;

    *usage = (struct aif_usage){.known = true};
    if (usage_fn)
        usage_fn(usage_arg, out->alloc, usage);
    if (!decider->snapshot->policy->count_pending)
        usage->pending_secs = 0;
    read_pace(decider);
    decider->taken_secs = aif_plus(aif_plus(usage->used_secs, usage->reserved_secs),
                                   aif_plus(usage->pending_secs, also_secs(decider)));
    out->left_secs = aif_minus(out->pace.limit_secs, decider->taken_secs);
}

__attribute__((cold)) static bool refuse_unknown(struct aif_decider *decider)
{
    if (!decider->out->usage.known)
        return aif_decide_refuse(
            decider, &(struct aif_message){
                         .what = "Slurm does not count what this job would use",
                         .rule = AIF_Q_UNTRACKED,
                         .next = "tell the site: AccountingStorageTRES lacks the resource"});
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = "what this job would be billed cannot be told",
                                       .rule = AIF_Q_UNTRACKED,
                                       .next = "name one partition, or tell the site"});
}

__attribute__((cold)) static bool refuse_no_limit(struct aif_decider *decider)
{
    return aif_decide_refuse(
        decider, &(struct aif_message){.what = "without a time limit the cost cannot be known",
                                       .rule = AIF_Q_NOLIMIT,
                                       .next = "give --time"});
}

/* Fill asked_secs; units is not 0. */
static bool read_cost(struct aif_decider *decider, uint64_t units)
{
    struct aif_decision *out = decider->out;
    const uint32_t tasks = decider->request->array_tasks ? decider->request->array_tasks : 1;

    if (!out->usage.known ||
        (out->alloc->charge.tres == AIF_CHARGE_BILLING && units == AIF_BILLING_UNKNOWN))
        return refuse_unknown(decider);
    if (out->minutes == AIF_MINUTES_UNKNOWN)
        return refuse_no_limit(decider);
    out->asked_secs = aif_charge_cost(
        &out->alloc->charge, multiply(multiply(units, tasks), (uint64_t)out->minutes * 60));
    return true;
}

/* Above the amount, where the pacing allows that on a QOS of its own. */
__attribute__((cold)) static bool take_free(struct aif_decider *decider)
{
    struct aif_decision *out = decider->out;
    const uint64_t taken = aif_plus(
        aif_plus(out->usage.free_used_secs, out->usage.free_reserved_secs), also_secs(decider));

    if (!out->alloc->free_qos ||
        out->asked_secs > aif_minus(aif_mirror_limit_secs(out->alloc, out->pace.free_secs), taken))
        return false;
    out->free = true;
    out->qos = out->alloc->free_qos;
    aif_decide_note_free(decider);
    return true;
}

/* Whether Slurm would start the job with used + reserved + asked up to limit_secs. */
static bool fits(const struct aif_decider *decider, uint64_t limit_secs)
{
    return decider->out->asked_secs <=
           aif_minus(aif_mirror_limit_secs(decider->out->alloc, limit_secs), decider->taken_secs);
}

__attribute__((cold)) static bool take_or_refuse(struct aif_decider *decider)
{
    if (fits(decider, decider->out->alloc->amount_secs))
        return aif_decide_refuse_pace(decider);
    return take_free(decider) || aif_decide_refuse_amount(decider);
}

static bool check_limit(struct aif_decider *decider)
{
    return fits(decider, decider->out->pace.limit_secs) || take_or_refuse(decider);
}

__attribute__((cold)) static bool check_inference(struct aif_decider *decider)
{
    const struct aif_decision *out = decider->out;
    const struct aif_mode *mode = out->alloc->mode;
    uint64_t limit;

    if (!mode->has_inference_share)
        return true;
    limit = out->alloc->amount_secs / 100 * mode->inference_percent +
            out->alloc->amount_secs % 100 * mode->inference_percent / 100;
    return out->asked_secs <= aif_minus(limit, out->usage.inference_secs) ||
           aif_decide_refuse_inference(decider, limit);
}

bool aif_decide_budget(struct aif_decider *decider, aif_usage_fn usage_fn, void *usage_arg)
{
    struct aif_decision *out = decider->out;
    const uint64_t units = aif_decide_units(decider);

    out->inference =
        decider->options->purpose[0] && !strcmp(decider->options->purpose, "inference");
    if (decider->snapshot->policy->carrier == AIF_CARRIER_QOS)
        out->qos = out->alloc->qos;
    read_usage(decider, usage_fn, usage_arg);
    if (!aif_decide_count(decider))
        return false;
    if (!units)
        return true;
    return read_cost(decider, units) && (!out->inference || check_inference(decider)) &&
           check_limit(decider);
}
