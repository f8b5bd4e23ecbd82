/*
 * ledgerbalance.h - what each allocation has used, added up from the ledger
 *
 * The same whatever order the events came in; of a corrected row the latest event counts. Only allocations of the table
 * count, each by its own unit rule (struct aif_charge); months are calendar months of the machine's time zone, as a
 * job's hours fall into them. Memory depends on the number of allocations only, not of jobs.
 */
#ifndef AIF_LEDGERBALANCE_H
#define AIF_LEDGERBALANCE_H

#include <stddef.h>
#include <time.h>

#include "alloc.h"
#include "balances.h"
#include "ledger.h"

/* The balances as of now, from ended jobs. The caller owns them. */
int aif_ledgerbalance_read(struct aif_ledger *ledger, const struct aif_alloctable *allocs, time_t now,
                           struct aif_balances **ret_balances, struct aif_error *err);

/*
 * The same with jobs that the ledger cannot have yet, because they still run (end 0). Only what they used in months that
 * are over counts, so that it counts in its month: what they use now, Slurm still has among what is reserved, and would
 * be counted twice.
 */
int aif_ledgerbalance_read_with(struct aif_ledger *ledger, const struct aif_alloctable *allocs,
                                const struct aif_record *running, size_t count, time_t now,
                                struct aif_balances **ret_balances, struct aif_error *err);

#endif
