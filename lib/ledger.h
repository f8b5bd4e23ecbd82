/*
 * ledger.h - the append-only, hash-chained file of everything that was recorded and reported
 *
 * One SQLite file (WAL, synchronous=FULL), mode 0600. Its table of events only grows: triggers refuse updates and
 * deletes, and the hash chain (chain.h) shows tampering that goes around them. A job row of slurmdbd that changes
 * later gets a further event of kind "correction" with the same key (cluster, db_index); the latest event of a key
 * counts. A struct aif_ledger belongs to one thread. All errors come with a complete line of text.
 */
#ifndef AIF_LEDGER_H
#define AIF_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "chain.h"
#include "error.h"
#include "record.h"

struct aif_ledger;

enum aif_ledger_access {
    AIF_LEDGER_READ, /* the file must be there */
    AIF_LEDGER_WRITE, /* made if missing; one writer at a time, see aif_ledger_lock */
};

/*
 * Open a ledger. Refused: symbolic links, files that are not regular, belong to neither this user nor root, are
 * accessible to others, have more than one name, or are not a ledger of this version.
 */
int aif_ledger_open(const char *path, enum aif_ledger_access access, struct aif_ledger **ret_ledger,
                    struct aif_error *err);
void aif_ledger_close(struct aif_ledger *ledger);

/*
 * Take the lock "<path>.lock" that makes this process the only reporter of the ledger, until the descriptor in
 * *ret_fd is closed (by the end of the process at the latest). Does not wait.
 */
int aif_ledger_lock(const char *path, int *ret_fd, struct aif_error *err);

/*
 * Several changes as one: all of them are on disk after commit returned 0, none of them otherwise. Every changing
 * function opens its own transaction where none is open.
 */
int aif_ledger_begin(struct aif_ledger *ledger, struct aif_error *err);
int aif_ledger_commit(struct aif_ledger *ledger, struct aif_error *err);
void aif_ledger_rollback(struct aif_ledger *ledger);

/* Append an event. body: canonical JSON object, see aif_chain_valid; db_index 0 where no job row is meant. */
int aif_ledger_append(struct aif_ledger *ledger, const char *kind, const char *cluster,
                      uint64_t db_index, int64_t at, const char *body, struct aif_error *err);

/* Append a job row if it is new or differs from what the ledger has (aif_record_differs). */
enum aif_ledger_outcome { AIF_LEDGER_SAME, AIF_LEDGER_NEW, AIF_LEDGER_CORRECTED };
int aif_ledger_record(struct aif_ledger *ledger, const struct aif_record *record, int64_t at,
                      enum aif_ledger_outcome *ret_outcome, struct aif_error *err);

/*
 * Call visit for every event in order, or for the latest event of every job row in order of its sequence number.
 * A visit that returns -1 (err filled) ends it with -1. The event is valid during the call only.
 */
typedef int aif_ledger_visit(const struct aif_event *event, void *data, struct aif_error *err);
int aif_ledger_iterate(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data,
                       struct aif_error *err);
int aif_ledger_iterate_latest(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data,
                              struct aif_error *err);

/*
 * Check chain, guards and the file's structure. *ret_chain gets the number of events and the head, also when it
 * fails (then: of the part that is fine). AIF_ECHAIN names the first event that does not fit.
 */
int aif_ledger_verify(struct aif_ledger *ledger, struct aif_chain *ret_chain, struct aif_error *err);

/* Usage within [from, until) per allocation, from ended jobs, in order of the allocation's name. */
struct aif_ledger_total {
    char allocation[64];
    uint64_t jobs; /* rows with a share in the window */
    uint64_t gpu_secs;
    uint64_t node_secs;
};
/* *ret_totals is malloc'ed, NULL when there are none. */
int aif_ledger_totals(struct aif_ledger *ledger, int64_t from, int64_t until,
                      struct aif_ledger_total **ret_totals, size_t *ret_count, struct aif_error *err);

#endif
