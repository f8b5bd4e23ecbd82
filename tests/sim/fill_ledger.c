/*
 * fill_ledger.c - a ledger with job rows of chance, for tests of what is sent from it
 *
 *     fill_ledger PATH SEED FIRST COUNT UNTIL ACCOUNT=PROJECT...
 *
 * Adds COUNT rows from row number FIRST on that ended in the 40 days before UNTIL, or corrects those that are there: the
 * same row gets other figures with another seed. Some jobs never started, some have no GPUs, some were suspended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"

#define DAYS 40

static const char *const states[] = {"COMPLETED", "FAILED",   "TIMEOUT",   "CANCELLED", "OUT_OF_MEMORY",
                                     "DEADLINE",  "NODE_FAIL", "PREEMPTED", "BOOT_FAIL"};

static uint64_t pick(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (*seed >> 33) % below;
}

static void fill(struct aif_record *record, uint64_t *seed, int64_t until, char *whose)
{
    char *project = strchr(whose, '=');

    *record = (struct aif_record){.cluster = "aif", .user = "alice", .mode = "playground", .partition = "gpu"};
    snprintf(record->account, sizeof(record->account), "%.*s", (int)(project - whose), whose);
    snprintf(record->allocation, sizeof(record->allocation), "%s", project + 1);
    snprintf(record->qos, sizeof(record->qos), "%s", project + 1);
    snprintf(record->user, sizeof(record->user), "user%u", (unsigned)pick(seed, 5));
    snprintf(record->state, sizeof(record->state), "%s", states[pick(seed, sizeof(states) / sizeof(states[0]))]);
    record->end = until - (int64_t)pick(seed, DAYS * 86400);
    record->submit = record->end - 100000;
    if (pick(seed, 10) == 0) /* cancelled before it began */
        return;
    record->elapsed = 1 + pick(seed, 50000);
    record->start = record->end - (int64_t)record->elapsed;
    if (pick(seed, 10) == 0)
        record->elapsed -= record->elapsed / 3;
    record->nodes = 1 + pick(seed, 4);
    record->gpus = pick(seed, 5) * record->nodes;
    record->cpus = 8 * record->nodes;
    record->billing = record->cpus + 16 * record->gpus;
}

static int add(struct aif_ledger *ledger, char **argv, int argc, struct aif_error *err)
{
    uint64_t seed = strtoull(argv[2], NULL, 10), first = strtoull(argv[3], NULL, 10), count = strtoull(argv[4], NULL, 10);
    int64_t until = strtoll(argv[5], NULL, 10);
    enum aif_ledger_outcome outcome;
    struct aif_record record;

    for (uint64_t i = first; i < first + count; i++) {
        fill(&record, &seed, until, argv[6 + pick(&seed, (uint64_t)(argc - 6))]);
        record.db_index = i;
        record.job_id = (uint32_t)(1000 + i);
        if (aif_ledger_record(ledger, &record, until, &outcome, err) < 0)
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct aif_ledger *ledger = NULL;
    struct aif_error err = {0};
    int rc = -1;

    for (int i = 6; i < argc; i++)
        if (!strchr(argv[i], '='))
            argc = 0;
    if (argc < 7) {
        fputs("usage: fill_ledger PATH SEED FIRST COUNT UNTIL ACCOUNT=PROJECT...\n", stderr);
        return 2;
    }
    if (aif_ledger_open(argv[1], AIF_LEDGER_WRITE, &ledger, &err) == 0 && aif_ledger_begin(ledger, &err) == 0 &&
        add(ledger, argv, argc, &err) == 0)
        rc = aif_ledger_commit(ledger, &err);
    aif_ledger_close(ledger);
    if (rc < 0)
        fprintf(stderr, "fill_ledger: %s\n", err.text);
    return rc < 0;
}
