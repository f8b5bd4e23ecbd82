/*
 * anchor.h - the event by which a ledger says which of its events were moved to an archive
 *
 * Its kind is "archive". Numbers and hashes of events never change: a ledger from which events 1 to N were moved goes on with event
 * N + 1, whose "prev" is the hash of N. The anchor is appended at the end, so the checkpoint after it signs it. The last one counts. Body:
 *
 *     {"v":1,"last":N,"head":HASH,"kept":COUNT,"digest":SHA256,"begin":AT,"before":AT,"file":NAME,"sha256":SHA256}
 *
 * head: the hash of event N; kept, digest: of what stayed here of the events up to N (ledger_kept.h); begin: when event 1 was written;
 * before: the day before which events were to be moved; file, sha256: the archive. Pure, thread-safe.
 */
#ifndef AIF_ANCHOR_H
#define AIF_ANCHOR_H

#include "chain.h"

#define AIF_KIND_ARCHIVE "archive"
#define AIF_ANCHOR_FILE_SIZE 256

struct aif_anchor {
    uint64_t seq;  /* of the event itself; 0: nothing was moved */
    uint64_t last; /* the last event that was moved */
    char head[AIF_HASH_SIZE];
    uint64_t kept;
    char digest[AIF_HASH_SIZE];
    int64_t begin;
    int64_t before;
    char file[AIF_ANCHOR_FILE_SIZE]; /* without its directory */
    char sha256[AIF_HASH_SIZE];
};

/* Append the body to text. -1 when memory is out, or the name is not UTF-8. */
int aif_anchor_write(const struct aif_anchor *anchor, struct aif_text *text);

/* Read the event back. AIF_ECHAIN unless its body has exactly that form, and moves only events before itself. */
int aif_anchor_read(const struct aif_event *event, struct aif_anchor *ret_anchor, struct aif_error *err);

#endif
