/*
 * select_job.h - what the select wrapper asks of a job's record
 */
#ifndef AIF_COMPAT_SELECT_JOB_H
#define AIF_COMPAT_SELECT_JOB_H

#include "select_api.h"

/* The GPUs a job asks for. All 0: none. */
struct aif_job_gpus {
	uint64_t per_node;
	uint64_t per_job; /* total, as asked with --gpus or per task */
	bool other; /* also asks other generic resources, per socket, or several types: not ours to
		       place */
};

extern void aif_compat_job_gpus(const job_record_t *job_ptr, struct aif_job_gpus *ret_gpus);

/* True if the job needs whole nodes (--exclusive and its kin, or its partition says so). */
extern bool aif_compat_job_is_exclusive(const job_record_t *job_ptr);

/*
 * True if the user or an admin already said where the job shall run, or Slurm is in the middle of
 * working that out: named nodes, contiguous, --switches, --spread-job, arbitrary distribution,
 * lists of sizes, segments, features with counts, specialized cores, a component of a het job, a
 * job that expands another.
 */
extern bool aif_compat_job_is_bound(const job_record_t *job_ptr);

/* The job that job_ptr was submitted to expand (--dependency=expand:ID); NULL if none. Needs the job lock. */
extern job_record_t *aif_compat_job_expanded(const job_record_t *job_ptr);

/* What a failed try of cons_tres may leave behind in the record. */
struct aif_job_saved {
	uint64_t pn_min_memory;
	uint32_t min_cpus;
	int min_gres_cpu;
	int min_job_gres_cpu;
	uint64_t bit_flags;
	bool best_switch;
	time_t wait4switch_start;
	time_t start_time;
};

extern void aif_compat_job_save(const job_record_t *job_ptr, struct aif_job_saved *ret_saved);
extern void aif_compat_job_restore(job_record_t *job_ptr, const struct aif_job_saved *saved);

#endif
