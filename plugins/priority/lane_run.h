/*
 * lane_run.h - which runs of jobs the share windows count, from the times in slurmctld's records
 */
#ifndef AIF_LANE_RUN_H
#define AIF_LANE_RUN_H

#include "slurmctld.h"

#include "lane_book.h"

/* Whether the job has ended since the last look. Job read lock. */
extern bool aif_lane_run_ended(const struct aif_lane_book *book, const job_record_t *job_ptr);

/*
 * Bring what is counted of a job in line with its record: it runs with so many GPUs of an allocation (1 +
 * position; 0: of none), or it does not, or not any more. entry may be NULL; returns the job's entry, NULL where
 * none is needed. A book with windows; job read lock.
 */
extern struct aif_lane_entry *aif_lane_run_see(struct aif_lane_book *book, const job_record_t *job_ptr,
					       struct aif_lane_entry *entry, uint32_t alloc, uint32_t gpus, time_t now);

#endif
