/* aif-reportd-collect.c - from slurmdbd into the ledger; see aif-reportd.h */
#include "config.h"

#include <time.h>

#include "aif-reportd-ask.h"
#include "common.h"
#include "slurmconn.h"

#define RESCAN_SECONDS (24 * 3600)

/* Rows that become durable together: others want to write, too, and a row counts on its own. */
#define BATCH 1000
#define PAUSE_NS 2000000 /* between two of them; SQLite has no queue of those who wait */

/* One round's reading. */
struct collect {
    struct aif_reportd *reportd;
    struct aif_asking asking;
    struct aif_reportd_running *running;
    int64_t newest_end;   /* of the rows seen */
    int64_t oldest_start; /* of started rows without an end; 0: none */
    bool begun; /* in a transaction, with the lock */
    unsigned batch, added, corrected;  /* rows in it */
    unsigned all_added, all_corrected; /* in all that are durable */
    struct aif_pseudonym pseudonym;
    bool ours; /* what failed was not slurmdbd */
    struct aif_error err;
};

static void ledger_failed(struct collect *collect)
{
    collect->ours = true;
    aif_reportd_log_change(TOPIC_LEDGER, "%s", collect->err.text);
}

/* ---- transactions; the lock is taken for each ---- */

static int batch_begin(struct collect *collect)
{
    collect->batch = collect->added = collect->corrected = 0;
    aif_reportd_ledger_take(collect->reportd);
    collect->begun = aif_ledger_begin(collect->reportd->ledger, &collect->err) == 0;
    if (!collect->begun)
        aif_reportd_ledger_give(collect->reportd);
    return collect->begun ? 0 : -1;
}

/* rc: what became of the rows; that of all is returned. */
static int batch_end(struct collect *collect, int rc)
{
    if (rc == 0)
        rc = aif_ledger_commit(collect->reportd->ledger, &collect->err);
    else
        aif_ledger_rollback(collect->reportd->ledger);
    collect->begun = false;
    aif_reportd_ledger_give(collect->reportd);
    if (rc == 0) {
        collect->all_added += collect->added;
        collect->all_corrected += collect->corrected;
    }
    return rc;
}

/* ---- rows ---- */

static void note_times(struct collect *collect, const slurmdb_job_rec_t *job)
{
    if (job->end > collect->newest_end && job->end <= collect->asking.rows.now)
        collect->newest_end = job->end;
    if (!job->end && job->start && job->start != (time_t)NO_VAL &&
        (!collect->oldest_start || job->start < collect->oldest_start))
        collect->oldest_start = job->start;
}

/* A row that makes no sense is noted and said once; the others go on. */
static int quarantine(struct collect *collect, const struct aif_record *record, const char *reason)
{
    bool fresh = false;

    if (aif_reportstate_quarantine(collect->reportd->ledger, record->cluster, record->db_index, record->job_id,
                                   reason, collect->asking.rows.now, &fresh, &collect->err) < 0)
        return -1;
    if (fresh)
        aif_reportd_log("job %u (row %llu of %s) is not recorded: %s", record->job_id,
                        (unsigned long long)record->db_index, record->cluster, reason);
    return 0;
}

static int store(struct collect *collect, const struct aif_record *record)
{
    struct aif_ledger *ledger = collect->reportd->ledger;
    enum aif_ledger_outcome outcome;

    if (aif_ledger_record(ledger, record, collect->asking.rows.now, &outcome, &collect->err) < 0) {
        /* EINVAL is about this record, the rest about the ledger. */
        return collect->err.code == AIF_EINVAL ? quarantine(collect, record, collect->err.text) : -1;
    }
    collect->added += outcome == AIF_LEDGER_NEW;
    collect->corrected += outcome == AIF_LEDGER_CORRECTED;
    return aif_reportstate_clear(ledger, record->cluster, record->db_index, &collect->err);
}

/* Only ended rows are recorded: what a running job will have used is known at its end. */
static int take_running(struct collect *collect, const slurmdb_job_rec_t *job)
{
    struct aif_record record;

    if (job->start && job->start != (time_t)NO_VAL && aif_reportd_row(&collect->asking.rows, job, &record, NULL) == 1)
        aif_reportd_running_add(collect->running, &record, job->timelimit);
    return 0;
}

static int take_row(struct collect *collect, const slurmdb_job_rec_t *job)
{
    struct aif_record record;
    struct aif_error err = {0};
    int rc;

    note_times(collect, job);
    if (!job->end)
        return take_running(collect, job);
    rc = aif_reportd_row(&collect->asking.rows, job, &record, &err);
    if (rc < 0)
        return quarantine(collect, &record, err.text);
    return rc ? store(collect, &record) : 0;
}

static int take_item(void *item, void *arg)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    struct collect *collect = arg;

    if (!collect->begun && batch_begin(collect) < 0)
        return -1;
    if (take_row(collect, item) < 0)
        return batch_end(collect, -1);
    if (++collect->batch < BATCH)
        return 0;
    if (batch_end(collect, 0) < 0)
        return -1;
    nanosleep(&pause, NULL);
    return 0;
}

/* Whatever slurmdbd answers after this, these rows are in the ledger; the next round finds them there. */
static int take_answer(list_t *list, void *data)
{
    struct collect *collect = data;
    int rc = aif_slurm_each(list, take_item, collect);

    if (collect->begun)
        rc = batch_end(collect, rc);
    if (rc < 0)
        ledger_failed(collect);
    return rc;
}

/* ---- where to begin, where we are ---- */

static int64_t minimum(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/*
 * Ends arrive in order but late, so the window starts before the newest end seen, not before now. A started row
 * without an end (perhaps a runaway, ended later by hand) holds the window open. Once a day everything that is still
 * reported is read again, for rows that were changed by hand.
 */
static int read_window(struct collect *collect, int64_t *ret_since, bool *ret_rescan)
{
    struct aif_ledger *ledger = collect->reportd->ledger;
    int64_t cursor, open, rescan;
    int64_t since;

    if (aif_reportstate_get(ledger, "cursor", &cursor, &collect->err) < 0 ||
        aif_reportstate_get(ledger, "open", &open, &collect->err) < 0 ||
        aif_reportstate_get(ledger, "rescan", &rescan, &collect->err) < 0)
        return -1;
    since = cursor - (int64_t)collect->asking.rows.snapshot->policy->report.overlap;
    if (open)
        since = minimum(since, open);
    *ret_rescan = collect->asking.rows.now >= rescan + RESCAN_SECONDS || rescan > collect->asking.rows.now;
    if (*ret_rescan)
        since = minimum(since, aif_record_month_start(collect->asking.rows.now, -1));
    *ret_since = cursor && since > 0 ? since : 1;
    return 0;
}

static int save_cursors(struct collect *collect, bool rescan)
{
    struct aif_ledger *ledger = collect->reportd->ledger;
    int64_t cursor;

    if (aif_reportstate_get(ledger, "cursor", &cursor, &collect->err) < 0)
        return -1;
    if (collect->newest_end > cursor &&
        aif_reportstate_set(ledger, "cursor", collect->newest_end, &collect->err) < 0)
        return -1;
    if (rescan && aif_reportstate_set(ledger, "rescan", collect->asking.rows.now, &collect->err) < 0)
        return -1;
    if (aif_reportstate_set(ledger, AIF_REPORTSTATE_COLLECTED, collect->asking.rows.now, &collect->err) < 0)
        return -1;
    return aif_reportstate_set(ledger, "open", collect->oldest_start, &collect->err);
}

static int window_start(struct collect *collect, int64_t *ret_since, bool *ret_rescan)
{
    int rc;

    aif_reportd_ledger_take(collect->reportd);
    rc = read_window(collect, ret_since, ret_rescan);
    aif_reportd_ledger_give(collect->reportd);
    return rc;
}

/* Only when all rows that they pass over are durable: what is lost before is asked for again. */
static int move_cursors(struct collect *collect, bool rescan)
{
    if (batch_begin(collect) < 0)
        return -1;
    return batch_end(collect, save_cursors(collect, rescan));
}

static int collect_rows(struct collect *collect)
{
    int64_t since = 1;
    bool rescan = false;

    if (window_start(collect, &since, &rescan) < 0)
        goto failed;
    if (aif_asking_rows(&collect->asking, since) < 0)
        return -1;
    if (move_cursors(collect, rescan) < 0)
        goto failed;
    aif_reportd_log_fine(TOPIC_LEDGER);
    return 0;

failed:
    ledger_failed(collect);
    return -1;
}

static int load_pseudonym(struct collect *collect)
{
    if (collect->reportd->snapshot->policy->report.users != AIF_USERS_PSEUDONYM)
        return 0;
    collect->asking.rows.pseudonym = &collect->pseudonym;
    if (aif_reportd_pseudonym(collect->reportd, &collect->pseudonym, &collect->err) == 0)
        return 0;
    collect->ours = true;
    aif_reportd_log_change(TOPIC_CONFIG, "%s", collect->err.text);
    return -1;
}

int aif_reportd_collect(struct aif_reportd *reportd, struct aif_reportd_running *ret_running)
{
    struct collect collect = {.reportd = reportd, .running = ret_running, .asking = {.answer = take_answer}};
    int rc;

    collect.asking.data = &collect;
    rc = load_pseudonym(&collect);
    if (rc == 0 && (rc = aif_asking_begin(&collect.asking, reportd->snapshot)) == 0)
        rc = collect_rows(&collect);
    if (rc == 0)
        aif_reportd_log_fine(TOPIC_SLURMDBD);
    if (collect.all_added || collect.all_corrected)
        aif_reportd_log("recorded %u jobs, corrected %u", collect.all_added, collect.all_corrected);
    aif_asking_end(&collect.asking);
    return rc == 0 ? AIF_EXIT_OK : collect.ours ? AIF_EXIT_FAILED : AIF_EXIT_SLURM;
}
