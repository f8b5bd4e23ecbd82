/*
 * ledger_archive.h - moving the oldest events of a ledger to an archive
 *
 * What an archive is, the caller writes: the events from first to last as a complete export has them (chain.h). Here they are taken
 * out of the ledger, in one transaction of SQLite: whoever reads, whoever is killed, finds the ledger as it was or as it is to be.
 * Nothing else would do with a file that others have open: a new file under the old name leaves them with the old one, and what
 * they append there, such as the key that signs from now on, would be lost; and SQLite would take the old file's write-ahead log
 * for the new file's. Thread and error rules as in ledger.h.
 */
#ifndef AIF_LEDGER_ARCHIVE_H
#define AIF_LEDGER_ARCHIVE_H

#include "anchor.h"
#include "ledger.h"

/* The events that were written before a time; those after the first that was not stay, whatever their time. */
struct aif_ledger_prefix {
    uint64_t first; /* the ledger's first event */
    uint64_t last;  /* first - 1: there are none */
    char head[AIF_HASH_SIZE]; /* of the last */
    uint64_t rows;  /* events about job rows among them */
    uint64_t stay;  /* number of events that stay */
    uint64_t bytes; /* about so many as an export; at least what they take in the ledger */
};
int aif_ledger_prefix(struct aif_ledger *ledger, int64_t before, struct aif_ledger_prefix *ret_prefix, struct aif_error *err);

/* Call visit for the events first..last, in order. */
int aif_ledger_iterate_between(struct aif_ledger *ledger, uint64_t first, uint64_t last, aif_ledger_visit *visit, void *data,
                               struct aif_error *err);

/* How many events about job rows a sink that is at cursor lacks, up to last. */
int aif_ledger_lacks(struct aif_ledger *ledger, uint64_t cursor, uint64_t last, uint64_t *ret_count, struct aif_error *err);

/*
 * In a transaction of the caller's (aif_ledger_begin): take the events of prefix out, keep what is needed of them, append the anchor
 * (before, file and sha256 are the caller's) and a checkpoint of key. Nothing has happened until the commit.
 */
int aif_ledger_cut(struct aif_ledger *ledger, const struct aif_ledger_prefix *prefix, const struct aif_anchor *anchor,
                   const struct aif_signkey *key, int64_t at, struct aif_error *err);

/*
 * Give the space of what was taken out back to the file system: needs about twice the size of what is left, beside the ledger and
 * where SQLite puts temporary files (SQLITE_TMPDIR). Failing does no harm.
 */
int aif_ledger_shrink(struct aif_ledger *ledger, struct aif_error *err);

#endif
