/*
 * known.h - what is known of the use of allocations when their limits are planned: the ledger's
 * numbers and slurmctld's
 *
 * The ledger itself is read where this user may, and the file of balances that aif-reportd keeps.
 * Slurm's counters come from slurmctld in one request.
 */
#ifndef AIF_TOOL_KNOWN_H
#define AIF_TOOL_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "balances.h"
#include "snapshot.h"

struct aif_live;

struct aif_known {
    const struct aif_balances *told; /* the reporter's file; may be NULL */
    struct aif_balances *read;       /* from the ledger; may be NULL */
    struct aif_live *live;           /* NULL: slurmctld does not answer */
};

/*
 * need_live: fail where slurmctld does not answer. Otherwise that is said in a line, and its
 * counters are taken for 0: what the ledger knows is then all taken off the limits, which may be
 * too low but never too high. Returns AIF_EXIT_OK or an exit code after one line.
 */
int aif_known_load(const struct aif_snapshot *snapshot, bool need_live,
                   struct aif_known *ret_known);
void aif_known_free(struct aif_known *known);

/* The ledger's numbers of an allocation; NULL if there are none. */
const struct aif_balance *aif_known_balance(const struct aif_known *known,
                                            const struct aif_alloc *alloc);

/*
 * What slurmctld has counted for the allocation's QOS (free_qos: the second one), or for its
 * account where the policy's carrier is that; in seconds of its unit, 0 if it has none of it.
 */
uint64_t aif_known_counted(const struct aif_known *known, const struct aif_policy *policy,
                           const struct aif_alloc *alloc, bool free_qos);

#endif
