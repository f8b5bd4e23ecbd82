/*
 * reportstate.h - what a reporter remembers beside the chain: cursors, what was sent, rows that make no sense
 *
 * Lives in the ledger's file, so that it changes in the same transactions. Losing it costs nothing but work: cursors
 * start over, and totals are absolute. Same thread and error rules as ledger.h.
 */
#ifndef AIF_REPORTSTATE_H
#define AIF_REPORTSTATE_H

#include <stdbool.h>

#include "ledger.h"

/* A named number; *ret_value is 0 where it was never set. */
int aif_reportstate_get(struct aif_ledger *ledger, const char *key, int64_t *ret_value,
                        struct aif_error *err);
int aif_reportstate_set(struct aif_ledger *ledger, const char *key, int64_t value,
                        struct aif_error *err);

/* What is known of one value at the other side. */
enum aif_send_status {
    AIF_SEND_NONE,    /* nothing yet */
    AIF_SEND_OK,      /* the service has this amount */
    AIF_SEND_REFUSED, /* the service said no to this amount */
    AIF_SEND_ANOMALY, /* not sent: the service has more than this amount */
};
struct aif_send {
    char resource[40];
    char component[128];
    char month[AIF_MONTH_SIZE];
    uint64_t amount; /* hundredths of the unit */
    int64_t at; /* when the status was found, seconds since 1970 */
    enum aif_send_status status;
};

/* Fill amount, at and status of send (its key given). */
int aif_reportstate_send_get(struct aif_ledger *ledger, struct aif_send *send, struct aif_error *err);
int aif_reportstate_send_set(struct aif_ledger *ledger, const struct aif_send *send,
                             struct aif_error *err);

/*
 * Note a row that cannot be used. *ret_new is set when it was not known, or for another reason, so that it is
 * logged once. A row that is fine (again) leaves the quarantine with clear.
 */
int aif_reportstate_quarantine(struct aif_ledger *ledger, const char *cluster, uint64_t db_index,
                               uint32_t job_id, const char *reason, int64_t at, bool *ret_new,
                               struct aif_error *err);
int aif_reportstate_clear(struct aif_ledger *ledger, const char *cluster, uint64_t db_index,
                          struct aif_error *err);

#endif
