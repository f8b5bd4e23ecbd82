/*
 * audit_job.h - what the wrapper decides about tagged jobs, as events for the ledger
 *
 * Jobs without a data residency cost no more than finding that out. A refusal is the same at each try: it is noted once for each
 * run of the job and rule, by a table with room for the newest jobs; who is crowded out of it is noted again. All need the job lock
 * and take the association manager's association and QOS read locks.
 */
#ifndef AIF_SELECT_AUDIT_JOB_H
#define AIF_SELECT_AUDIT_JOB_H

#include "select_api.h"

#include "ticket.h"

/* It is in the queue, and gets this ticket. Call before the ticket is put into the record. since: when this slurmctld started. */
extern void audit_job_sealed(const job_record_t *job_ptr, const struct aif_ticket *ticket, time_t since);

/* It has begun on its nodes. */
extern void audit_job_placed(const job_record_t *job_ptr);

/* It gets none of these nodes since they lie outside; nodes NULL: those that it asks for by name, or any. */
extern void audit_job_outside(const job_record_t *job_ptr, const bitstr_t *nodes);

/* It does not start: its allocation does not allow it any more. */
extern void audit_job_not_started(const job_record_t *job_ptr, const char *rule, const char *why);

#endif
