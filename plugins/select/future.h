/*
 * future.h - when and where a job that cannot start now could, as far as GPUs go
 *
 * From the expected ends of what runs. Under the view's lock inside; calls need slurmctld's job and node locks at least
 * for reading.
 */
#ifndef AIF_SELECT_FUTURE_H
#define AIF_SELECT_FUTURE_H

#include "plan.h"
#include "sample.h"

/* A place in the future. */
struct future {
	struct plan plan;  /* kind is PLAN_CHOSEN if there is one */
	uint32_t earliest; /* no start before is possible: too few GPUs are free */
	struct sample sample; /* of the plan's nodes, if nothing else runs on any of them then */
};

/*
 * The best nodes of those that are free at the earliest. PLAN_NONE: there never are enough, or it cannot be told (types of
 * GPU, GPUs counted by job, GPUs that are not ours to count).
 */
extern void future_make(const struct aif_job_test *test, const struct plan_ask *ask, struct future *ret_future);

/* The nodes that are free first among those that touch no more than span (as in struct aif_place_key). */
extern void future_make_tight(const struct aif_job_test *test, const struct plan_ask *ask, uint64_t span,
			      struct future *ret_future);

/* The least span on any of the nodes if nothing ran there. False: too few of them have such GPUs, or it cannot be told. */
extern bool future_least(const part_record_t *part, const struct plan_ask *ask, const bitstr_t *nodes,
			 uint64_t *ret_span);

extern void future_destroy(void);

#endif
