/*
 * chain.h - the hash chain over ledger events, and the lines in which they are exported
 *
 * hash = SHA-256("aif-ledger 1\n" prev "\n" seq "\n" kind "\n" cluster "\n" db_index "\n" at "\n" body), numbers in
 * decimal, prev and hash in lower-case hex; the first prev is 64 zeros. So every stored and exported field is covered,
 * and removing, adding, changing or reordering events breaks the chain. What the chain alone cannot show is that its
 * last events were cut off: for that, compare the head with one noted earlier. Pure, thread-safe.
 */
#ifndef AIF_CHAIN_H
#define AIF_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "text.h"

#define AIF_HASH_SIZE 65 /* hex SHA-256 with NUL */
#define AIF_KIND_SIZE 16
#define AIF_CLUSTER_SIZE 64
#define AIF_BODY_MAX 65536
#define AIF_LINE_MAX (AIF_BODY_MAX + 1024)

struct aif_event {
    uint64_t seq; /* 1, 2, 3, … */
    char kind[AIF_KIND_SIZE]; /* "job", "correction", "sent"; lower-case letters */
    char cluster[AIF_CLUSTER_SIZE]; /* letters, digits, ".", "_", "-" */
    uint64_t db_index; /* 0 where the event is not about a job row */
    int64_t at; /* when it was written, seconds since 1970 */
    const char *body; /* one JSON object, one line */
    char prev[AIF_HASH_SIZE];
    char hash[AIF_HASH_SIZE];
};

struct aif_chain {
    uint64_t count;
    char head[AIF_HASH_SIZE]; /* hash of the last event, zeros before the first */
};

void aif_chain_start(struct aif_chain *chain);

/* What computes hashes; making one costs more than a hash. For one thread at a time. NULL when memory is out. */
struct aif_hasher;
struct aif_hasher *aif_hasher_create(void);
void aif_hasher_destroy(struct aif_hasher *hasher);

/* Lower-case hex of the SHA-256 of what event's other members say. */
int aif_hasher_event(struct aif_hasher *hasher, const struct aif_event *event, char ret_hash[AIF_HASH_SIZE],
                     struct aif_error *err);

/* Whether kind, cluster and body have the form that keeps lines and hashes unambiguous. */
int aif_chain_valid(const struct aif_event *event, struct aif_error *err);

/* Give the event its seq, prev and hash as the next of the chain, and advance the chain. */
int aif_chain_seal(struct aif_chain *chain, struct aif_event *event, struct aif_error *err);

/* Check that event is the next of the chain and advance; AIF_ECHAIN and what does not fit otherwise. */
int aif_chain_check(struct aif_chain *chain, const struct aif_event *event, struct aif_error *err);

/* The same with a hasher of the caller's; what is sealed must be valid. */
int aif_chain_seal_valid(struct aif_chain *chain, struct aif_hasher *hasher, struct aif_event *event,
                         struct aif_error *err);
int aif_chain_check_with(struct aif_chain *chain, struct aif_hasher *hasher, const struct aif_event *event,
                         struct aif_error *err);

/* Append the event as one line of JSON, newline included. */
int aif_chain_format(const struct aif_event *event, struct aif_text *text);

/*
 * Read such a line (without newline) back. Only the exact form that aif_chain_format writes is taken, so no byte of a
 * line is free to differ. ret_event->body points into line, which is changed.
 */
int aif_chain_parse(char *line, struct aif_event *ret_event, struct aif_error *err);

/* First line of a complete export. */
#define AIF_CHAIN_HEADER "{\"aif_export\":1,\"complete\":true}"

/* Start of the first line of a filtered export, which says what it was filtered by and cannot be verified. */
#define AIF_CHAIN_HEADER_PART "{\"aif_export\":1,\"complete\":false"

/*
 * Append the first line of a complete export, newline included. after: where the chain stood before its first event; its count is 0
 * unless older events were moved to an archive. Then the line names both, and keys that were introduced there follow it.
 */
int aif_chain_header(const struct aif_chain *after, struct aif_text *text);
int aif_chain_format_key(const struct aif_event *event, struct aif_text *text);

/*
 * Verify a complete export line by line: header, keys from before, events, trailer. Feed every line with its newline (line is NUL-
 * terminated and gets changed; length tells where it ends), then finish. The first failure is final.
 */
struct aif_chain_reader {
    struct aif_chain chain;
    struct aif_hasher *hasher;
    struct aif_chain after; /* what the first line says is before */
    uint64_t anchored; /* the event that says so, too (anchor.h); 0: none yet */
    struct aif_event event; /* of the line that was read last, also a key from before; its seq is 0 if that was none */
    uint64_t lines;
    int ended; /* the trailer was seen */
};
int aif_chain_reader_start(struct aif_chain_reader *reader, struct aif_error *err);
void aif_chain_reader_end(struct aif_chain_reader *reader); /* frees; reader->chain stays */
int aif_chain_reader_line(struct aif_chain_reader *reader, char *line, size_t length,
                          struct aif_error *err);
int aif_chain_reader_finish(const struct aif_chain_reader *reader, struct aif_error *err);

/* Append the line that ends a complete export, newline included. */
int aif_chain_trailer(const struct aif_chain *chain, struct aif_text *text);

#endif
