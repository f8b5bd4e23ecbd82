/* ledgerbalance.c - see ledgerbalance.h */
#include "ledgerbalance.h"

#include <string.h>

#define PURPOSE_INFERENCE "inference"

struct sum {
    const struct aif_alloctable *allocs;
    struct aif_balances *balances; /* in TRES-seconds until all is added */
    int64_t now;
};

/* First second of the month of t. */
static int64_t this_month(int64_t t)
{
    time_t when = (time_t)t;
    struct tm tm;

    if (!localtime_r(&when, &tm))
        return t;
    tm = (struct tm){.tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = 1, .tm_isdst = -1};
    return (int64_t)mktime(&tm);
}

/* First second of the month after t; a minute on where that cannot be told, so that a loop over months ends. */
static int64_t next_month(int64_t t)
{
    time_t when = (time_t)t, next;
    struct tm tm;

    if (!localtime_r(&when, &tm))
        return t + 60;
    tm = (struct tm){.tm_year = tm.tm_year, .tm_mon = tm.tm_mon + 1, .tm_mday = 1, .tm_isdst = -1};
    next = mktime(&tm);
    return next > when ? (int64_t)next : t + 60;
}

static unsigned kind_of(const struct aif_record *record, const struct aif_alloc *alloc)
{
    unsigned what = 0;

    if (!strcmp(record->purpose, PURPOSE_INFERENCE))
        what |= AIF_BALANCES_INFERENCE;
    if (aif_ledger_free(record, alloc))
        what |= AIF_BALANCES_FREE;
    return what;
}

static int64_t end_of(const struct sum *sum, const struct aif_record *record)
{
    return record->end ? record->end : sum->now;
}

/* Add what the job used until last, its end or the first second of a month. */
static int add_record(struct sum *sum, const struct aif_record *record, int64_t last, struct aif_error *err)
{
    const struct aif_alloc *alloc = aif_alloctable_by_id(sum->allocs, record->allocation);
    int64_t from = record->start;

    if (!alloc || !record->start)
        return 0;
    while (from < last) {
        int64_t until = next_month(from);
        uint64_t secs = aif_record_tres_secs_between(record, alloc->charge.tres, from, until, sum->now);

        if (secs && aif_balances_add(sum->balances, alloc->id, (time_t)from, secs, kind_of(record, alloc), err))
            return -1;
        from = until;
    }
    return 0;
}

static int add_event(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct aif_record record;

    if (aif_record_parse(event->body, &record, err))
        return -1;
    return add_record(data, &record, end_of(data, &record), err);
}

static int add_all(struct sum *sum, struct aif_ledger *ledger, const struct aif_record *running, size_t count,
                   struct aif_error *err)
{
    const int64_t month = this_month(sum->now);

    if (aif_ledger_iterate_latest(ledger, add_event, sum, err))
        return -1;
    for (size_t i = 0; i < count; i++) {
        const int64_t end = end_of(sum, &running[i]);

        if (add_record(sum, &running[i], end < month ? end : month, err))
            return -1;
    }
    aif_balances_charge(sum->balances, sum->allocs);
    return 0;
}

int aif_ledgerbalance_read_with(struct aif_ledger *ledger, const struct aif_alloctable *allocs,
                                const struct aif_record *running, size_t count, time_t now,
                                struct aif_balances **ret_balances, struct aif_error *err)
{
    struct sum sum = {.allocs = allocs, .balances = aif_balances_create(now), .now = (int64_t)now};

    if (!sum.balances)
        return aif_error_set(err, AIF_ENOMEM, "balances: out of memory");
    if (add_all(&sum, ledger, running, count, err)) {
        aif_balances_destroy(sum.balances);
        return -1;
    }
    *ret_balances = sum.balances;
    return 0;
}

int aif_ledgerbalance_read(struct aif_ledger *ledger, const struct aif_alloctable *allocs, time_t now,
                           struct aif_balances **ret_balances, struct aif_error *err)
{
    return aif_ledgerbalance_read_with(ledger, allocs, NULL, 0, now, ret_balances, err);
}
