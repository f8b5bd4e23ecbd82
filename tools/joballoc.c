/* joballoc.c - see joballoc.h */
#include "config.h"

#include <strings.h>

#include "joballoc.h"

static const struct aif_alloc *noted(const struct aif_alloctable *allocs,
                                     const struct aif_admincomment *ours)
{
    return ours->alloc[0] ? aif_alloctable_by_id(allocs, ours->alloc) : NULL;
}

const struct aif_alloc *aif_joballoc_find(const struct aif_snapshot *snapshot, const char *qos,
                                          const char *account, const struct aif_admincomment *ours)
{
    const struct aif_alloc *alloc = NULL;

    if (snapshot->policy->carrier == AIF_CARRIER_QOS && qos && *qos)
        alloc = aif_alloctable_by_qos(snapshot->allocs, qos);
    if (!alloc)
        alloc = noted(snapshot->allocs, ours);
    if (!alloc && snapshot->policy->carrier == AIF_CARRIER_ASSOCIATION && account && *account)
        alloc = aif_alloctable_by_account(snapshot->allocs, account);
    return alloc;
}

bool aif_joballoc_is_free(const struct aif_alloc *alloc, const char *qos)
{
    return alloc && alloc->free_qos && qos && !strcasecmp(alloc->free_qos, qos);
}
