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

/*
 * The parsed request itself, for FREE_NULL_LIST (NULL: no GRES), and the number of nodes as above. False as above,
 * then nothing is written.
 */
extern bool aif_gres_list(const job_desc_msg_t *job_desc, list_t **ret_list, uint32_t *ret_nodes);

/* Add each GRES of a list to an array of all TRES. Association manager TRES read lock. */
extern void aif_gres_tres(list_t *gres_list, uint64_t *tres);

/* Memory (MB) that a list asks per GRES (--mem-per-gpu); 0: none. */
extern uint64_t aif_gres_memory(list_t *gres_list);

#endif
