/* balances.c - sets of balances: building, finding, and what pacing wants to know; see balances.h */
#include "balances.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balances_private.h"
#include "charge.h"
#include "names.h"

struct aif_balances *aif_balances_create(time_t at)
{
    struct aif_balances *balances = calloc(1, sizeof(*balances));

    if (balances)
        balances->at = at;
    return balances;
}

void aif_balances_destroy(struct aif_balances *balances)
{
    if (!balances)
        return;
    for (size_t i = 0; i < balances->count; i++)
        free(balances->list[i].by_month);
    free(balances->list);
    aif_nametable_destroy(balances->by_id);
    free(balances);
}

time_t aif_balances_at(const struct aif_balances *balances)
{
    return balances->at;
}

size_t aif_balances_count(const struct aif_balances *balances)
{
    return balances->count;
}

const struct aif_balance *aif_balances_find(const struct aif_balances *balances, const char *id)
{
    return balances && balances->by_id ? aif_nametable_get(balances->by_id, id) : NULL;
}

static int fail_memory(struct aif_error *err)
{
    return aif_error_set(err, AIF_ENOMEM, "balances: out of memory");
}

/* ---- building ---- */

int aif_balances_reserve(struct aif_balances *balances, size_t count, struct aif_error *err)
{
    size_t room = balances->count + count;
    struct aif_nametable *by_id = aif_nametable_create(room);
    struct aif_balance *list = reallocarray(balances->list, room ? room : 1, sizeof(*list));

    if (list)
        balances->list = list;
    if (!list || !by_id) {
        aif_nametable_destroy(by_id);
        return fail_memory(err);
    }
    aif_nametable_destroy(balances->by_id);
    balances->by_id = by_id;
    balances->room = room;
    for (size_t i = 0; i < balances->count; i++) /* the table holds addresses within the list */
        aif_nametable_add(by_id, list[i].id, &list[i]);
    return 0;
}

static int month_of(time_t when)
{
    struct tm tm;
    int month;

    if (!localtime_r(&when, &tm))
        return BALANCES_MONTH_FIRST;
    month = (tm.tm_year + 1900) * 12 + tm.tm_mon;
    if (month < BALANCES_MONTH_FIRST)
        return BALANCES_MONTH_FIRST;
    return month > BALANCES_MONTH_LAST ? BALANCES_MONTH_LAST : month;
}

/* The entry of that id, made if it is not there; NULL on failure. */
static struct aif_balance *entry_of(struct aif_balances *balances, const char *id, int month,
                                    struct aif_error *err)
{
    struct aif_balance *entry = balances->by_id ? aif_nametable_get(balances->by_id, id) : NULL;

    if (entry)
        return entry;
    if (!aif_names_slurm(id) || strlen(id) >= sizeof(entry->id)) {
        aif_error_set(err, AIF_EINVAL, "balances: \"%.64s\" is no id of an allocation", id);
        return NULL;
    }
    if (balances->count == balances->room &&
        aif_balances_reserve(balances, balances->count + 64, err))
        return NULL;
    entry = &balances->list[balances->count++];
    *entry = (struct aif_balance){.first_month = month};
    memcpy(entry->id, id, strlen(id) + 1);
    aif_nametable_add(balances->by_id, entry->id, entry);
    return entry;
}

/* Make the entry's months reach from first to last; new ones are 0. */
static int span_months(struct aif_balance *entry, int first, int last, struct aif_error *err)
{
    size_t months = (size_t)(last - first + 1);
    uint64_t *by_month = calloc(months, sizeof(*by_month));

    if (!by_month)
        return fail_memory(err);
    for (size_t i = 0; i < entry->months; i++)
        by_month[(size_t)(entry->first_month - first) + i] = entry->by_month[i];
    free(entry->by_month);
    entry->by_month = by_month;
    entry->first_month = first;
    entry->months = months;
    return 0;
}

static int include_month(struct aif_balance *entry, int month, struct aif_error *err)
{
    int last = entry->first_month + (int)entry->months - 1;

    if (month >= entry->first_month && month <= last)
        return 0;
    return span_months(entry, month < entry->first_month ? month : entry->first_month,
                       month > last ? month : last, err);
}

static void add_capped(uint64_t *sum, uint64_t secs)
{
    *sum = secs > BALANCES_SECS_MAX - *sum ? BALANCES_SECS_MAX : *sum + secs;
}

int aif_balances_add(struct aif_balances *balances, const char *id, time_t when, uint64_t secs,
                     unsigned what, struct aif_error *err)
{
    int month = month_of(when);
    struct aif_balance *entry = entry_of(balances, id, month, err);

    if (!entry || include_month(entry, month, err))
        return -1;
    if (what & AIF_BALANCES_INFERENCE)
        add_capped(&entry->inference_secs, secs);
    if (what & AIF_BALANCES_FREE) {
        add_capped(&entry->free_secs, secs);
        return 0;
    }
    /* So the sum of the months stays what was used, also at the cap. */
    if (secs > BALANCES_SECS_MAX - entry->used_secs)
        secs = BALANCES_SECS_MAX - entry->used_secs;
    entry->used_secs += secs;
    entry->by_month[month - entry->first_month] += secs;
    return 0;
}

static uint64_t cost_of(const struct aif_charge *charge, uint64_t secs)
{
    uint64_t cost = aif_charge_cost(charge, secs);

    return cost > BALANCES_SECS_MAX ? BALANCES_SECS_MAX : cost;
}

/* Each month as a difference of running totals, so that rounding happens once and the months add up. */
static void charge_entry(struct aif_balance *entry, const struct aif_charge *charge)
{
    uint64_t counted = 0, cost = 0;

    for (size_t i = 0; i < entry->months; i++) {
        uint64_t before = cost;

        counted += entry->by_month[i];
        cost = cost_of(charge, counted);
        entry->by_month[i] = cost - before;
    }
    entry->used_secs = cost;
    entry->inference_secs = cost_of(charge, entry->inference_secs);
    entry->free_secs = cost_of(charge, entry->free_secs);
}

void aif_balances_charge(struct aif_balances *balances, const struct aif_alloctable *allocs)
{
    for (size_t i = 0; i < balances->count; i++) {
        const struct aif_alloc *alloc = aif_alloctable_by_id(allocs, balances->list[i].id);

        if (alloc)
            charge_entry(&balances->list[i], &alloc->charge);
    }
}

/* ---- comparing ---- */

static bool same_balance(const struct aif_balance *a, const struct aif_balance *b)
{
    return a->used_secs == b->used_secs && a->inference_secs == b->inference_secs &&
           a->free_secs == b->free_secs && a->first_month == b->first_month &&
           a->months == b->months && (!a->months || !memcmp(a->by_month, b->by_month, a->months * sizeof(*a->by_month)));
}

bool aif_balances_same(const struct aif_balances *a, const struct aif_balances *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct aif_balance *other = aif_balances_find(b, a->list[i].id);

        if (!other || !same_balance(&a->list[i], other))
            return false;
    }
    return true;
}

/* ---- for pacing ---- */

/* Use of before the start can only be somebody's mistake; it counts in the first month, not in the current one. */
static void shift_months(const struct aif_balance *balance, int start, uint64_t *months, size_t count)
{
    memset(months, 0, count * sizeof(*months));
    for (size_t i = 0; i < balance->months; i++) {
        int index = balance->first_month + (int)i - start;

        if (index < 0)
            index = 0;
        if ((size_t)index < count)
            add_capped(&months[index], balance->by_month[i]);
    }
}

void aif_balance_use(const struct aif_balance *balance, const struct aif_alloc *alloc,
                     uint64_t live_secs, uint64_t months[AIF_PACE_MONTHS_MAX], time_t now,
                     struct aif_pace_use *ret_use)
{
    int start, current;

    *ret_use = (struct aif_pace_use){.used_secs = live_secs};
    if (!balance)
        return;
    if (balance->used_secs > live_secs)
        ret_use->used_secs = balance->used_secs;
    start = month_of(alloc->start);
    current = month_of(now);
    ret_use->by_month = months;
    if (current <= start)
        return;
    ret_use->months = (size_t)(current - start);
    if (ret_use->months > AIF_PACE_MONTHS_MAX)
        ret_use->months = AIF_PACE_MONTHS_MAX;
    if (balance->first_month != start) {
        shift_months(balance, start, months, ret_use->months);
        return;
    }
    if (ret_use->months > balance->months)
        ret_use->months = balance->months;
    ret_use->by_month = balance->by_month;
}
