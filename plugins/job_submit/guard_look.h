/*
 * guard_look.h - what the guard finds to do in the queue
 */
#ifndef AIF_GUARD_LOOK_H
#define AIF_GUARD_LOOK_H

#include "slurmctld.h"

#include "decide.h"

#define AIF_GUARD_STEPS 256 /* per round; the rest waits for the next one */
#define AIF_GUARD_HELD 512  /* held jobs that are decided about per round */

enum aif_guard_kind {
	AIF_GUARD_HOLD,	   /* it may not start any more */
	AIF_GUARD_TELL,	   /* it stays held, and this is why */
	AIF_GUARD_RELEASE, /* nothing is against it any more */
	AIF_GUARD_UNMARK,  /* somebody else has released it */
};

struct aif_guard_step {
	uint32_t job_id; /* of a het job the leader's, meant are all components; of an array the record's */
	enum aif_guard_kind kind;
	uint32_t minutes; /* release: time limit that it may have, or AIF_MINUTES_UNKNOWN */
	const char *rule; /* of rules.h; NULL where there is none */
	const char *qos;  /* release: the one to run on, in the snapshot; NULL: as it is */
	char text[AIF_MESSAGE_MAX];
};

struct aif_guard_plan {
	uint32_t skip; /* held jobs that earlier rounds looked at, so that each has its turn; kept between rounds */
	bool full;     /* there is more to look at, soon */
	size_t held_seen;
	size_t held_count;
	uint32_t held[AIF_GUARD_HELD];
	size_t count;
	struct aif_guard_step steps[AIF_GUARD_STEPS];
};

/*
 * Go through the queue once: count it (tally.h) and fill the plan anew. Nothing is changed. Needs the config, job,
 * node and partition read locks; takes the association manager's read locks.
 */
extern void aif_guard_look(const struct aif_snapshot *snapshot, struct aif_guard_plan *plan);

/* Whether it is us who hold the job: it is held, and its admin_comment says for which rule. */
extern bool aif_guard_holds(const job_record_t *job_ptr);

/* Do something with a job, or with each component of the het job that it leads; stops where fn returns non-zero. */
extern int aif_guard_each(job_record_t *job_ptr, int (*fn)(void *job_ptr, void *arg), void *arg);

#endif
