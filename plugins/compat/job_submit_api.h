/*
 * job_submit_api.h - the hooks of a job_submit plugin, which gained an argument in 23.02
 */
#ifndef AIF_COMPAT_JOB_SUBMIT_API_H
#define AIF_COMPAT_JOB_SUBMIT_API_H

#include "slurmctld.h"

/*
 * Defines job_modify() by a function that always has err_msg. In 22.05 it is NULL: there is no way to send a sentence
 * to the user, only the code, so the caller logs it.
 */
#if AIF_SLURM_AT_LEAST(23, 2)
#define AIF_DEFINE_JOB_MODIFY(function)                                                          \
	extern AIF_EXPORT int job_modify(job_desc_msg_t *job_desc, job_record_t *job_ptr,        \
					 uint32_t submit_uid, char **err_msg)                    \
	{                                                                                        \
		return function(job_desc, job_ptr, submit_uid, err_msg);                         \
	}
#else
#define AIF_DEFINE_JOB_MODIFY(function)                                                          \
	extern AIF_EXPORT int job_modify(job_desc_msg_t *job_desc, job_record_t *job_ptr,        \
					 uint32_t submit_uid)                                    \
	{                                                                                        \
		return function(job_desc, job_ptr, submit_uid, NULL);                            \
	}
#endif

#endif
