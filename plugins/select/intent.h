/*
 * intent.h - what policy and job want of a job's placement
 */
#ifndef AIF_SELECT_INTENT_H
#define AIF_SELECT_INTENT_H

#include "select_api.h"

#include "placement.h"
#include "policyplacement.h"

struct intent {
	enum aif_placement_mode mode;
	struct aif_placement_wish wish;
	uint32_t leftover_seconds;
	time_t strict_until; /* 0: the job does not wait for few islands, or not any more */
};

/* False: Slurm shall choose alone. */
extern bool intent_read(const job_record_t *job_ptr, struct intent *ret_intent);

#endif
