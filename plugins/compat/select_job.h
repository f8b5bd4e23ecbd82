/*
 * select_job.h - what the select wrapper asks of a job's record
 */
#ifndef AIF_COMPAT_SELECT_JOB_H
#define AIF_COMPAT_SELECT_JOB_H

#include "held.h"
#include "select_api.h"

/* The GPUs a job asks for. All 0: none. */
struct aif_job_gpus {
	uint64_t per_node;
	uint64_t per_job;	 /* total, as asked with --gpus or per task */
	int64_t type_id;	 /* -1: any type */
	uint32_t cpus_per_gpu;	 /* 0: no matter */
	uint64_t memory_per_gpu; /* MiB; 0: no matter */
	bool other; /* also asks other generic resources, per socket, or several types: not ours to place */
};

extern void aif_compat_job_gpus(const job_record_t *job_ptr, struct aif_job_gpus *ret_gpus);

/* What it asks besides. */
struct aif_job_size {
	uint32_t cpus;		/* in all */
	uint32_t cpus_per_node; /* on each node, at least */
	uint64_t memory;	/* MiB, by node or by CPU; 0: all of the node */
	bool memory_by_cpu;
	bool memory_counts; /* Slurm hands out memory at all */
	bool memory_by_gpu; /* what it asks by GPU goes before the above */
	uint8_t sharing;    /* enum aif_sharing */
	uint32_t seconds;   /* how long it may run; 30 days where there is no limit */
};

extern void aif_compat_job_size(const job_record_t *job_ptr, struct aif_job_size *ret_size);

/* True if the job needs whole nodes (--exclusive and its kin, or its partition says so). */
extern bool aif_compat_job_is_exclusive(const job_record_t *job_ptr);

/*
 * True if the user or an admin already said where the job shall run, or Slurm is in the middle of
 * working that out: named nodes, contiguous, --switches, --spread-job, --exclusive (in a partition that would share
 * nodes), arbitrary distribution, lists of sizes, segments, features with counts, specialized cores, a component of a het job, a
 * job that expands another.
 */
extern bool aif_compat_job_is_bound(const job_record_t *job_ptr);

/* Since when the job may start as far as its own requests go. */
extern time_t aif_compat_job_eligible(const job_record_t *job_ptr);

/*
 * The nodes that the job could have if nothing ran: those offered, and those of its partition (and reservation) that are
 * not offered only since somebody has them alone. The caller frees. Needs the job, node and partition read locks.
 */
extern bitstr_t *aif_compat_job_nodes(const job_record_t *job_ptr, const bitstr_t *offered);

/* The job that job_ptr was submitted to expand (--dependency=expand:ID); NULL if none. Needs the job lock. */
extern job_record_t *aif_compat_job_expanded(const job_record_t *job_ptr);

/*
 * True if the job asks the same of each of so many nodes: GPUs by node alone, tasks and CPUs that can be shared out evenly, and
 * nothing that counts tasks by GPU or sets a bound to all of it.
 */
extern bool aif_compat_job_is_even(const job_record_t *job_ptr, uint32_t nodes);

/*
 * Turn the request of such a job into that of a job of fewer nodes; aif_compat_job_restore() turns it back. The caller has
 * the job write lock.
 */
extern void aif_compat_job_shrink(job_record_t *job_ptr, uint32_t nodes, uint32_t fewer);

/* What a try of cons_tres may leave behind in the record, and aif_compat_job_shrink(). */
struct aif_job_saved {
	uint64_t pn_min_memory;
	uint32_t min_cpus;
	uint32_t num_tasks;
	uint32_t min_nodes;
	uint32_t max_nodes;
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
