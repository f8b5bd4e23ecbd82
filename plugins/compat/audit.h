/*
 * audit.h - decisions about tagged jobs and of rules that only advise, from the hooks of one plugin into the spool for aif-reportd
 *
 * Linked into each plugin that decides, so each has a queue, a thread and files of its own. A hook only hangs an event into the
 * queue; the thread appends it to a file below StateSaveLocation (auditspool.h) and brings it to disk at once, without any lock of
 * slurmctld's. While that cannot be done it tries again each second; what no longer fits into the queue is counted, and the count
 * becomes an event.
 */
#ifndef AIF_COMPAT_AUDIT_H
#define AIF_COMPAT_AUDIT_H

#include "slurmctld.h"

#include "auditevent.h"
#include "restag.h"

/*
 * Start the thread; call from init(). writer: letters and '_', begins the names of the files. Does nothing outside of slurmctld.
 * Fails when memory or threads are out.
 */
extern int aif_audit_start(const char *writer);

/* Write down what is in the queue and end the thread; call from fini(). Fine without a start. */
extern void aif_audit_stop(void);

/* Takes over the event; NULL, where memory was out, counts as one lost. O(1), any locks. */
extern void aif_audit_note(struct aif_auditevent *event);

/* An event of now about a job, with its ids, user and account, and what its mark says. NULL when memory is out. */
extern struct aif_auditevent *aif_audit_of_job(enum aif_auditevent_kind kind, const job_record_t *job_ptr);

/* The number of a user, as events have it until they are in the ledger. */
extern void aif_audit_set_user(char ret_user[AIF_AUDITEVENT_NAME], uint32_t uid);

/* rule and reason of the event, each where it is not NULL; the event may be NULL. */
extern void aif_audit_say(struct aif_auditevent *event, const char *rule, const char *reason);

#endif
