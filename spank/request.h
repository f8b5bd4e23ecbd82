/*
 * request.h - how a new job's request leaves sbatch, salloc or srun
 */
#ifndef AIF_SPANK_REQUEST_H
#define AIF_SPANK_REQUEST_H

#include <slurm/spank.h>

#include "options.h"

/* How AIF_REQUEST is called in the job's own environment. It survives --export=NONE, as all of
 * SLURM_* does. */
#define SPANK_AIF_REQUEST_VARIABLE "SLURM_SPANK_" AIF_OPTIONS_ENV

/* "1": tell what is left of the allocation even if the job is accepted. */
#define SPANK_AIF_EXPLAIN_VARIABLE "AIF_EXPLAIN"

/*
 * Write what was asked into the job's SPANK environment as AIF_REQUEST, where job_submit/aif reads
 * it, and into the job's environment, where slurmstepd finds it. AIF_* of a surrounding job is
 * taken out of the process, so that the new job does not inherit what is not its own. Ends the
 * process with a line if that fails: see request.c.
 */
extern int spank_aif_request_send(spank_t spank);

#endif
