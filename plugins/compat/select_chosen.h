/*
 * select_chosen.h - the devices that a test of cons_tres writes into the job's own request
 *
 * They are output, but what a test that failed has left there decides some answers of the next one: a job whose GPUs
 * are on more nodes than it has tasks is refused with another code, and waits for another reason. So a try that shall
 * leave nothing behind begins without, and what was there comes back after it. Needs the job write lock.
 */
#ifndef AIF_COMPAT_SELECT_CHOSEN_H
#define AIF_COMPAT_SELECT_CHOSEN_H

#include "slurmctld.h"

/* What was chosen for one kind of device, by node. */
struct aif_job_devices {
	uint32_t nodes;
	uint64_t *counts;
	bitstr_t **bits;
	uint64_t **per_bit; /* since 23.11 */
};

struct aif_job_chosen {
	struct aif_job_devices *kinds; /* in the order of the request */
	size_t count, next;
};

/* Take out of the request what was chosen. One of the two calls below ends it. */
extern void aif_compat_chosen_take(const job_record_t *job_ptr, struct aif_job_chosen *ret_chosen);

/* The try failed: what was taken out is in the request again, instead of what the try left there. */
extern void aif_compat_chosen_put_back(const job_record_t *job_ptr, struct aif_job_chosen *chosen);

/* The try is the answer: forget what was taken out. */
extern void aif_compat_chosen_forget(struct aif_job_chosen *chosen);

#endif
