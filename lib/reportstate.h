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

#define AIF_REPORTSTATE_COLLECTED "collected" /* when slurmdbd was read to the end last */

/* A named number; *ret_value is 0 where it was never set. */
int aif_reportstate_get(struct aif_ledger *ledger, const char *key, int64_t *ret_value,
                        struct aif_error *err);
int aif_reportstate_set(struct aif_ledger *ledger, const char *key, int64_t value,
                        struct aif_error *err);
int aif_reportstate_forget(struct aif_ledger *ledger, const char *key, struct aif_error *err);

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

/* All rows in quarantine, oldest first. A visit that returns -1 (err filled) ends it with -1. */
struct aif_badrow {
    const char *cluster; /* of a row that one sink cannot take: AIF_BADROW_SINK and the sink's name */
    uint64_t db_index;
    uint32_t job_id;
    const char *reason;
    int64_t since;
};
#define AIF_BADROW_SINK "sink:"
typedef int aif_badrow_visit(const struct aif_badrow *row, void *data, struct aif_error *err);
int aif_reportstate_each_bad(struct aif_ledger *ledger, aif_badrow_visit *visit, void *data, struct aif_error *err);

/* How far a sink is. */
struct aif_sinkstate {
    uint64_t cursor; /* sequence number of the last event that it has */
    int64_t success; /* when all that there was had been delivered, seconds since 1970; 0: never */
    int64_t failure; /* when it failed last; 0: never */
    char why[400];   /* why; "" since the last success */
};
int aif_reportstate_sink_get(struct aif_ledger *ledger, const char *name, struct aif_sinkstate *ret_state,
                             struct aif_error *err);
int aif_reportstate_sink_set(struct aif_ledger *ledger, const char *name, const struct aif_sinkstate *state,
                             struct aif_error *err);

/*
 * Let a sink have everything once more: its cursor goes back to the start, and every amount that was ever sent is compared
 * anew. It bears repetition, so only what the other side has lost changes there.
 */
int aif_reportstate_resend(struct aif_ledger *ledger, const char *name, struct aif_error *err);

/* How many events about job rows there are after the cursor, and the number of the last (the cursor's if none). */
int aif_reportstate_backlog(struct aif_ledger *ledger, uint64_t cursor, uint64_t *ret_count, uint64_t *ret_last,
                            struct aif_error *err);

#endif
