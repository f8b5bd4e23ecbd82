/* aif-reportd-balances.c - what the ledger and running jobs add up to, for slurmctld; see aif-reportd.h */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "aif-reportd.h"
#include "common.h"
#include "ledgerbalance.h"

#define GROWTH 256

/* ---- running jobs ---- */

static int compare_rows(const void *a, const void *b)
{
    const struct aif_record *left = a, *right = b;

    return left->db_index < right->db_index ? -1 : left->db_index > right->db_index;
}

/* A job comes once per query that finds it. */
static void drop_repeated(struct aif_reportd_running *running)
{
    size_t kept = 0;

    if (!running->count)
        return;
    qsort(running->rows, running->count, sizeof(running->rows[0]), compare_rows);
    for (size_t i = 1; i < running->count; i++)
        if (running->rows[i].db_index != running->rows[kept].db_index)
            running->rows[++kept] = running->rows[i];
    running->count = kept + 1;
}

static void make_room(struct aif_reportd_running *running)
{
    if (running->count < running->room)
        return;
    drop_repeated(running);
    if (running->count + GROWTH > running->room) {
        struct aif_record *rows = aif_tool_alloc(running->room * 2 + GROWTH, sizeof(*rows));

        for (size_t i = 0; i < running->count; i++)
            rows[i] = running->rows[i];
        free(running->rows);
        running->rows = rows;
        running->room = running->room * 2 + GROWTH;
    }
}

void aif_reportd_running_add(struct aif_reportd_running *running, const struct aif_record *record,
                             uint32_t minutes)
{
    struct aif_record *row;

    make_room(running);
    row = &running->rows[running->count++];
    *row = *record;
    /* slurmctld itself counts the inference jobs that run; here they would count twice. */
    row->purpose[0] = '\0';
    /* The end of a runaway job never reached slurmdbd: its row would grow for ever. */
    if (minutes != INFINITE && minutes != NO_VAL && minutes && row->elapsed / 60 >= minutes) {
        row->elapsed = (uint64_t)minutes * 60;
        row->end = row->start + (int64_t)row->elapsed;
    }
}

void aif_reportd_running_free(struct aif_reportd_running *running)
{
    free(running->rows);
    *running = (struct aif_reportd_running){0};
}

/* ---- the file ---- */

static bool is_written(const struct aif_balances *balances, const char *path)
{
    struct aif_balances *there = NULL;
    bool same;

    if (aif_balances_load(path, &there, NULL) < 0)
        return false;
    same = aif_balances_same(balances, there);
    aif_balances_destroy(there);
    return same;
}

int aif_reportd_balances(struct aif_reportd *reportd, struct aif_reportd_running *running, time_t at)
{
    const char *path = reportd->snapshot->policy->report.balances;
    struct aif_balances *balances = NULL;
    struct aif_error err = {0};
    int rc;

    drop_repeated(running);
    rc = aif_ledgerbalance_read_with(reportd->ledger, reportd->snapshot->allocs, running->rows, running->count,
                                     at, &balances, &err);
    if (rc == 0 && !is_written(balances, path))
        rc = aif_balances_save(balances, path, &err);
    aif_balances_destroy(balances);
    if (rc < 0)
        aif_reportd_log_change(TOPIC_BALANCES, "%s", err.text);
    else
        aif_reportd_log_fine(TOPIC_BALANCES);
    return rc;
}
