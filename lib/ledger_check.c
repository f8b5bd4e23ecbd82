/* ledger_check.c - verifying a ledger's file; see ledger.h */
#include "ledger.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_kept.h"
#include "ledger_schema.h"
#include "recordpack.h"
#include "witness.h"

#define PARTS 2 /* a hash needs the one before only as text, so the parts of a chain can be computed side by side */

/* A signed event, for the witness, who wants them in order. */
struct mark {
    struct mark *next;
    struct aif_event event;
    char body[];
};

/* Events first..last, looked at through a connection of its own. */
struct part {
    const char *path;
    struct aif_ledger *ledger;
    uint64_t first, last;
    bool begun; /* it has a first event */
    char prev[AIF_HASH_SIZE]; /* what that says is before it */
    struct aif_chain chain; /* of what is fine */
    uint64_t rows; /* job rows that no later event replaced */
    struct mark *first_mark, **next_mark;
    int rc;
    struct aif_error err;
};

/* The next superseded event from seq on; 0 when there is none in the part. */
static int superseded_next(struct part *part, sqlite3_stmt *row, uint64_t *ret_seq)
{
    int rc = aif_ledger_step(part->ledger, row, &part->err);

    *ret_seq = rc == 1 ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
    return rc < 0 ? -1 : 0;
}

static int index_wrong(struct part *part, uint64_t seq)
{
    return aif_error_set(&part->err, AIF_ECHAIN, "event %llu: the index of latest events does not agree",
                         (unsigned long long)seq);
}

/*
 * The index has each row once. So if every event that is not replaced is the one in it, and every replaced one has a
 * later one in it, then the latest ones are in it and no others, as long as their number is right.
 */
static int check_row(struct part *part, const struct aif_event *event, bool replaced)
{
    const uint64_t seq = event->seq;
    struct aif_record record;
    sqlite3_stmt *row;
    bool agrees;
    int rc;

    /* What is indexed is the event's key, so its body must be about the same row. */
    if (aif_recordpack_parse_any(event->body, &record, &part->err) < 0 || record.db_index != event->db_index ||
        strcmp(record.cluster, event->cluster))
        return index_wrong(part, seq);
    row = aif_ledger_query(part->ledger, Q_LATEST_OF, &part->err, "ti", event->cluster, (int64_t)event->db_index);
    rc = row ? aif_ledger_step(part->ledger, row, &part->err) : -1;
    if (rc < 0)
        return -1;
    agrees = rc == 1 && (replaced ? (uint64_t)sqlite3_column_int64(row, 0) > seq
                                  : (uint64_t)sqlite3_column_int64(row, 0) == seq &&
                                        sqlite3_column_int64(row, 1) == record.end &&
                                        !strcmp(aif_ledger_text(row, 2), record.allocation));
    sqlite3_reset(row);
    part->rows += !replaced;
    return agrees ? 0 : index_wrong(part, seq);
}

static int keep_mark(struct part *part, const struct aif_event *event)
{
    const size_t size = strlen(event->body) + 1;
    struct mark *mark = calloc(1, sizeof(*mark) + size);

    if (!mark)
        return aif_error_set(&part->err, AIF_ENOMEM, "out of memory");
    mark->event = *event;
    memcpy(mark->body, event->body, size);
    mark->event.body = mark->body;
    *part->next_mark = mark;
    part->next_mark = &mark->next;
    return 0;
}

static bool is_signed(const struct aif_event *event)
{
    return !strcmp(event->kind, AIF_KIND_CHECKPOINT) || !strcmp(event->kind, AIF_KIND_KEY);
}

static bool about_a_row(const struct aif_event *event)
{
    return !strcmp(event->kind, "job") || !strcmp(event->kind, "correction");
}

static int check_event(struct part *part, const struct aif_event *event, uint64_t superseded)
{
    if (!part->begun) {
        part->begun = true;
        memcpy(part->prev, event->prev, sizeof(part->prev));
        memcpy(part->chain.head, event->prev, sizeof(part->chain.head));
    }
    if (aif_chain_check_with(&part->chain, part->ledger->hasher, event, &part->err) < 0)
        return -1;
    if (is_signed(event))
        return keep_mark(part, event);
    return about_a_row(event) ? check_row(part, event, event->seq == superseded) : 0;
}

static int check_events(struct part *part)
{
    const int64_t first = (int64_t)part->first, last = (int64_t)part->last;
    sqlite3_stmt *row = aif_ledger_query(part->ledger, Q_RANGE, &part->err, "ii", first, last);
    sqlite3_stmt *other = aif_ledger_query(part->ledger, Q_RANGE_SUPERSEDED, &part->err, "ii", first, last);
    struct aif_event event = {0};
    uint64_t superseded = 0;
    int rc = row && other && superseded_next(part, other, &superseded) == 0 ? 1 : -1;

    while (rc == 1 && (rc = aif_ledger_step(part->ledger, row, &part->err)) == 1) {
        if (aif_ledger_event(row, &event, &part->err) < 0)
            rc = -1;
        while (rc == 1 && superseded && superseded < event.seq)
            if (superseded_next(part, other, &superseded) < 0)
                rc = -1;
        if (rc == 1 && check_event(part, &event, superseded) < 0)
            rc = -1;
    }
    sqlite3_reset(row);
    sqlite3_reset(other);
    if (rc == 0 && part->chain.count != part->last)
        return aif_error_set(&part->err, AIF_ECHAIN, "event %llu: is missing", (unsigned long long)part->chain.count + 1);
    return rc;
}

static void *check_part(void *data)
{
    struct part *part = data;

    part->rc = aif_ledger_open(part->path, AIF_LEDGER_READ, &part->ledger, &part->err);
    if (part->rc == 0 && part->first <= part->last)
        part->rc = check_events(part);
    aif_ledger_close(part->ledger);
    return NULL;
}

static int check_structure(struct aif_ledger *ledger, struct aif_error *err)
{
    sqlite3_stmt *row = NULL;
    int rc = sqlite3_prepare_v2(ledger->db, "PRAGMA integrity_check(1)", -1, &row, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(row);
    if (rc != SQLITE_ROW)
        aif_error_set(err, AIF_ECHAIN, "%s: %s", ledger->path, sqlite3_errmsg(ledger->db));
    else if (strcmp(aif_ledger_text(row, 0), "ok")) {
        aif_error_set(err, AIF_ECHAIN, "%s: damaged file: %s", ledger->path, aif_ledger_text(row, 0));
        rc = SQLITE_CORRUPT;
    }
    sqlite3_finalize(row);
    return rc == SQLITE_ROW ? 0 : -1;
}

static int check_latest_count(struct aif_ledger *ledger, uint64_t rows, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_LATEST_COUNT, err, "");
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;
    uint64_t found = rc == 1 ? (uint64_t)sqlite3_column_int64(row, 0) : 0;

    sqlite3_reset(row);
    if (rc == 1 && found != rows)
        return aif_error_set(err, AIF_ECHAIN, "%s: the index of latest events does not agree: %llu rows instead of %llu",
                             ledger->path, (unsigned long long)found, (unsigned long long)rows);
    return rc < 0 ? -1 : 0;
}

/* The first failure in the order of events; chain: the whole of what is fine. */
static int join_parts(struct part parts[PARTS], struct aif_chain *chain, struct aif_error *err)
{
    for (size_t i = 0; i < PARTS; i++) {
        const struct part *part = &parts[i];

        if (part->begun && strcmp(part->prev, chain->head))
            return aif_error_set(err, AIF_ECHAIN, "event %llu: does not follow from event %llu",
                                 (unsigned long long)chain->count + 1, (unsigned long long)chain->count);
        if (part->begun)
            *chain = part->chain;
        if (part->rc < 0)
            return aif_error_set(err, part->err.code, "%s", part->err.text);
    }
    return 0;
}

static void cut_parts(struct part parts[PARTS], struct aif_ledger *ledger, uint64_t before, uint64_t last)
{
    const uint64_t count = last - before;

    for (size_t i = 0; i < PARTS; i++) {
        parts[i] = (struct part){.path = ledger->path, .first = before + count * i / PARTS + 1,
                                 .last = before + count * (i + 1) / PARTS};
        parts[i].chain.count = parts[i].first - 1;
        parts[i].next_mark = &parts[i].first_mark;
    }
}

/* Each part in a thread of its own while this one looks at the structure; without threads one after the other. */
static int check_all(struct aif_ledger *ledger, struct part parts[PARTS], struct aif_error *err)
{
    pthread_t threads[PARTS];
    bool started[PARTS];
    int rc;

    for (size_t i = 0; i < PARTS; i++)
        started[i] = pthread_create(&threads[i], NULL, check_part, &parts[i]) == 0;
    rc = check_structure(ledger, err);
    for (size_t i = 0; i < PARTS; i++)
        if (started[i])
            pthread_join(threads[i], NULL);
        else
            check_part(&parts[i]);
    return rc;
}

static int show_marks(const struct part *part, struct aif_witness *witness, struct aif_error *err)
{
    for (const struct mark *mark = part->first_mark; witness && mark; mark = mark->next)
        if (aif_witness_event(witness, &mark->event, err) < 0)
            return -1;
    return 0;
}

static void free_marks(struct part parts[PARTS])
{
    struct mark *mark, *next;

    for (size_t i = 0; i < PARTS; i++)
        for (mark = parts[i].first_mark; mark; mark = next) {
            next = mark->next;
            free(mark);
        }
}

static int check_kept_event(struct part *part, const struct aif_event *event, bool replaced, struct aif_witness *witness)
{
    if (about_a_row(event))
        return check_row(part, event, replaced);
    if (strcmp(event->kind, AIF_KIND_KEY))
        return 0;
    if (aif_ledger_kept_key(part->ledger, event, &part->err) < 0)
        return -1;
    return witness ? aif_witness_event(witness, event, &part->err) : 0;
}

/* What is kept of events that are in an archive: as the anchor has it, and indexed like the rest. */
static int check_kept(struct aif_ledger *ledger, const struct aif_anchor *anchor, struct aif_witness *witness,
                      uint64_t *ret_rows, struct aif_error *err)
{
    struct part part = {.ledger = ledger};
    sqlite3_stmt *row = NULL;
    struct aif_event event;
    int rc = aif_ledger_kept_check(ledger, anchor, err) < 0 || !(row = aif_ledger_query(ledger, Q_KEPT, err, "")) ? -1 : 1;

    while (rc == 1 && (rc = aif_ledger_step(ledger, row, err)) == 1)
        if (aif_ledger_event(row, &event, &part.err) < 0 ||
            check_kept_event(&part, &event, sqlite3_column_int(row, 8) != 0, witness) < 0)
            rc = aif_error_set(err, part.err.code, "%s", part.err.text);
    sqlite3_reset(row);
    *ret_rows = part.rows;
    return rc;
}

/* What is left to check when all parts have been looked at. */
static int judge(struct aif_ledger *ledger, const struct aif_anchor *anchor, struct part parts[PARTS],
                 struct aif_witness *witness, struct aif_chain *chain, struct aif_error *err)
{
    uint64_t rows = 0;

    if (join_parts(parts, chain, err) < 0 || check_kept(ledger, anchor, witness, &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < PARTS; i++) {
        rows += parts[i].rows;
        if (show_marks(&parts[i], witness, err) < 0)
            return -1;
    }
    if (aif_ledger_schema_guards(ledger, err) < 0)
        return -1;
    return check_latest_count(ledger, rows, err);
}

/* Who takes events out must have the key. */
static int check_signed(const struct aif_anchor *anchor, const struct aif_witness *witness, struct aif_error *err)
{
    if (!anchor->seq || aif_witness_testimony(witness)->until >= anchor->seq)
        return 0;
    return aif_error_set(err, AIF_ECHAIN, "event %llu: says that those to %llu are in an archive, but no key that is believed signed it",
                         (unsigned long long)anchor->seq, (unsigned long long)anchor->last);
}

static int verify_from(struct aif_ledger *ledger, const struct aif_anchor *anchor, struct aif_witness *witness,
                       struct aif_chain *chain, struct aif_error *err)
{
    struct part parts[PARTS];
    struct aif_chain head;
    struct aif_error structure;
    int rc, rc_structure;

    if (aif_ledger_head(ledger, &head, err) < 0)
        return -1;
    chain->count = anchor->last;
    memcpy(chain->head, anchor->head, sizeof(chain->head));
    cut_parts(parts, ledger, anchor->last, head.count);
    rc_structure = check_all(ledger, parts, &structure);
    rc = judge(ledger, anchor, parts, witness, chain, err);
    if (rc == 0)
        rc = check_signed(anchor, witness, err);
    free_marks(parts);
    if (rc == 0 && rc_structure < 0)
        return aif_error_set(err, structure.code, "%s", structure.text);
    return rc;
}

static int verify(struct aif_ledger *ledger, struct aif_witness *witness, struct aif_chain *chain, struct aif_error *err)
{
    struct aif_witness *own = NULL;
    struct aif_anchor anchor;
    int rc;

    if (aif_ledger_anchor(ledger, &anchor, err) < 0)
        return -1;
    if (anchor.seq && !witness && !(own = aif_witness_create(NULL, err)))
        return -1;
    rc = verify_from(ledger, &anchor, witness ? witness : own, chain, err);
    aif_witness_destroy(own);
    return rc;
}

int aif_ledger_verify_signed(struct aif_ledger *ledger, struct aif_witness *witness, struct aif_chain *ret_chain,
                             struct aif_error *err)
{
    int rc;

    aif_chain_start(ret_chain);
    /* One view of the file throughout, even while a reporter appends. */
    if (aif_ledger_exec(ledger, "BEGIN", err) < 0)
        return -1;
    rc = verify(ledger, witness, ret_chain, err);
    aif_ledger_rollback(ledger);
    return rc;
}

int aif_ledger_verify(struct aif_ledger *ledger, struct aif_chain *ret_chain, struct aif_error *err)
{
    return aif_ledger_verify_signed(ledger, NULL, ret_chain, err);
}
