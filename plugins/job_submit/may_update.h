/*
 * may_update.h - is somebody who is no operator allowed to change a job at all
 *
 * Up to 23.11 slurmctld asks job_submit plugins before it asks that, so a hook that writes to the job's record has to
 * look for itself.
 */
#ifndef AIF_MAY_UPDATE_H
#define AIF_MAY_UPDATE_H

#include "slurmctld.h"

/*
 * Slurm's own rule: the job's owner, and coordinators of its account (and of the new one, if it changes). Takes the
 * association manager's user read lock.
 */
extern bool aif_may_update(const job_desc_msg_t *update, const job_record_t *job_ptr, uint32_t uid);

#endif
