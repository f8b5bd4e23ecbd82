/* ledger_archive.c - see ledger_archive.h */
#include "ledger_archive.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger_db.h"
#include "ledger_kept.h"
#include "ledger_schema.h"
#include "recordpack.h"

#define HASHES 320 /* bytes that an event takes besides its body, in an export and in the file */

/* Statements with a number in them; nothing that somebody else wrote. */
static int run(struct aif_ledger *ledger, struct aif_error *err, const char *fmt, ...)
{
    va_list args;
    char *sql;
    int rc;

    va_start(args, fmt);
    sql = sqlite3_vmprintf(fmt, args);
    va_end(args);
    rc = sql ? aif_ledger_exec(ledger, sql, err) : aif_error_set(err, AIF_ENOMEM, "out of memory");
    sqlite3_free(sql);
    return rc;
}

/* ---- which events ---- */

/* The number in the first column of the first row, or otherwise if there is no row. */
static int first_number(struct aif_ledger *ledger, sqlite3_stmt *row, uint64_t otherwise, uint64_t *ret_number,
                        struct aif_error *err)
{
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc >= 0)
        *ret_number = rc ? (uint64_t)sqlite3_column_int64(row, 0) : otherwise;
    sqlite3_reset(row);
    return rc < 0 ? -1 : 0;
}

static int measure(struct aif_ledger *ledger, struct aif_ledger_prefix *prefix, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_PREFIX, err, "i", (int64_t)prefix->last);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc == 1) {
        prefix->rows = (uint64_t)sqlite3_column_int64(row, 0);
        prefix->bytes = (uint64_t)sqlite3_column_int64(row, 1) + (prefix->last - prefix->first + 1) * HASHES;
        snprintf(prefix->head, sizeof(prefix->head), "%s", aif_ledger_text(row, 2));
    }
    sqlite3_reset(row);
    return rc < 0 ? -1 : 0;
}

int aif_ledger_prefix(struct aif_ledger *ledger, int64_t before, struct aif_ledger_prefix *ret_prefix, struct aif_error *err)
{
    struct aif_ledger_prefix prefix = {0};
    struct aif_anchor anchor;
    struct aif_chain head;
    uint64_t stays;

    if (aif_ledger_head(ledger, &head, err) < 0 || aif_ledger_anchor(ledger, &anchor, err) < 0 ||
        first_number(ledger, aif_ledger_query(ledger, Q_REACH, err, "i", before), head.count + 1, &stays, err) < 0)
        return -1;
    prefix.first = anchor.last + 1;
    prefix.last = stays - 1;
    prefix.stay = head.count - prefix.last;
    if (prefix.last >= prefix.first && measure(ledger, &prefix, err) < 0)
        return -1;
    *ret_prefix = prefix;
    return 0;
}

int aif_ledger_lacks(struct aif_ledger *ledger, uint64_t cursor, uint64_t last, uint64_t *ret_count, struct aif_error *err)
{
    return first_number(ledger, aif_ledger_query(ledger, Q_LACKS, err, "ii", (int64_t)cursor, (int64_t)last), 0, ret_count, err);
}

/* ---- what is kept ---- */

/* Rows that are corrected by events that stay: of these the last event that goes is kept, too, though it is superseded. */
static int find_corrected(struct aif_ledger *ledger, uint64_t last, struct aif_error *err)
{
    static const char rows[] =
        "INSERT INTO corrected SELECT cluster, db_index, seq FROM %s AS e WHERE seq <= %llu AND kind IN ('job', 'correction')"
        " AND EXISTS (SELECT 1 FROM superseded AS s WHERE s.seq = e.seq)"
        " AND EXISTS (SELECT 1 FROM corrected AS c WHERE c.cluster = e.cluster AND c.db_index = e.db_index)"
        " ON CONFLICT (cluster, db_index) DO UPDATE SET seq = max(seq, excluded.seq)";

    if (run(ledger, err, "CREATE TEMP TABLE corrected (cluster TEXT, db_index INTEGER, seq INTEGER,"
                         " PRIMARY KEY (cluster, db_index)) WITHOUT ROWID;"
                         "INSERT INTO corrected SELECT DISTINCT cluster, db_index, 0 FROM events"
                         " WHERE seq > %llu AND kind = 'correction'", (unsigned long long)last) < 0 ||
        run(ledger, err, rows, "kept", (unsigned long long)last) < 0)
        return -1;
    return run(ledger, err, rows, "events", (unsigned long long)last);
}

/* What was said last about each amount: all that comes before it in the body says which one it is. */
static int find_told(struct aif_ledger *ledger, uint64_t last, struct aif_error *err)
{
    static const char findings[] =
        "INSERT INTO told SELECT kind || substr(body, 1, instr(body, ',\"amount\":')), seq FROM %s WHERE seq <= %llu"
        " AND kind IN ('sent', 'refused', 'anomaly') ORDER BY seq ON CONFLICT (what) DO UPDATE SET seq = excluded.seq";

    if (run(ledger, err, "CREATE TEMP TABLE told (what TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID") < 0 ||
        run(ledger, err, findings, "kept", (unsigned long long)last) < 0)
        return -1;
    return run(ledger, err, findings, "events", (unsigned long long)last);
}

static int keep_row(struct aif_ledger *ledger, const struct aif_event *event, struct aif_text *packed, struct aif_error *err)
{
    struct aif_record record;

    packed->length = 0;
    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    if (aif_recordpack_write(&record, packed) < 0)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    return aif_ledger_run(ledger,
                          aif_ledger_query(ledger, Q_KEPT_ADD, err, "ittiittt", (int64_t)event->seq, event->kind, event->cluster,
                                           (int64_t)event->db_index, event->at, packed->data, "", ""),
                          err);
}

static int keep_rows(struct aif_ledger *ledger, uint64_t last, struct aif_error *err)
{
    sqlite3_stmt *row = NULL;
    struct aif_text packed = {0};
    struct aif_event event;
    int rc;

    if (sqlite3_prepare_v2(ledger->db, "SELECT seq, kind, cluster, db_index, at, body, prev_hash, hash FROM events AS e"
                                       " WHERE seq <= ?1 AND kind IN ('job', 'correction') AND (NOT EXISTS"
                                       " (SELECT 1 FROM superseded AS s WHERE s.seq = e.seq) OR EXISTS (SELECT 1 FROM corrected"
                                       " AS c WHERE c.cluster = e.cluster AND c.db_index = e.db_index AND c.seq = e.seq))"
                                       " ORDER BY seq", -1, &row, NULL) != SQLITE_OK)
        return aif_ledger_fail(ledger, err);
    sqlite3_bind_int64(row, 1, (sqlite3_int64)last);
    while ((rc = aif_ledger_step(ledger, row, err)) == 1)
        if (aif_ledger_event(row, &event, err) < 0 || keep_row(ledger, &event, &packed, err) < 0) {
            rc = -1;
            break;
        }
    sqlite3_finalize(row);
    aif_text_free(&packed);
    return rc;
}

/* What an earlier archive left, and is not needed beside what this one leaves. */
static int drop_old(struct aif_ledger *ledger, struct aif_error *err)
{
    return run(ledger, err,
               "DELETE FROM kept WHERE (kind IN ('job', 'correction')"
               " AND EXISTS (SELECT 1 FROM superseded AS s WHERE s.seq = kept.seq)"
               " AND NOT EXISTS (SELECT 1 FROM corrected AS c WHERE c.cluster = kept.cluster AND c.db_index = kept.db_index"
               " AND c.seq = kept.seq)) OR (kind IN ('sent', 'refused', 'anomaly') AND NOT EXISTS (SELECT 1 FROM told AS t"
               " WHERE t.what = kind || substr(body, 1, instr(body, ',\"amount\":')) AND t.seq = kept.seq))");
}

static int keep_others(struct aif_ledger *ledger, uint64_t last, struct aif_error *err)
{
    return run(ledger, err,
               "INSERT INTO kept SELECT seq, kind, cluster, db_index, at, body, '', '' FROM events"
               " WHERE seq <= %llu AND seq IN (SELECT seq FROM told);"
               "INSERT INTO kept SELECT seq, kind, cluster, db_index, at, body, prev_hash, hash FROM events"
               " WHERE seq <= %llu AND kind = 'key'", (unsigned long long)last, (unsigned long long)last);
}

static int keep(struct aif_ledger *ledger, uint64_t last, struct aif_error *err)
{
    int rc = -1;

    if (find_corrected(ledger, last, err) == 0 && find_told(ledger, last, err) == 0 && drop_old(ledger, err) == 0 &&
        keep_rows(ledger, last, err) == 0)
        rc = keep_others(ledger, last, err);
    if (rc == 0)
        rc = run(ledger, err, "DROP TABLE temp.corrected; DROP TABLE temp.told");
    return rc;
}

/* ---- the cut ---- */

static int take_begin(const struct aif_event *event, void *data, struct aif_error *err)
{
    int64_t *begin = data;

    (void)err;
    *begin = event->at;
    return 0;
}

int aif_ledger_begun(struct aif_ledger *ledger, int64_t *ret_at, struct aif_error *err)
{
    struct aif_anchor anchor;

    if (aif_ledger_anchor(ledger, &anchor, err) < 0)
        return -1;
    *ret_at = anchor.begin;
    return anchor.begin ? 0 : aif_ledger_iterate_after(ledger, 0, 1, take_begin, ret_at, err);
}

static int append_anchor(struct aif_ledger *ledger, const struct aif_anchor *anchor, int64_t at, struct aif_error *err)
{
    struct aif_text body = {0};
    char seq[24];
    int rc = aif_anchor_write(anchor, &body);

    if (rc < 0)
        aif_error_set(err, AIF_EINVAL, "%s: the name of the archive is not text", anchor->file);
    else
        rc = aif_ledger_append(ledger, AIF_KIND_ARCHIVE, "", 0, at, body.data, err);
    aif_text_free(&body);
    snprintf(seq, sizeof(seq), "%llu", (unsigned long long)ledger->chain.count);
    if (rc == 0)
        rc = aif_ledger_run(ledger, aif_ledger_query(ledger, Q_STATE_SET, err, "tt", AIF_LEDGER_STATE_ARCHIVE, seq), err);
    return rc;
}

static int take_out(struct aif_ledger *ledger, uint64_t last, struct aif_error *err)
{
    return run(ledger, err,
               "DELETE FROM superseded WHERE seq <= %llu AND seq NOT IN (SELECT seq FROM kept);"
               "DELETE FROM events WHERE seq <= %llu", (unsigned long long)last, (unsigned long long)last);
}

int aif_ledger_cut(struct aif_ledger *ledger, const struct aif_ledger_prefix *prefix, const struct aif_anchor *given,
                   const struct aif_signkey *key, int64_t at, struct aif_error *err)
{
    struct aif_anchor anchor = *given;

    anchor.last = prefix->last;
    memcpy(anchor.head, prefix->head, sizeof(anchor.head));
    if (aif_ledger_begun(ledger, &anchor.begin, err) < 0 || aif_ledger_schema_unguard(ledger, err) < 0 ||
        keep(ledger, prefix->last, err) < 0 || aif_ledger_kept_digest(ledger, &anchor.kept, anchor.digest, err) < 0)
        return -1;
    /* First, so that the next number follows from the last event also where all others go. */
    if (append_anchor(ledger, &anchor, at, err) < 0 || aif_ledger_checkpoint(ledger, key, at, err) < 0 ||
        take_out(ledger, prefix->last, err) < 0)
        return -1;
    return aif_ledger_schema_guard(ledger, err);
}

int aif_ledger_shrink(struct aif_ledger *ledger, struct aif_error *err)
{
    return aif_ledger_exec(ledger, "PRAGMA temp_store = FILE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", err);
}

int aif_ledger_iterate_between(struct aif_ledger *ledger, uint64_t first, uint64_t last, aif_ledger_visit *visit, void *data,
                               struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_RANGE, err, "ii", (int64_t)first, (int64_t)last);

    return aif_ledger_each(ledger, row, visit, data, err);
}
