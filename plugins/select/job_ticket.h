/*
 * job_ticket.h - the ticket that a job's record must carry to start, and the one that it carries
 *
 * It lies in the record's SPANK environment, which Slurm saves with the job, copies to the tasks of an array and hands
 * to slurmd with every start, for the prolog. There are two variables: the seal, which nobody but slurmd can open, and what it
 * says in plain, by which slurmctld tells without MUNGE whether it is still right. Users can set both at submission; a
 * plain text of theirs only lets the job run into the check on the node.
 */
#ifndef AIF_SELECT_JOB_TICKET_H
#define AIF_SELECT_JOB_TICKET_H

#include "select_api.h"

#include "ticket.h"

/*
 * What the job's ticket has to say now. False where it needs none: it has no tag, or one that keeps it from every node.
 * Needs the job lock; takes the association manager's association and QOS read locks.
 */
extern bool job_ticket_needed(const job_record_t *job_ptr, struct aif_ticket *ret_ticket);

/*
 * Whether the record has a ticket that says the same and was not issued before since: MUNGE may have another key since then. Needs
 * the job lock.
 */
extern bool job_ticket_has(const job_record_t *job_ptr, const struct aif_ticket *ticket, time_t since);

/* Put a ticket into the record: text is what seal says. Needs the job write lock. */
extern void job_ticket_put(job_record_t *job_ptr, const char *text, const char *seal);

#endif
