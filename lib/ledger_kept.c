/* ledger_kept.c - see ledger_kept.h */
#include "ledger_kept.h"

#include <stdlib.h>
#include <string.h>

#include "recordpack.h"
#include "statement.h"

/* ---- the anchor ---- */

static int anchor_seq(struct aif_ledger *ledger, int64_t *ret_seq, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_STATE_GET, err, "t", AIF_LEDGER_STATE_ARCHIVE);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    *ret_seq = rc == 1 ? strtoll(aif_ledger_text(row, 0), NULL, 10) : 0;
    sqlite3_reset(row);
    return rc < 0 ? -1 : 0;
}

static int read_anchor(struct aif_ledger *ledger, int64_t seq, struct aif_anchor *ret_anchor, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_ONE, err, "i", seq);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;
    struct aif_event event;

    if (rc == 0)
        rc = aif_error_set(err, AIF_ECHAIN, "event %lld: is missing, and with it where older events are", (long long)seq);
    if (rc == 1)
        rc = aif_ledger_event(row, &event, err) < 0 ? -1 : aif_anchor_read(&event, ret_anchor, err);
    sqlite3_reset(row);
    return rc;
}

int aif_ledger_anchor(struct aif_ledger *ledger, struct aif_anchor *ret_anchor, struct aif_error *err)
{
    struct aif_chain start;
    int64_t seq;

    if (anchor_seq(ledger, &seq, err) < 0)
        return -1;
    if (seq)
        return read_anchor(ledger, seq, ret_anchor, err);
    aif_chain_start(&start);
    *ret_anchor = (struct aif_anchor){0};
    memcpy(ret_anchor->head, start.head, sizeof(start.head));
    return 0;
}

/* ---- what is kept ---- */

static int add_digest(struct aif_digest *digest, struct aif_text *line, const struct aif_event *event, struct aif_error *err)
{
    line->length = 0;
    if (aif_text_printf(line, "%llu\n%s\n%s\n%llu\n%lld\n%s\n%s\n%zu\n", (unsigned long long)event->seq, event->kind,
                        event->cluster, (unsigned long long)event->db_index, (long long)event->at, event->prev, event->hash,
                        strlen(event->body)) < 0 ||
        aif_text_append(line, event->body, strlen(event->body)) < 0 || aif_text_append(line, "\n", 1) < 0)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    return aif_digest_update(digest, line->data, line->length, err);
}

static int digest_all(struct aif_ledger *ledger, struct aif_digest *digest, uint64_t *ret_count, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_KEPT, err, "");
    struct aif_text line = {0};
    struct aif_event event;
    int rc = row ? 1 : -1;

    while (rc == 1 && (rc = aif_ledger_step(ledger, row, err)) == 1) {
        if (aif_ledger_event(row, &event, err) < 0 || add_digest(digest, &line, &event, err) < 0)
            rc = -1;
        ++*ret_count;
    }
    sqlite3_reset(row);
    aif_text_free(&line);
    return rc;
}

int aif_ledger_kept_digest(struct aif_ledger *ledger, uint64_t *ret_count, char ret_digest[AIF_HASH_SIZE],
                           struct aif_error *err)
{
    struct aif_digest *digest = aif_digest_create();
    uint64_t count = 0, bytes;
    int rc = digest ? digest_all(ledger, digest, &count, err) : aif_error_set(err, AIF_ENOMEM, "out of memory");

    if (rc == 0)
        rc = aif_digest_finish(digest, ret_digest, &bytes, err);
    aif_digest_destroy(digest);
    *ret_count = count;
    return rc;
}

int aif_ledger_kept_check(struct aif_ledger *ledger, const struct aif_anchor *anchor, struct aif_error *err)
{
    char digest[AIF_HASH_SIZE];
    uint64_t count;

    if (aif_ledger_kept_digest(ledger, &count, digest, err) < 0)
        return -1;
    if (count != anchor->kept || (anchor->seq && strcmp(digest, anchor->digest)))
        return aif_error_set(err, AIF_ECHAIN, "what is kept of events up to %llu is not what event %llu says",
                             (unsigned long long)anchor->last, (unsigned long long)anchor->seq);
    return 0;
}

int aif_ledger_kept_key(struct aif_ledger *ledger, const struct aif_event *event, struct aif_error *err)
{
    char hash[AIF_HASH_SIZE];

    if (aif_chain_valid(event, err) < 0 || aif_hasher_event(ledger->hasher, event, hash, err) < 0)
        return -1;
    if (strcmp(hash, event->hash))
        return aif_error_set(err, AIF_ECHAIN, "event %llu: content does not match its hash", (unsigned long long)event->seq);
    return 0;
}

int aif_ledger_kept_row(struct aif_ledger *ledger, uint64_t seq, struct aif_record *ret_record, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_KEPT_OF, err, "i", (int64_t)seq);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc == 1 && aif_recordpack_parse(aif_ledger_text(row, 5), ret_record, err) < 0)
        rc = -1;
    sqlite3_reset(row);
    return rc;
}

int aif_ledger_kept_later(struct aif_ledger *ledger, const struct aif_record *key, uint64_t seq, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_KEPT_LATER, err, "iti", (int64_t)seq, key->cluster, (int64_t)key->db_index);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    sqlite3_reset(row);
    return rc;
}

int aif_ledger_kept_rows(struct aif_ledger *ledger, uint64_t first, uint64_t *ret_count, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_KEPT_ROWS, err, "i", (int64_t)first);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc == 1)
        *ret_count = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return rc == 1 ? 0 : -1;
}
