/*
 * nodeplace.h - where a node is, by the locations of policy.json, as the node itself works it out
 *
 * The same rules as in slurmctld (plugins/select/residency_mask.h): the locations that name the node or one of its
 * features, else the site's home country; unknown means no. Pure.
 */
#ifndef AIF_NODEPLACE_H
#define AIF_NODEPLACE_H

#include <stdbool.h>

#include "policy.h"
#include "restag.h"

/* How to look at a node. */
struct aif_nodeplace {
    const char *features; /* separated by commas; NULL: they are not known */
    bool (*is_named)(void *arg, const char *hosts); /* whether the node is in a Slurm host list */
    void *arg;
};

/* Whether the node's features have to be known to tell where it is. */
bool aif_nodeplace_needs_features(const struct aif_policy *policy);

/*
 * Whether a job with this tag may run on the node. ret_where says where it is, for people: "FI", "FI and SE", "FI in zone spe",
 * "?"; it is cut at size, which is at least 8.
 */
bool aif_nodeplace_allows(const struct aif_policy *policy, const struct aif_nodeplace *node,
                          const struct aif_restag *tag, char *ret_where, size_t size);

#endif
