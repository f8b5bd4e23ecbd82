/*
 * lane_apply.h - put a job's lane, and the pace of its allocation, into its site factor
 *
 * Both priority/aif and site_factor/aif do exactly this, so both give the same numbers. The site factor is an
 * input of multifactor and is saved with the job; a priority that a wrapper changed would be undone by the decay
 * thread.
 *
 * A job of an allocation gets its lane's points, 0 included, less what the allocation's pacing takes off now; one
 * on the free QOS goes behind all others; a job that was ours and is no longer gets 0; any other job keeps what an
 * administrator gave it, and what the starvation guard adds to that. Until there is a book, jobs keep what they
 * have.
 */
#ifndef AIF_LANE_APPLY_H
#define AIF_LANE_APPLY_H

#include "slurmctld.h"

#include "lane_look.h"

/* The book to go by from now on; NULL: none. Needs a job lock, or that nobody asks for priorities any more. */
extern void aif_lane_apply_use(struct aif_lane_book *book);

/* Go by none, if it was that one. Needs a job lock, or that nobody asks for priorities any more. */
extern void aif_lane_apply_forget(const struct aif_lane_book *book);

/*
 * Set the site factor of one waiting job, before its priority is computed. Returns whether it is new in a lane
 * that has to be levelled with it. Needs the job write lock; takes read locks of the association manager
 * (associations, QOS, TRES).
 */
extern bool aif_lane_apply(job_record_t *job_ptr);

/* Have the lanes levelled soon, rather than at the next look. Any thread. */
extern void aif_lane_apply_hurry(void);

/*
 * After multifactor computed a priority from that: level the job with its lane at once, by what its priority is
 * made of. Returns the priority that it then has. Job write lock.
 */
extern uint32_t aif_lane_apply_level(job_record_t *job_ptr, uint32_t priority);

/* aif_lane_apply() for all waiting jobs, by what is known of them since the last look. Job write lock. */
extern void aif_lane_apply_pending(void);

/*
 * Carry out a part of a plan from *at on, which is moved on: site factors and priorities of jobs that are still to
 * change. Job write lock, and the others that set_job_prio() needs.
 */
extern void aif_lane_apply_plan(struct aif_lane_book *book, const struct aif_lane_plan *plan, size_t *at, size_t count);

/* Whether somebody is in a hurry since the last call. Any thread. */
extern bool aif_lane_apply_is_hurried(void);

#endif
