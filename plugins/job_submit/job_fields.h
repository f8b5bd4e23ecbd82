/*
 * job_fields.h - a queued job together with the changes asked for, in the form of a submission
 */
#ifndef AIF_JOB_FIELDS_H
#define AIF_JOB_FIELDS_H

#include "slurmctld.h"

/*
 * Fill *ret_merged with the fields that a decision reads: those of the update where given, else the job's. Strings
 * stay with their owners; aif_job_fields_clear() frees only the struct's own memory.
 */
extern void aif_job_fields_merge(const job_desc_msg_t *update, job_record_t *job_ptr,
				 job_desc_msg_t *ret_merged);
extern void aif_job_fields_clear(job_desc_msg_t *merged);

/* Array tasks that the record stands for; 1 for a plain job. */
extern uint32_t aif_job_fields_tasks(const job_record_t *job_ptr);

/* GPUs that the job (one task of it) asks for. */
extern uint64_t aif_job_fields_gpus(const job_record_t *job_ptr);

#endif
