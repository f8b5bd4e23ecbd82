/*
 * pmixjob.h - what a job is, for programs that ask PMIx: aif.mode, aif.allocation, aif.residency, aif.island
 *
 * They are found with PMIx_Get(), rank PMIX_RANK_WILDCARD of the own namespace, as strings. Only where slurmstepd runs the PMIx
 * server (srun --mpi=pmix); the environment says the same everywhere.
 */
#ifndef AIF_SPANK_PMIXJOB_H
#define AIF_SPANK_PMIXJOB_H

#include <slurm/spank.h>

/*
 * Take note of the process that will run the PMIx server; from init_post_opt. Slurm may run later callbacks in a process of their
 * own (in a job's namespaces, 23.11 and later), where libpmix is loaded but its thread is missing.
 */
extern void spank_aif_pmixjob_begin(void);

/*
 * Give AIF_* as they are in the step's environment to the PMIx server; from user_init, which comes after mpi/pmix has started it
 * and before tasks are forked. Does nothing without a server, and fails no job.
 */
extern void spank_aif_pmixjob_publish(spank_t spank);

#endif
