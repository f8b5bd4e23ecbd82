/*
 * auditqueue.h - events on their way from slurmctld's hooks to the thread that writes them down
 *
 * Putting one in takes a mutex for a few instructions and neither allocates nor waits for the reader. There is room for a
 * number of events; what does not fit is counted, and the reader is told the count. Several threads put, one takes.
 */
#ifndef AIF_AUDITQUEUE_H
#define AIF_AUDITQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auditevent.h"

struct aif_auditqueue;

/* Room for max events. NULL when memory is out. */
struct aif_auditqueue *aif_auditqueue_create(size_t max);

/* Nobody may use it any more; NULL is fine. */
void aif_auditqueue_destroy(struct aif_auditqueue *queue);

/* Takes over the event, whatever becomes of it. NULL, from a caller without memory, counts as one lost. Of AIF_AUDIT_ADVISE only half
 * of the room is for, and what of it does not fit is not counted. */
void aif_auditqueue_put(struct aif_auditqueue *queue, struct aif_auditevent *event);

/*
 * Take all that is there, in order, as a list that then belongs to the caller, and what was lost since the last time. Waits
 * until there is something, at most for so many milliseconds, or until the queue is closed. Returns false when it is closed and
 * empty.
 */
bool aif_auditqueue_take(struct aif_auditqueue *queue, unsigned wait_ms, struct aif_auditevent **ret_list,
                         uint64_t *ret_lost);

/* Wake the reader; from now on it does not wait. */
void aif_auditqueue_close(struct aif_auditqueue *queue);

#endif
