/*
 * request.h - how a new job's request leaves sbatch, salloc or srun
 */
#ifndef AIF_SPANK_REQUEST_H
#define AIF_SPANK_REQUEST_H

#include <slurm/spank.h>

/*
 * Write what was asked into the job's SPANK environment as AIF_REQUEST, where job_submit/aif reads it, and take
 * AIF_* of a surrounding job out of the process, so that the new job does not inherit what is not its own.
 */
extern int spank_aif_request_send(spank_t spank);

#endif
