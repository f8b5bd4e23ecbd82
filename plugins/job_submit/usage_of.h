/*
 * usage_of.h - how much of an allocation is used, from the association manager
 */
#ifndef AIF_USAGE_OF_H
#define AIF_USAGE_OF_H

#include "decide.h"

/* What aif_usage_of() needs and finds. */
struct aif_usage_query {
	const char *gpu_tres; /* policy: TRES that counts GPU-hours, e.g. "gres/gpu" */
	bool qos_missing;     /* set when slurmdbd has no QOS of the allocation's name */
};

/*
 * An aif_usage_fn, arg is a struct aif_usage_query. Takes association manager read locks (QOS, TRES). Usage counts
 * as not known when Slurm does not track the TRES or does not enforce limits (then it keeps no such usage).
 */
extern void aif_usage_of(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage);

#endif
