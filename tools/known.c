/* known.c - see known.h */
#include "config.h"

#include <string.h>
#include <time.h>

#include "common.h"
#include "known.h"
#include "ledgerbalance.h"
#include "live.h"
#include "slurmconn.h"

/* ---- slurmctld ---- */

static int load_live(const struct aif_policy *policy, bool need_live, struct aif_live **ret_live)
{
    int code = aif_live_try(policy->carrier == AIF_CARRIER_ASSOCIATION ? "" : NULL, ret_live);

    if (!code)
        return AIF_EXIT_OK;
    *ret_live = NULL;
    if (need_live)
        return aif_slurmctld_failed("read the usage", code);
    aif_tool_fail(0, "slurmctld does not answer, so what it has counted is not known: all use that "
                     "the ledger knows is taken off the limits, which may be too low then; run it "
                     "again when slurmctld answers");
    return AIF_EXIT_OK;
}

uint64_t aif_known_counted(const struct aif_known *known, const struct aif_policy *policy,
                           const struct aif_alloc *alloc, bool free_qos)
{
    struct aif_usage usage;

    if (!known->live)
        return 0;
    aif_live_usage(known->live, policy, alloc, &usage);
    return free_qos ? usage.free_used_secs : usage.used_secs;
}

/* ---- the ledger ---- */

/* Who may not read the ledger itself, or has none here, is left with the file of balances. */
static struct aif_balances *read_ledger(const struct aif_snapshot *snapshot)
{
    struct aif_balances *balances = NULL;
    struct aif_ledger *ledger = NULL;
    struct aif_error err = {0};

    if (!snapshot->policy->report.ledger ||
        aif_ledger_open(snapshot->policy->report.ledger, AIF_LEDGER_READ, &ledger, &err) < 0)
        return NULL;
    if (aif_ledgerbalance_read(ledger, snapshot->allocs, time(NULL), &balances, &err) < 0)
        balances = NULL;
    aif_ledger_close(ledger);
    return balances;
}

/* The ledger may be newer, and the file has what was used by jobs that still run: the greater
 * number is nearer to the truth. */
const struct aif_balance *aif_known_balance(const struct aif_known *known,
                                            const struct aif_alloc *alloc)
{
    const struct aif_balance *told = aif_balances_find(known->told, alloc->id);
    const struct aif_balance *read = aif_balances_find(known->read, alloc->id);

    if (!told || !read)
        return told ? told : read;
    return read->used_secs + read->free_secs >= told->used_secs + told->free_secs ? read : told;
}

/* ---- all of it ---- */

int aif_known_load(const struct aif_snapshot *snapshot, bool need_live, struct aif_known *ret_known)
{
    struct aif_known known = {.told = snapshot->balances};
    int rc = load_live(snapshot->policy, need_live, &known.live);

    if (rc != AIF_EXIT_OK)
        return rc;
    known.read = read_ledger(snapshot);
    *ret_known = known;
    return AIF_EXIT_OK;
}

void aif_known_free(struct aif_known *known)
{
    aif_balances_destroy(known->read);
    aif_live_free(known->live);
    memset(known, 0, sizeof(*known));
}
