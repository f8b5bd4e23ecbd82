/*
 * options_of.h - what a submission asks of us, wherever the client could put it
 */
#ifndef AIF_OPTIONS_OF_H
#define AIF_OPTIONS_OF_H

#include "slurmctld.h"

#include "options.h"

/*
 * Options of a submission: AIF_REQUEST in its SPANK environment (sbatch, salloc, srun) and an "aif:" word in its comment
 * (REST, portals, scrontab); of a key in both, that of the environment. -1 with a message of libaif when they are malformed.
 */
extern int aif_options_of(const job_desc_msg_t *job_desc, struct aif_options *ret_options,
			  struct aif_error *err);

#endif
