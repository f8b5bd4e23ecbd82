/*
 * siblings.h - which clusters of a Slurm federation a job with a residency tag may go to
 *
 * Pure; any thread.
 */
#ifndef AIF_SIBLINGS_H
#define AIF_SIBLINGS_H

#include <stddef.h>

#include "policy.h"
#include "restag.h"

#define AIF_SIBLINGS_TEXT_MAX 4096 /* 63 clusters, the most of a federation, with their names of 40 characters */

/*
 * Of the clusters in names (NULL-terminated) those that the job asks for and that the tag allows, joined by commas.
 * asked is what --clusters takes: NULL, "" and "all" mean any. The policy's own cluster is always allowed: there the
 * nodes tell. Any other must stand in the policy's residency.clusters with a country of the tag; its zones nobody here
 * knows, so a tag that names one allows none. Returns their number, -1 where size does not suffice.
 */
int aif_siblings_allowed(const struct aif_policy *policy, const struct aif_restag *tag,
                         const char *const *names, const char *asked, char *ret_text, size_t size);

#endif
