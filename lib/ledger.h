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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "anchor.h"
#include "chain.h"
#include "error.h"
#include "record.h"
#include "signkey.h"

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

/* From now on all reading sees the ledger as it is now, until aif_ledger_rollback. *ret_head: where its chain stands. */
int aif_ledger_view(struct aif_ledger *ledger, struct aif_chain *ret_head, struct aif_error *err);

/*
 * Call visit for every event in order, or for the latest event of every job row in order of its sequence number.
 * A visit that returns -1 (err filled) ends it with -1. The event is valid during the call only.
 */
typedef int aif_ledger_visit(const struct aif_event *event, void *data, struct aif_error *err);
int aif_ledger_iterate(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data,
                       struct aif_error *err);
int aif_ledger_iterate_latest(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data,
                              struct aif_error *err);

/* The same of the job rows that ended at from or later, in any order, with their index: others are not looked at. */
int aif_ledger_iterate_since(struct aif_ledger *ledger, int64_t from, aif_ledger_visit *visit, void *data,
                             struct aif_error *err);

/* The same of at most max events about job rows ("job", "correction") after sequence number seq, in order. */
int aif_ledger_iterate_after(struct aif_ledger *ledger, uint64_t seq, uint32_t max, aif_ledger_visit *visit,
                             void *data, struct aif_error *err);

/* The same of the events about amounts at other places ("sent", "refused", "anomaly"), in order. Looks at all events. */
int aif_ledger_iterate_findings(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data, struct aif_error *err);

/*
 * What the ledger had of a job row (key: cluster, db_index) before event seq: 1, 0 if nothing, -1. Looks back through all
 * events, so it is for corrections, which are few.
 */
int aif_ledger_before(struct aif_ledger *ledger, const struct aif_record *key, uint64_t seq,
                      struct aif_record *ret_record, struct aif_error *err);

/*
 * Where the ledger's older events are, if some were moved to an archive (ledger_archive.h): the last anchor; seq 0 if none were,
 * then head is what is before the first event. Iterating over all events or over those after a number shows what is left; rows,
 * totals and findings are shown with what was moved, as it stood last, without hashes.
 */
int aif_ledger_anchor(struct aif_ledger *ledger, struct aif_anchor *ret_anchor, struct aif_error *err);

/* The keys that were introduced by events that were moved, in order. */
int aif_ledger_iterate_keys(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data, struct aif_error *err);

/* When the first job row was written to the ledger, wherever it is now; 0: there is none. */
int aif_ledger_begun(struct aif_ledger *ledger, int64_t *ret_at, struct aif_error *err);

/* What is kept of event seq, which was moved, about a job row: 1, 0 if nothing, -1. */
int aif_ledger_kept_row(struct aif_ledger *ledger, uint64_t seq, struct aif_record *ret_record, struct aif_error *err);

/* How many rows are kept of events from number first on. */
int aif_ledger_kept_rows(struct aif_ledger *ledger, uint64_t first, uint64_t *ret_count, struct aif_error *err);

/* Whether something later than event seq is kept of the row (key: cluster, db_index): 1, 0, -1. Looks at all that is kept. */
int aif_ledger_kept_later(struct aif_ledger *ledger, const struct aif_record *key, uint64_t seq, struct aif_error *err);

/*
 * Check chain, guards, what is kept of events in an archive, and the file's structure. *ret_chain gets the number of events and the head, also when it
 * fails (then: of the part that is fine). AIF_ECHAIN names the first event that does not fit.
 */
int aif_ledger_verify(struct aif_ledger *ledger, struct aif_chain *ret_chain, struct aif_error *err);

/* The same, and shows the signed events to witness (witness.h), in order; NULL: to nobody. */
struct aif_witness;
int aif_ledger_verify_signed(struct aif_ledger *ledger, struct aif_witness *witness, struct aif_chain *ret_chain,
                             struct aif_error *err);

/* Which key signs the ledger, and what its last checkpoint left out. */
struct aif_ledger_signing {
    char key[AIF_KEYID_SIZE]; /* "": none yet */
    uint64_t open; /* events since the last checkpoint, all of them where there is none */
    int64_t at;    /* when that was; 0: never */
};
int aif_ledger_signing(struct aif_ledger *ledger, struct aif_ledger_signing *ret_signing, struct aif_error *err);

/*
 * Append a checkpoint signed with key. AIF_EINVAL when another key signs the ledger; one that never had a key gets this
 * one first.
 */
int aif_ledger_checkpoint(struct aif_ledger *ledger, const struct aif_signkey *key, int64_t at, struct aif_error *err);

/* From now on fresh signs; key is the one that did until now, and vouches for it. */
int aif_ledger_rotate(struct aif_ledger *ledger, const struct aif_signkey *key, const struct aif_signkey *fresh,
                      int64_t at, struct aif_error *err);

/*
 * Usage within [from, until) per allocation, from ended jobs, in order of the allocation's name. Jobs on the free QOS of
 * an allocation are left out: what they use is not charged against the amount (allocs NULL: nothing is left out).
 */
struct aif_ledger_total {
    char allocation[64];
    uint64_t jobs; /* rows with a share in the window */
    uint64_t tres_secs[AIF_CHARGE_TRES]; /* by enum aif_charge_tres */
};
/* *ret_totals is malloc'ed, NULL when there are none. */
int aif_ledger_totals(struct aif_ledger *ledger, const struct aif_alloctable *allocs, int64_t from, int64_t until,
                      struct aif_ledger_total **ret_totals, size_t *ret_count, struct aif_error *err);

/* Whether the record is of a job on the free QOS of its allocation (alloc may be NULL). */
bool aif_ledger_free(const struct aif_record *record, const struct aif_alloc *alloc);

#endif
