/*
 * federation.h - the clusters of the federation that this one is in
 */
#ifndef AIF_COMPAT_FEDERATION_H
#define AIF_COMPAT_FEDERATION_H

#include <stddef.h>

#define AIF_COMPAT_FEDERATION_MAX 64 /* Slurm has a bit for each, and counts from 1 */

/*
 * Their names, this one's among them, NULL after the last; they are slurmctld's. Returns how many there are, 0 outside
 * of a federation. Needs the federation read lock as long as the names are used, which the job_submit hooks have.
 */
extern size_t aif_compat_federation(const char *ret_names[AIF_COMPAT_FEDERATION_MAX + 1]);

#endif
