/*
 * lane_look.h - from slurmctld's records of jobs to what the lanes know of them
 */
#ifndef AIF_LANE_LOOK_H
#define AIF_LANE_LOOK_H

#include "slurmctld.h"

#include "lane_book.h"

/* Jobs whose site factor is to change, by id. Kept between looks for its memory. */
struct aif_lane_plan {
	uint32_t *jobs;
	size_t count;
	size_t room;
};

/* GPUs of the cluster as Slurm counts them; 0: not tracked. Takes the association manager's TRES read lock. */
extern uint64_t aif_lane_look_gpus(const struct aif_policy *policy);

/*
 * Look at all jobs: count what runs and what ended, forget those that are gone, close and open shares, level
 * lanes, and plan what is to change. No job is changed. Returns whether a share was closed or opened. A book with
 * a configuration; config, job, node and partition read locks; takes the association manager's read locks
 * (associations, QOS, TRES).
 */
extern bool aif_lane_look(struct aif_lane_book *book, struct aif_lane_plan *plan, time_t now);

/*
 * Look at one waiting job, whatever was known of it. Returns its entry, or NULL where it is none of our business.
 * Job write lock; takes the association manager's read locks.
 */
extern struct aif_lane_entry *aif_lane_look_at(struct aif_lane_book *book, const job_record_t *job_ptr, time_t now);

#endif
