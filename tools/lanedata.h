/*
 * lanedata.h - what can be known about lanes here and now: the queue, the waits of the past, the
 * shares
 *
 * The ledger is readable for its owner, the controller's state for SlurmUser; whoever may read
 * neither gets what slurmctld shows him, and is told so.
 */
#ifndef AIF_TOOL_LANEDATA_H
#define AIF_TOOL_LANEDATA_H

#include "livejobs.h"
#include "runs.h"
#include "waits.h"

enum aif_lanedata_shares {
    AIF_LANEDATA_CONTROLLER, /* from the file that the controller's plugin keeps */
    AIF_LANEDATA_COMPUTED,   /* from the ledger and the running jobs */
    AIF_LANEDATA_PARTIAL /* from what slurmctld shows: what ended is missing, so it may be more */
};

struct aif_lanedata {
    const struct aif_snapshot *snapshot;
    struct aif_livejobs *jobs;
    struct aif_waits *waits;         /* of the window */
    bool ledger;                     /* the ledger was read */
    char *ledger_why;                /* why it was not; NULL also where there was no need */
    struct aif_sharewindow *windows; /* NULL: the policy has no shares */
    enum aif_lanedata_shares shares;
    time_t now;
    time_t from; /* begin of the window */
};

/*
 * waits: also those of the past; else the ledger is only read where shares cannot be known without
 * it. Returns AIF_EXIT_OK, or an exit code after one line. snapshot must outlive the result.
 */
int aif_lanedata_load(const struct aif_snapshot *snapshot, bool waits,
                      struct aif_lanedata **ret_data);
void aif_lanedata_free(struct aif_lanedata *data);

/* The windows, where they are known well enough to say that a lane is open; else NULL. */
const struct aif_sharewindow *aif_lanedata_windows(const struct aif_lanedata *data);

#endif
