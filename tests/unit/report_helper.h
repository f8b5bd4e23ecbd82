/* report_helper.h - a ledger in a directory of its own, for the tests of what is stored there */
#ifndef REPORT_HELPER_H
#define REPORT_HELPER_H

#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger.h"

struct fixture {
    char dir[64];
    char path[96];
    struct aif_ledger *ledger;
};

static inline int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct aif_error err;

    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/aif-unit-XXXXXX");
    if (!mkdtemp(fixture->dir)) {
        free(fixture);
        return -1;
    }
    snprintf(fixture->path, sizeof(fixture->path), "%s/ledger.db", fixture->dir);
    *state = fixture;
    if (aif_ledger_open(fixture->path, AIF_LEDGER_WRITE, &fixture->ledger, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return 0;
}

static inline int fixture_teardown(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm", ".lock", ".link", ".second"};
    struct fixture *fixture = *state;
    char name[128];

    aif_ledger_close(fixture->ledger);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", fixture->path, endings[i]);
        unlink(name);
    }
    rmdir(fixture->dir);
    free(fixture);
    return 0;
}

static inline struct aif_record fixture_record(uint64_t db_index)
{
    return (struct aif_record){
        .cluster = "c1", .db_index = db_index, .job_id = (uint32_t)db_index, .account = "acct",
        .user = "alice", .qos = "a-1", .allocation = "A-1", .mode = "playground", .partition = "gpu",
        .state = "COMPLETED", .submit = 1700000000, .start = 1700000100, .end = 1700003700,
        .elapsed = 3600, .gpus = 4, .nodes = 1, .billing = 16,
    };
}

#endif
