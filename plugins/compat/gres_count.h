/*
 * gres_count.h - how many GPUs a submission asks for, counted by the controller's own parser
 */
#ifndef AIF_COMPAT_GRES_COUNT_H
#define AIF_COMPAT_GRES_COUNT_H

#include "slurmctld.h"

/*
 * GPUs of one array task, all nodes together, and the number of nodes as the parser corrected it (NO_VAL stays
 * NO_VAL). Nothing in job_desc is changed. Returns false when Slurm does not understand the request; it will then
 * refuse the job itself. Takes the GRES context lock inside; call without it.
 */
extern bool aif_gres_count(const job_desc_msg_t *job_desc, uint64_t *ret_gpus, uint32_t *ret_nodes);

/* GPUs in the list of a job that exists already (job_ptr->gres_list_req). NULL: none. */
extern uint64_t aif_gres_count_list(list_t *gres_list);

#endif
