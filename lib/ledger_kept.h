/*
 * ledger_kept.h - what a ledger keeps of events that were moved to an archive; for ledger*.c only
 *
 * Table `kept` has, with the numbers that the events had: of every job row the last of its events that were moved, packed
 * (recordpack.h), so that totals stay right and a row that is read again or corrected does not count twice; what was said to each
 * sink last about each amount; and all keys, so that signatures can be believed from the first key on. Key events have their
 * hashes, the others "". It never changes but when events are moved; the anchor (anchor.h) has its digest:
 *
 *     SHA-256 over, for each in order of seq: seq "\n" kind "\n" cluster "\n" db_index "\n" at "\n" prev "\n" hash "\n" length "\n" body "\n"
 */
#ifndef AIF_LEDGER_KEPT_H
#define AIF_LEDGER_KEPT_H

#include "ledger_db.h"

/* Number and digest of what is kept. */
int aif_ledger_kept_digest(struct aif_ledger *ledger, uint64_t *ret_count, char ret_digest[AIF_HASH_SIZE],
                           struct aif_error *err);

/* AIF_ECHAIN unless the digest is the anchor's; without an anchor nothing may be kept. */
int aif_ledger_kept_check(struct aif_ledger *ledger, const struct aif_anchor *anchor, struct aif_error *err);

/* AIF_ECHAIN unless the hash of a kept event about a key is that of its content. */
int aif_ledger_kept_key(struct aif_ledger *ledger, const struct aif_event *event, struct aif_error *err);

#define AIF_LEDGER_STATE_ARCHIVE "archive.seq" /* number of the last anchor */

#endif
