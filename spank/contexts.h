/*
 * contexts.h - what slurm-aif does in each of the programs that load it
 *
 * A function here is called from the SPANK callback it is named after, on the only thread that runs
 * callbacks.
 */
#ifndef AIF_SPANK_CONTEXTS_H
#define AIF_SPANK_CONTEXTS_H

#include <slurm/spank.h>

/* Names of the job environment, shared by the contexts. */
#define AIF_ENV_MODE "AIF_MODE"
#define AIF_ENV_ALLOCATION "AIF_ALLOCATION"
#define AIF_ENV_RESIDENCY "AIF_RESIDENCY"
#define AIF_ENV_ISLAND "AIF_ISLAND"
#define AIF_ENV_TOPOLOGY "AIF_TOPOLOGY"
#define AIF_ENV_NODE_ORDER "AIF_NODE_ORDER"
#define AIF_ENV_GPU_ORDER "AIF_GPU_ORDER"

/* sbatch and salloc, after the options were read: hand the request to slurmctld. */
extern int spank_aif_allocator_post_opt(spank_t spank);

/* srun, after the options were read: hand the request to slurmctld, or, in a step, say what has no
 * effect. */
extern int spank_aif_local_post_opt(spank_t spank);

/* slurmstepd, as the user, before the tasks start: put AIF_* into the job's environment. Always
 * succeeds. */
extern int spank_aif_remote_user_init(spank_t spank);

/* The same in each task, when Slurm has said which GPUs it has: AIF_GPU_ORDER. */
extern int spank_aif_remote_task_init(spank_t spank);

#endif
