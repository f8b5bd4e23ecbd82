/*
 * select_held.h - what running jobs hold on nodes: cores, memory, and until when
 *
 * All calls need slurmctld's job and node locks at least for reading.
 */
#ifndef AIF_COMPAT_SELECT_HELD_H
#define AIF_COMPAT_SELECT_HELD_H

#include "slurmctld.h"

#include "held.h"

/* Whether the job holds anything: it runs, or is suspended, with resources. */
extern bool aif_compat_job_holds(const job_record_t *job_ptr);

/* The nodes a job was given, some of which it may have left; NULL: none. */
extern const bitstr_t *aif_compat_job_given(const job_record_t *job_ptr);

/* When a running job is expected to end, seconds since the epoch. */
extern uint32_t aif_compat_job_end(const job_record_t *job_ptr);

/* What the job holds on the given'th (from 0) of its given nodes. False: it left that one. */
extern bool aif_compat_job_held(const job_record_t *job_ptr, uint32_t given, struct aif_held *ret_held);

/* Number of a node among the given ones of a job; -1: it is none. */
extern int aif_compat_job_given_number(const job_record_t *job_ptr, uint32_t node);

/*
 * Cores that the job has on its given'th node: all of them, and by socket where the shape tells sockets apart
 * (ret_by_socket has shape->sockets members).
 */
extern uint16_t aif_compat_job_cores(const job_record_t *job_ptr, uint32_t given,
				     const struct aif_node_shape *shape, uint16_t *ret_by_socket);

/* The record of a job id; NULL: none. */
extern const job_record_t *aif_compat_job_by_id(uint32_t job_id);

/* Call see for each job record until it returns below 0. */
extern void aif_compat_jobs_each(int (*see)(void *job_ptr, void *arg), void *arg);

/*
 * Number of jobs that slurmctld itself counts as running on a node. Its count of suspended ones is no help: 22.05 adds
 * each of them once more at a reconfigure.
 */
extern uint32_t aif_compat_node_running(const node_record_t *node);

#endif
