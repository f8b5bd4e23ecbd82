/* aif-reportd-collect.c - from slurmdbd into the ledger; see aif-reportd.h */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "aif-reportd.h"
#include "common.h"
#include "rules.h"
#include "slurmconn.h"

#define RESCAN_SECONDS (24 * 3600)

/* One round's reading. */
struct collect {
    struct aif_reportd *reportd;
    void *conn;
    struct aif_reportd_names qos;
    struct aif_reportd_rows rows;
    struct aif_reportd_running *running;
    aif_reportd_visit *visit; /* rows are shown to it instead of being stored; NULL: stored */
    void *visit_data;
    int64_t newest_end;   /* of the rows seen */
    int64_t oldest_start; /* of started rows without an end; 0: none */
    unsigned added, corrected, unusable;
    struct aif_pseudonym pseudonym;
    bool ours; /* what failed was not slurmdbd */
    struct aif_error err;
};

/* What a call to slurmdbd left behind, as one line; -1. */
static int dbd_failed(const char *what, int code)
{
    const char *said = aif_slurm_said();
    const char *why = code && code != SLURM_ERROR ? slurm_strerror(code) : *said ? said : "no answer";

    aif_reportd_log_change(TOPIC_SLURMDBD, "cannot %s: %s; %s", what, why, aif_reportd_log_retry);
    return -1;
}

static int dbd_open(void **ret_conn)
{
    uint16_t flags = 0;
    int code;

    aif_slurm_quiet();
    errno = 0;
    *ret_conn = slurmdb_connection_get(&flags);
    code = errno;
    aif_slurm_loud();
    if (*ret_conn && !code)
        return 0;
    aif_slurmdb_close(ret_conn);
    return dbd_failed("reach slurmdbd", code);
}

/* ---- names and ids ---- */

static int read_qos(struct collect *collect)
{
    list_t *list;
    int code;

    aif_slurm_quiet();
    errno = 0;
    list = slurmdb_qos_get(collect->conn, NULL);
    code = errno;
    aif_slurm_loud();
    if (!list)
        return dbd_failed("read the QOS from slurmdbd", code);
    aif_reportd_names_fill(&collect->qos, list);
    slurm_list_destroy(list);
    return 0;
}

static int match_tres(void *item, void *arg)
{
    const slurmdb_tres_rec_t *tres = item;
    struct aif_reportd_rows *rows = arg;
    const char *gpu = rows->snapshot->policy->gpu_tres;
    char full[256];

    snprintf(full, sizeof(full), "%s%s%s", tres->type ? tres->type : "", tres->name && *tres->name ? "/" : "",
             tres->name ? tres->name : "");
    if (!strcasecmp(full, gpu))
        rows->gpu_tres = tres->id;
    else if (!strcasecmp(full, "node"))
        rows->node_tres = tres->id;
    else if (!strcasecmp(full, "billing"))
        rows->billing_tres = tres->id;
    return 0;
}

static int read_tres(struct collect *collect)
{
    list_t *list;
    int code;

    slurmdb_tres_cond_t cond;

    slurmdb_init_tres_cond(&cond, false);
    aif_slurm_quiet();
    errno = 0;
    list = slurmdb_tres_get(collect->conn, &cond);
    code = errno;
    aif_slurm_loud();
    if (!list)
        return dbd_failed("read the TRES from slurmdbd", code);
    aif_slurm_each(list, match_tres, &collect->rows);
    slurm_list_destroy(list);
    if (collect->rows.gpu_tres)
        return 0;
    /* Without the id every job would have had no GPUs. */
    aif_reportd_log_change(TOPIC_SLURMDBD,
                           "slurmdbd does not count %s (" AIF_Q_UNTRACKED "); put it into AccountingStorageTRES of "
                           "slurm.conf and restart slurmctld", collect->rows.snapshot->policy->gpu_tres);
    return -1;
}

/* ---- rows ---- */

static void note_times(struct collect *collect, const slurmdb_job_rec_t *job)
{
    if (job->end > collect->newest_end && job->end <= collect->rows.now)
        collect->newest_end = job->end;
    if (!job->end && job->start && job->start != (time_t)NO_VAL &&
        (!collect->oldest_start || job->start < collect->oldest_start))
        collect->oldest_start = job->start;
}

/* A row that makes no sense is noted and said once; the others go on. */
static int quarantine(struct collect *collect, const struct aif_record *record, const char *reason)
{
    bool fresh = false;

    collect->unusable++;
    if (aif_reportstate_quarantine(collect->reportd->ledger, record->cluster, record->db_index, record->job_id,
                                   reason, collect->rows.now, &fresh, &collect->err) < 0)
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

    if (aif_ledger_record(ledger, record, collect->rows.now, &outcome, &collect->err) < 0) {
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

    if (job->start && job->start != (time_t)NO_VAL && aif_reportd_row(&collect->rows, job, &record, NULL) == 1)
        aif_reportd_running_add(collect->running, &record, job->timelimit);
    return 0;
}

/* Of what runs and makes no sense yet nothing is known. */
static int show_row(void *item, void *arg)
{
    const slurmdb_job_rec_t *job = item;
    struct collect *collect = arg;
    struct aif_record record;
    int rc = aif_reportd_row(&collect->rows, job, &record, NULL);

    if (!rc || (rc < 0 && !job->end))
        return 0;
    return collect->visit(&record, rc > 0, collect->visit_data, &collect->err);
}

static int take_row(void *item, void *arg)
{
    const slurmdb_job_rec_t *job = item;
    struct collect *collect = arg;
    struct aif_record record;
    struct aif_error err = {0};
    int rc;

    note_times(collect, job);
    if (!job->end)
        return take_running(collect, job);
    rc = aif_reportd_row(&collect->rows, job, &record, &err);
    if (rc < 0)
        return quarantine(collect, &record, err.text);
    return rc ? store(collect, &record) : 0;
}

static void ledger_failed(struct collect *collect)
{
    collect->ours = true;
    aif_reportd_log_change(TOPIC_LEDGER, "%s", collect->err.text);
}

static int query(struct collect *collect, slurmdb_job_cond_t *cond)
{
    list_t *list;
    int code, rc;

    aif_slurm_quiet();
    errno = 0;
    list = slurmdb_jobs_get(collect->conn, cond);
    code = errno;
    aif_slurm_loud();
    if (!list)
        return dbd_failed("read jobs from slurmdbd", code);
    rc = aif_slurm_each(list, collect->visit ? show_row : take_row, collect);
    slurm_list_destroy(list);
    if (rc < 0)
        ledger_failed(collect);
    return rc;
}

/* Texts that the lists only borrow. */
static list_t *account_list(const struct aif_alloctable *allocs)
{
    list_t *list = slurm_list_create(NULL);

    for (size_t i = 0; i < aif_alloctable_count(allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(allocs, i);

        if (aif_alloctable_by_account(allocs, alloc->account) == alloc)
            slurm_list_append(list, alloc->account);
    }
    return list;
}

static list_t *qos_list(struct collect *collect)
{
    list_t *list = slurm_list_create(free);

    for (size_t i = 0; i < collect->qos.count; i++)
        if (aif_alloctable_by_qos(collect->rows.snapshot->allocs, collect->qos.items[i].text))
            slurm_list_append(list, aif_tool_format("%u", collect->qos.items[i].id));
    return list;
}

static int add_assoc(void *item, void *arg)
{
    const slurmdb_assoc_rec_t *assoc = item;

    slurm_list_append(arg, aif_tool_format("%u", assoc->id));
    return 0;
}

/* Ids of the associations of our accounts; NULL after a line. */
static list_t *assoc_list(struct collect *collect, list_t *clusters, list_t *accounts)
{
    slurmdb_assoc_cond_t cond = {.cluster_list = clusters, .acct_list = accounts};
    list_t *found, *list;
    int code;

    aif_slurm_quiet();
    errno = 0;
    found = slurmdb_associations_get(collect->conn, &cond);
    code = errno;
    aif_slurm_loud();
    if (!found) {
        dbd_failed("read the associations from slurmdbd", code);
        return NULL;
    }
    list = slurm_list_create(free);
    aif_slurm_each(found, add_assoc, list);
    slurm_list_destroy(found);
    return list;
}

/* One of the condition's lists is ours to fill: with nothing to ask for it must not mean "all". */
static int query_by(struct collect *collect, slurmdb_job_cond_t *cond, list_t **member, list_t *list)
{
    int rc = 0;

    if (!list)
        return -1;
    *member = list;
    if (slurm_list_count(list))
        rc = query(collect, cond);
    *member = NULL;
    return rc;
}

/*
 * Rows of our QOS, of our accounts whatever their QOS, and of our associations: a job whose start slurmdbd never
 * heard of has a row with neither account nor QOS. Most rows come several times, which the ledger does not mind.
 */
static int query_all(struct collect *collect, int64_t since)
{
    list_t *clusters = slurm_list_create(NULL);
    list_t *accounts = account_list(collect->rows.snapshot->allocs);
    list_t *qos = qos_list(collect);
    list_t *assocs = NULL;
    slurmdb_job_cond_t cond = {
        .cluster_list = clusters,
        .usage_start = since,
        .db_flags = SLURMDB_JOB_FLAG_NOTSET,
        /* Requeued runs too, whole jobs, no steps; with no end of the window rows not yet eligible count as well. */
        .flags = JOBCOND_FLAG_DUP | JOBCOND_FLAG_NO_STEP | JOBCOND_FLAG_NO_TRUNC | JOBCOND_FLAG_NO_DEFAULT_USAGE,
    };
    int rc = 0;

    slurm_list_append(clusters, collect->rows.snapshot->policy->cluster);
    if (slurm_list_count(accounts)) {
        assocs = assoc_list(collect, clusters, accounts);
        rc = query_by(collect, &cond, &cond.associd_list, assocs);
    }
    if (rc == 0)
        rc = query_by(collect, &cond, &cond.acct_list, accounts);
    if (rc == 0)
        rc = query_by(collect, &cond, &cond.qos_list, qos);
    if (assocs)
        slurm_list_destroy(assocs);
    slurm_list_destroy(qos);
    slurm_list_destroy(accounts);
    slurm_list_destroy(clusters);
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
static int window_start(struct collect *collect, int64_t *ret_since, bool *ret_rescan)
{
    struct aif_ledger *ledger = collect->reportd->ledger;
    int64_t cursor, open, rescan;
    int64_t since;

    if (aif_reportstate_get(ledger, "cursor", &cursor, &collect->err) < 0 ||
        aif_reportstate_get(ledger, "open", &open, &collect->err) < 0 ||
        aif_reportstate_get(ledger, "rescan", &rescan, &collect->err) < 0)
        return -1;
    since = cursor - (int64_t)collect->rows.snapshot->policy->report.overlap;
    if (open)
        since = minimum(since, open);
    *ret_rescan = collect->rows.now >= rescan + RESCAN_SECONDS || rescan > collect->rows.now;
    if (*ret_rescan)
        since = minimum(since, aif_record_month_start(collect->rows.now, -1));
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
    if (rescan && aif_reportstate_set(ledger, "rescan", collect->rows.now, &collect->err) < 0)
        return -1;
    if (aif_reportstate_set(ledger, AIF_REPORTSTATE_COLLECTED, collect->rows.now, &collect->err) < 0)
        return -1;
    return aif_reportstate_set(ledger, "open", collect->oldest_start, &collect->err);
}

/* Rows and cursors become durable together, or not at all. */
static int collect_rows(struct collect *collect)
{
    struct aif_ledger *ledger = collect->reportd->ledger;
    int64_t since = 1;
    bool rescan = false;

    if (aif_ledger_begin(ledger, &collect->err) < 0)
        goto failed;
    if (window_start(collect, &since, &rescan) < 0)
        goto failed;
    if (query_all(collect, since) < 0) {
        aif_ledger_rollback(ledger);
        return -1;
    }
    if (save_cursors(collect, rescan) < 0 || aif_ledger_commit(ledger, &collect->err) < 0)
        goto failed;
    aif_reportd_log_fine(TOPIC_LEDGER);
    return 0;

failed:
    aif_ledger_rollback(ledger);
    ledger_failed(collect);
    return -1;
}

static void collect_free(struct collect *collect)
{
    aif_reportd_names_free(&collect->qos);
    aif_slurmdb_close(&collect->conn);
}

static int load_pseudonym(struct collect *collect)
{
    if (collect->reportd->snapshot->policy->report.users != AIF_USERS_PSEUDONYM)
        return 0;
    collect->rows.pseudonym = &collect->pseudonym;
    if (aif_reportd_pseudonym(collect->reportd, &collect->pseudonym, &collect->err) == 0)
        return 0;
    collect->ours = true;
    aif_reportd_log_change(TOPIC_CONFIG, "%s", collect->err.text);
    return -1;
}

/* Reach slurmdbd, and learn what its numbers mean. */
static int begin(struct collect *collect)
{
    collect->rows.snapshot = collect->reportd->snapshot;
    collect->rows.qos = &collect->qos;
    collect->rows.now = (int64_t)time(NULL);
    if (dbd_open(&collect->conn) < 0 || read_tres(collect) < 0)
        return -1;
    return read_qos(collect);
}

int aif_reportd_each_row(struct aif_reportd *reportd, int64_t since, aif_reportd_visit *visit, void *data)
{
    struct collect collect = {.reportd = reportd, .visit = visit, .visit_data = data};
    int rc = begin(&collect);

    if (rc == 0)
        rc = query_all(&collect, since);
    collect_free(&collect);
    return rc;
}

int aif_reportd_collect(struct aif_reportd *reportd, struct aif_reportd_running *ret_running)
{
    struct collect collect = {.reportd = reportd, .running = ret_running};
    int rc;

    rc = load_pseudonym(&collect);
    if (rc == 0 && (rc = begin(&collect)) == 0)
        rc = collect_rows(&collect);
    if (rc == 0)
        aif_reportd_log_fine(TOPIC_SLURMDBD);
    if (rc == 0 && (collect.added || collect.corrected))
        aif_reportd_log("recorded %u jobs, corrected %u", collect.added, collect.corrected);
    collect_free(&collect);
    return rc == 0 ? AIF_EXIT_OK : collect.ours ? AIF_EXIT_FAILED : AIF_EXIT_SLURM;
}
