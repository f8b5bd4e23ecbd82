/* standing.c - see standing.h */
#include "config.h"

#include <string.h>

#include "balances.h"
#include "standing.h"

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t minus(uint64_t limit, uint64_t taken)
{
    return limit > taken ? limit - taken : 0;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Pacing by calendar months needs to know how the use is spread over them. */
static bool needs_months(enum aif_pacing_kind kind)
{
    return kind == AIF_PACING_MONTHLY || kind == AIF_PACING_CREDIT || kind == AIF_PACING_LINEAR ||
           kind == AIF_PACING_CUT;
}

static void set_pace(const struct aif_balance *balance, const struct aif_alloc *alloc, time_t now,
                     struct aif_standing *s)
{
    uint64_t months[AIF_PACE_MONTHS_MAX];
    struct aif_pace_use use = {.used_secs = s->used};

    if (balance)
        aif_balance_use(balance, alloc, s->used, months, now, &use);
    aif_pace(alloc, &use, now, &s->pace);
}

static void set_inference(const struct aif_balance *balance, const struct aif_alloc *alloc,
                          const struct aif_usage *usage, struct aif_standing *s)
{
    s->has_inference = alloc->mode->has_inference_share;
    if (!s->has_inference)
        return;
    s->inference_limit =
        (uint64_t)((unsigned __int128)alloc->amount_secs * alloc->mode->inference_percent / 100);
    s->inference_used = plus(usage->inference_secs, balance ? balance->inference_secs : 0);
}

void aif_standing_make(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc,
                       const struct aif_usage *usage, time_t now, struct aif_standing *ret_standing)
{
    const struct aif_balance *balance = aif_balances_find(snapshot->balances, alloc->id);
    struct aif_standing *s = ret_standing;
    uint64_t taken;

    memset(s, 0, sizeof(*s));
    s->known = usage->known;
    s->used = larger(usage->used_secs, balance ? balance->used_secs : 0);
    s->reserved = usage->reserved_secs;
    s->pending = snapshot->policy->count_pending ? usage->pending_secs : 0;
    s->months_known = snapshot->balances || !needs_months(alloc->pacing.kind);
    set_pace(balance, alloc, now, s);
    taken = plus(s->used, s->reserved);
    s->left = minus(alloc->amount_secs, taken);
    s->left_now = minus(s->pace.limit_secs, plus(taken, s->pending));
    s->free_used = larger(usage->free_used_secs, balance ? balance->free_secs : 0);
    s->free_reserved = usage->free_reserved_secs;
    set_inference(balance, alloc, usage, s);
}
