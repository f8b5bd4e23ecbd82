/*
 * aif-reportd-reconcile.h - whether slurmdbd, the ledger, Slurm's own counters and every sink agree, for the reporter and aif
 *
 * What is found is a list of places, one for each allocation and month in which anything was used: what is there, what the
 * ledger has, and what the difference is made of. Some differences are as they should be, such as jobs that ended a moment ago.
 */
#ifndef AIF_REPORTD_RECONCILE_H
#define AIF_REPORTD_RECONCILE_H

#include "aif-reportd.h"
#include "live.h"
#include "reconcile.h"

enum aif_place_kind { AIF_PLACE_SLURMDBD, AIF_PLACE_COUNTER, AIF_PLACE_SINK };

struct aif_place_finding {
    const struct aif_alloc *alloc;
    char month[AIF_MONTH_SIZE]; /* "": since ever */
    enum aif_place_kind kind;
    const struct aif_sink_conf *sink; /* of a sink */
    uint64_t there_secs; /* of the allocation's unit, as the ledger's */
    uint64_t ledger_secs;
    bool bad;      /* nothing says that it goes away by itself */
    char why[400]; /* what it is made of; "" if both are the same */
};

struct aif_findings {
    struct aif_place_finding *items;
    size_t count;
    size_t room;
};

/* What one month is compared with, while that is done. */
struct aif_reconciling {
    struct aif_reportd *reportd; /* its ledger and snapshot */
    const struct aif_alloc *only; /* NULL: all */
    const struct aif_live *live;  /* what slurmctld counts, loaded before; NULL: it is not looked at */
    struct aif_reconcile_span span;
    struct aif_reconcile *rows;
    struct aif_findings *findings;
};

/* "slurmdbd", "slurmctld" or the sink's name. */
const char *aif_place_name(const struct aif_place_finding *finding);

/* How much is there too much or too little, in seconds. */
uint64_t aif_place_difference(const struct aif_place_finding *finding);

/* Add a finding, to be filled; no other may be added in between. */
struct aif_place_finding *aif_findings_add(struct aif_reconciling *reconciling, size_t alloc, enum aif_place_kind kind);
void aif_findings_free(struct aif_findings *findings);

/* Say one thing more of the finding. */
void aif_place_say(struct aif_place_finding *finding, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Compare the month that begins at start (UTC); findings are added to *findings. Asks slurmdbd, so nobody else may use that opened ledger. 0; -1
 * after a line about slurmdbd (err->code AIF_ENOENT then) or with err filled.
 */
int aif_reconcile_month(struct aif_reportd *reportd, const struct aif_live *live, const struct aif_alloc *only,
                        int64_t start, struct aif_findings *findings, struct aif_error *err);

/* The part about sinks. */
int aif_reconcile_sinks(struct aif_reconciling *reconciling, struct aif_error *err);

/* The reporter's own look, when it is due: at this and the previous month. Writes down when and what for the metrics. */
void aif_reportd_reconcile(struct aif_reportd *reportd);

#define AIF_RECONCILE_STATE "reconciled"           /* when it was looked last */
#define AIF_RECONCILE_STATE_PLACE "difference/%s" /* seconds that differ at a place and should not */
#define AIF_RECONCILE_KEY_SIZE 64

#endif
