/* aif-reportd-ask.c - asking slurmdbd for the job rows of our allocations; see aif-reportd-ask.h */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "aif-reportd-ask.h"
#include "common.h"
#include "rules.h"
#include "slurmconn.h"

/* What a call to slurmdbd left behind, as one line; -1. */
static int dbd_failed(const char *what, int code)
{
    const char *said = aif_slurm_said();
    const char *why = code && code != SLURM_ERROR ? slurm_strerror(code) : *said ? said : "no answer";

    aif_reportd_log_change(TOPIC_SLURMDBD, "cannot %s: %s; %s", what, why, aif_reportd_log_retry);
    return -1;
}

/* Around each call: libslurm tells why it failed by errno and in words of its own. */
static void hush(void)
{
    aif_slurm_quiet();
    errno = 0;
}

static int heard(void)
{
    int code = errno;

    aif_slurm_loud();
    return code;
}

static int dbd_open(void **ret_conn)
{
    uint16_t flags = 0;
    int code;

    hush();
    *ret_conn = slurmdb_connection_get(&flags);
    code = heard();
    if (*ret_conn && !code)
        return 0;
    aif_slurmdb_close(ret_conn);
    return dbd_failed("reach slurmdbd", code);
}

/* ---- names and ids ---- */

static int read_qos(struct aif_asking *asking)
{
    list_t *list;
    int code;

    hush();
    list = slurmdb_qos_get(asking->conn, NULL);
    code = heard();
    if (!list)
        return dbd_failed("read the QOS from slurmdbd", code);
    aif_reportd_names_fill(&asking->qos, list);
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

static int read_tres(struct aif_asking *asking)
{
    list_t *list;
    slurmdb_tres_cond_t cond;
    int code;

    slurmdb_init_tres_cond(&cond, false);
    hush();
    list = slurmdb_tres_get(asking->conn, &cond);
    code = heard();
    if (!list)
        return dbd_failed("read the TRES from slurmdbd", code);
    aif_slurm_each(list, match_tres, &asking->rows);
    slurm_list_destroy(list);
    if (asking->rows.gpu_tres)
        return 0;
    /* Without the id every job would have had no GPUs. */
    aif_reportd_log_change(TOPIC_SLURMDBD,
                           "slurmdbd does not count %s (" AIF_Q_UNTRACKED "); put it into AccountingStorageTRES of "
                           "slurm.conf and restart slurmctld", asking->rows.snapshot->policy->gpu_tres);
    return -1;
}

/* ---- rows ---- */

static int query(struct aif_asking *asking, slurmdb_job_cond_t *cond)
{
    list_t *list;
    int code, rc;

    hush();
    list = slurmdb_jobs_get(asking->conn, cond);
    code = heard();
    if (!list)
        return dbd_failed("read jobs from slurmdbd", code);
    rc = asking->answer(list, asking->data);
    slurm_list_destroy(list);
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

static list_t *qos_list(struct aif_asking *asking)
{
    list_t *list = slurm_list_create(free);

    for (size_t i = 0; i < asking->qos.count; i++)
        if (aif_alloctable_by_qos(asking->rows.snapshot->allocs, asking->qos.items[i].text))
            slurm_list_append(list, aif_tool_format("%u", asking->qos.items[i].id));
    return list;
}

static int add_assoc(void *item, void *arg)
{
    const slurmdb_assoc_rec_t *assoc = item;

    slurm_list_append(arg, aif_tool_format("%u", assoc->id));
    return 0;
}

/* Ids of the associations of our accounts; NULL after a line. */
static list_t *assoc_list(struct aif_asking *asking, list_t *clusters, list_t *accounts)
{
    slurmdb_assoc_cond_t cond = {.cluster_list = clusters, .acct_list = accounts};
    list_t *found, *list;
    int code;

    hush();
    found = slurmdb_associations_get(asking->conn, &cond);
    code = heard();
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
static int query_by(struct aif_asking *asking, slurmdb_job_cond_t *cond, list_t **member, list_t *list)
{
    int rc = 0;

    if (!list)
        return -1;
    *member = list;
    if (slurm_list_count(list))
        rc = query(asking, cond);
    *member = NULL;
    return rc;
}

/*
 * Rows of our QOS, of our accounts whatever their QOS, and of our associations: a job whose start slurmdbd never
 * heard of has a row with neither account nor QOS. Most rows come several times, which the ledger does not mind.
 */
int aif_asking_rows(struct aif_asking *asking, int64_t since)
{
    list_t *clusters = slurm_list_create(NULL);
    list_t *accounts = account_list(asking->rows.snapshot->allocs);
    list_t *qos = qos_list(asking);
    list_t *assocs = NULL;
    slurmdb_job_cond_t cond = {
        .cluster_list = clusters,
        .usage_start = since,
        .db_flags = SLURMDB_JOB_FLAG_NOTSET,
        /* Requeued runs too, whole jobs, no steps; with no end of the window rows not yet eligible count as well. */
        .flags = JOBCOND_FLAG_DUP | JOBCOND_FLAG_NO_STEP | JOBCOND_FLAG_NO_TRUNC | JOBCOND_FLAG_NO_DEFAULT_USAGE,
    };
    int rc = 0;

    slurm_list_append(clusters, asking->rows.snapshot->policy->cluster);
    if (slurm_list_count(accounts)) {
        assocs = assoc_list(asking, clusters, accounts);
        rc = query_by(asking, &cond, &cond.associd_list, assocs);
    }
    if (rc == 0)
        rc = query_by(asking, &cond, &cond.acct_list, accounts);
    if (rc == 0)
        rc = query_by(asking, &cond, &cond.qos_list, qos);
    if (assocs)
        slurm_list_destroy(assocs);
    slurm_list_destroy(qos);
    slurm_list_destroy(accounts);
    slurm_list_destroy(clusters);
    return rc;
}

/* ---- the whole ---- */

int aif_asking_begin(struct aif_asking *asking, const struct aif_snapshot *snapshot)
{
    asking->rows.snapshot = snapshot;
    asking->rows.qos = &asking->qos;
    asking->rows.now = (int64_t)time(NULL);
    if (dbd_open(&asking->conn) < 0 || read_tres(asking) < 0)
        return -1;
    return read_qos(asking);
}

void aif_asking_end(struct aif_asking *asking)
{
    aif_reportd_names_free(&asking->qos);
    aif_slurmdb_close(&asking->conn);
}

/* Rows that are only looked at. */
struct showing {
    struct aif_asking asking;
    aif_reportd_visit *visit;
    void *data;
    struct aif_error err;
};

/* Of what runs and makes no sense yet nothing is known. */
static int show_row(void *item, void *arg)
{
    const slurmdb_job_rec_t *job = item;
    struct showing *showing = arg;
    struct aif_record record;
    int rc = aif_reportd_row(&showing->asking.rows, job, &record, NULL);

    if (!rc || (rc < 0 && !job->end))
        return 0;
    return showing->visit(&record, rc > 0, showing->data, &showing->err);
}

static int show_answer(list_t *list, void *data)
{
    struct showing *showing = data;

    if (aif_slurm_each(list, show_row, showing) == 0)
        return 0;
    aif_reportd_log_change(TOPIC_LEDGER, "%s", showing->err.text);
    return -1;
}

int aif_reportd_each_row(struct aif_reportd *reportd, int64_t since, aif_reportd_visit *visit, void *data)
{
    struct showing showing = {.asking = {.answer = show_answer}, .visit = visit, .data = data};
    int rc;

    showing.asking.data = &showing;
    rc = aif_asking_begin(&showing.asking, reportd->snapshot);
    if (rc == 0)
        rc = aif_asking_rows(&showing.asking, since);
    aif_asking_end(&showing.asking);
    return rc;
}
