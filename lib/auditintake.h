/*
 * auditintake.h - events from the spool that slurmctld fills (auditspool.h) into the ledger, each once
 *
 * How far a file was read is in the ledger's own file and changes in the transaction that appends its events. So whatever
 * happens in between, a line is either not in the ledger and read again, or in it and passed over. A file whose writer is gone is
 * removed when all of it is in the ledger.
 */
#ifndef AIF_AUDITINTAKE_H
#define AIF_AUDITINTAKE_H

#include "auditevent.h"
#include "ledger.h"

/* What the events of one round go by. */
struct aif_auditintake {
    struct aif_ledger *ledger;
    const char *dir;     /* the spool; none is fine */
    const char *cluster; /* whose slurmctld fills it */
    int64_t now;
    /* Make of an event what the ledger shall have, such as names of users' numbers; -1 (err filled) ends the round. */
    int (*prepare)(void *data, struct aif_auditevent *event, struct aif_error *err);
    void *data;
};

/*
 * Take what is there. What cannot be read as an event, or was cut off by a crash, becomes an event AIF_AUDIT_LOST.
 * *ret_count: events appended, also where it fails later on. Not inside a transaction of the caller's.
 */
int aif_auditintake_run(const struct aif_auditintake *intake, uint64_t *ret_count, struct aif_error *err);

#endif
