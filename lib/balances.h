/*
 * balances.h - what each allocation has used according to the ledger: the file that aif-reportd keeps for slurmctld
 *
 * Slurm's own counters live in StateSaveLocation only and can be lost; and they know no months. The ledger (lib/ledger.h)
 * knows both, later. So the greater of both numbers is the truth about the total, and the months come from here.
 * Immutable once loaded or built.
 *
 *     {"version":1,"at":"2026-11-21T09:00:00Z","allocations":[
 *       {"id":"EHPC-…","used":18000,"inference":0,"free":0,"first_month":"2026-09","months":[3600,14400]}]}
 *
 * Numbers are seconds of the allocation's unit; the last month may be the current one. Use above 100 % on the free QOS
 * stands apart: it never counts against the amount, so it is in neither "used" nor the months,
 * whose sum is "used".
 */
#ifndef AIF_BALANCES_H
#define AIF_BALANCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "alloc.h"
#include "error.h"
#include "pace.h"

struct aif_balance {
    char id[64];
    uint64_t used_secs;      /* by ended jobs, and by running ones in months that are over; without free_secs */
    uint64_t inference_secs; /* what inference jobs used, wherever they ran; of ended jobs only */
    uint64_t free_secs;      /* used on the free QOS (pacing "ceiling") */
    int first_month;         /* year * 12 + month (0..11) of by_month[0] */
    uint64_t *by_month;      /* calendar months of the machine's time zone */
    size_t months;
};

struct aif_balances;

/* An empty set as of a moment; NULL when memory is out. */
struct aif_balances *aif_balances_create(time_t at);
void aif_balances_destroy(struct aif_balances *balances);

/*
 * Add to one allocation's numbers in the month of when (making it first); for those who build a set. what: bits. The
 * order of the additions makes no difference. Sums stop at 10^18 (there the months depend on the order); months outside
 * of the years 2000 to 2199 count as the nearest.
 */
#define AIF_BALANCES_INFERENCE 1u
#define AIF_BALANCES_FREE 2u /* ran on the free QOS */
int aif_balances_add(struct aif_balances *balances, const char *id, time_t when, uint64_t secs, unsigned what,
                     struct aif_error *err);

/*
 * Turn a set that was built of TRES-seconds into seconds of each allocation's unit, rounded once per allocation. Ids
 * that allocs does not know stay as they are.
 */
void aif_balances_charge(struct aif_balances *balances, const struct aif_alloctable *allocs);

/* Whether both say the same of the same allocations, as of whatever moment. */
bool aif_balances_same(const struct aif_balances *a, const struct aif_balances *b);

/* Read the file. A missing file: -1 with err->code AIF_ENOENT. */
int aif_balances_load(const char *path, struct aif_balances **ret_balances, struct aif_error *err);
int aif_balances_parse(const char *text, size_t length, const char *name, struct aif_balances **ret_balances,
                       struct aif_error *err);

/* Replace the file atomically ("<path>.new", fsync, rename); mode 0666 less umask. One writer at a time. */
int aif_balances_save(const struct aif_balances *balances, const char *path, struct aif_error *err);

time_t aif_balances_at(const struct aif_balances *balances);
size_t aif_balances_count(const struct aif_balances *balances);

/* O(1); NULL if there is none (or balances is NULL). */
const struct aif_balance *aif_balances_find(const struct aif_balances *balances, const char *id);

/*
 * What pace.h wants to know of an allocation: live_secs is what Slurm counts (0 if not known); the greater of both
 * totals is taken. ret_use points into balance, and into months (room for AIF_PACE_MONTHS_MAX) where months must be
 * shifted to the allocation's start.
 */
void aif_balance_use(const struct aif_balance *balance, const struct aif_alloc *alloc, uint64_t live_secs,
                     uint64_t months[AIF_PACE_MONTHS_MAX], time_t now, struct aif_pace_use *ret_use);

#endif
