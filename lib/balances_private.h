/* balances_private.h - the inside of a set of balances; for balances*.c only */
#ifndef AIF_BALANCES_PRIVATE_H
#define AIF_BALANCES_PRIVATE_H

#include "balances.h"
#include "nametable.h"

/* Months of the years 2000 to 2199, the ones that aif_timetext_date() knows. */
#define BALANCES_MONTH_FIRST (2000 * 12)
#define BALANCES_MONTH_LAST (2199 * 12 + 11)
#define BALANCES_MONTHS (BALANCES_MONTH_LAST - BALANCES_MONTH_FIRST + 1)

/* More than any allocation can use, and sums of many still fit into 64 bits. */
#define BALANCES_SECS_MAX 1000000000000000000LL

struct aif_balances {
    time_t at;
    struct aif_balance *list;
    size_t count;
    size_t room; /* of list and by_id */
    struct aif_nametable *by_id;
};

/* Room for count more; what aif_balances_find() gave before is no longer valid. */
int aif_balances_reserve(struct aif_balances *balances, size_t count, struct aif_error *err);

#endif
