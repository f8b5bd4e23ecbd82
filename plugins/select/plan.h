/*
 * plan.h - what to propose to cons_tres for a job test
 *
 * Under the view's lock inside; nothing is changed. Calls need slurmctld's job and node locks at least for reading.
 */
#ifndef AIF_SELECT_PLAN_H
#define AIF_SELECT_PLAN_H

#include "select_api.h"

#include "fabrics.h"
#include "placement.h"
#include "room.h"

/* A job in our terms. */
struct plan_ask {
	struct aif_place_ask place;
	struct room_need need;
	int64_t type_id; /* of GPU; -1: any */
	uint32_t least;	 /* GPUs that a node must have free at least, to be of any use */
	uint64_t total;	 /* that must be free in all */
	bool now;	 /* Slurm is about to start it, not just asking */
};

/* Those of the offered nodes that would take the job. */
struct candidates {
	struct aif_place_view place; /* of the kind of GPU asked */
	uint32_t *nodes;	     /* [count], ascending */
	uint8_t *classes;	     /* [count]; NULL: all alike */
	uint32_t count;
	uint32_t able; /* nodes offered that have GPUs enough free, whatever else they lack */
	uint64_t free; /* GPUs free on them */
};

enum plan_kind {
	PLAN_NONE,   /* not ours to place, or nothing fits: ask cons_tres as it was asked */
	PLAN_CHOSEN, /* nodes were chosen */
	PLAN_TOO_FEW /* too few GPUs are free on the nodes offered, so that nothing can start now */
};

struct plan {
	enum plan_kind kind;
	uint32_t touched;  /* innermost islands */
	bitstr_t *exact;   /* the chosen nodes; PLAN_CHOSEN only */
	bitstr_t *islands; /* candidates of all islands that these touch */
	struct aif_place_result result;
	const struct aif_fabric *fabric;
	uint64_t generation;   /* of the view */
	struct candidates all; /* valid until the next plan, and as long as the view is of that generation */
};

/* What the job of a test asks. False: leave it to cons_tres. */
extern bool plan_ask(const struct aif_job_test *test, const struct aif_placement_wish *wish,
		     uint32_t leftover_seconds, struct plan_ask *ret_ask);

/* Work out the plan; plan_free() it in any case. */
extern void plan_make(const struct aif_job_test *test, const struct plan_ask *ask, struct plan *ret_plan);
extern void plan_free(struct plan *plan);

/*
 * Cons_tres has given the job nodes to start on now: remember their score, against the plan's own nodes. Where the policy
 * only watches, plan_compare() instead.
 */
extern void plan_score(const struct aif_job_test *test, const struct plan_ask *ask, const struct plan *plan);
extern void plan_compare(const struct aif_job_test *test, const struct plan_ask *ask, const struct plan *plan);

extern void plan_destroy(void);

#endif
