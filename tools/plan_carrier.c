/* plan_carrier.c - limits on the associations of accounts, for sites whose QOS mean something else (carrier "association") */
#include "config.h"

#include <string.h>

#include "common.h"
#include "planning.h"

void aif_planning_account_limits(const struct aif_planning *p, const struct aif_alloc *alloc, struct aif_limits *want)
{
    uint64_t counted = aif_known_counted(p->known, p->snapshot->policy, alloc, false);
    struct aif_mirror mirror;

    aif_mirror_make(p->snapshot->policy, alloc, aif_known_balance(p->known, alloc), counted, p->now, false, &mirror);
    aif_limits_from_mirror(want, &mirror, alloc->charge.tres);
    aif_planning_trim(p, want);
}

static bool is_orphan(const struct aif_planning *p, const struct aif_dbd_assoc *assoc)
{
    const struct aif_dbd_name *account;

    if (assoc->user[0] || !strcmp(assoc->account, p->snapshot->policy->parent_account) ||
        aif_alloctable_by_account(p->snapshot->allocs, assoc->account))
        return false;
    account = aif_dbd_find_account(p->dbd, assoc->account);
    return account && account->ours;
}

void aif_planning_account_orphans(struct aif_planning *p)
{
    for (size_t i = 0; i < p->dbd->assoc_count; i++) {
        const struct aif_dbd_assoc *assoc = &p->dbd->assocs[i];
        struct aif_change *change;
        struct aif_limits want;

        if (!is_orphan(p, assoc))
            continue;
        want = *assoc->limits;
        want.value[AIF_LIMIT_JOBS] = 0;
        want.value[AIF_LIMIT_SUBMITS] = 0;
        if (!memcmp(&want, assoc->limits, sizeof(want)))
            continue;
        change = aif_planning_add(p, AIF_CHANGE_CLOSE, AIF_OBJECT_ASSOC, "");
        change->account = aif_tool_strdup(assoc->account);
        aif_planning_diff(change, assoc->limits, &want);
    }
}
