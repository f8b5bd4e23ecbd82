/*
 * reconcile.h - whether the ledger has what slurmdbd has of one month, and what the differences are made of
 *
 * Rows of both sides are added in any order, repeated ones too, and held against each other one by one. So every second of
 * a difference belongs to a row of a known kind. A row that moved to another allocation is missing there and left over
 * where it was. Amounts are seconds of the TRES that the allocation is charged by; jobs on free QOS are left out, as they
 * are from what is reported. Memory: 40 bytes a row. Pure; one thread for each struct.
 */
#ifndef AIF_RECONCILE_H
#define AIF_RECONCILE_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "error.h"
#include "record.h"

#define AIF_RECONCILE_ROWS_MAX 20000000 /* of both sides together */

struct aif_reconcile;

struct aif_reconcile_part {
    uint64_t rows;
    uint64_t secs;
};

/* One allocation: slurmdbd - ledger = fresh + late + older + more - less - extra - unusable, in seconds. */
struct aif_reconcile_item {
    struct aif_reconcile_part slurmdbd; /* all that it has */
    struct aif_reconcile_part ledger;   /* all that it has */
    struct aif_reconcile_part fresh;    /* not in the ledger, ended since slurmdbd was read last */
    struct aif_reconcile_part late;     /* not in the ledger, ended between its begin and then */
    struct aif_reconcile_part older;    /* not in the ledger, ended before its begin */
    struct aif_reconcile_part more;     /* slurmdbd has more of them than the ledger */
    struct aif_reconcile_part less;     /* slurmdbd has less of them */
    struct aif_reconcile_part extra;    /* not at slurmdbd */
    struct aif_reconcile_part unusable; /* at slurmdbd, but without sense; seconds that the ledger has of them */
    struct aif_reconcile_part running;  /* not ended: what they have used so far, in whatever month; nothing else counts them */
};

/* Seconds since 1970. */
struct aif_reconcile_span {
    int64_t from, until; /* the month: of a job, what falls into it counts */
    int64_t begin;       /* when the ledger got its first event; 0: it has none */
    int64_t collected;   /* when slurmdbd was read last; 0: never */
};

/* NULL when memory is out. The table must live as long. */
struct aif_reconcile *aif_reconcile_create(const struct aif_alloctable *allocs, const struct aif_reconcile_span *span);
void aif_reconcile_destroy(struct aif_reconcile *reconcile);

/*
 * Add a row. Those of other allocations or months are passed over, but for what runs. Of an unusable one only the times and
 * the allocation are looked at.
 */
enum aif_reconcile_side { AIF_RECONCILE_SLURMDBD, AIF_RECONCILE_UNUSABLE, AIF_RECONCILE_LEDGER };
int aif_reconcile_add(struct aif_reconcile *reconcile, enum aif_reconcile_side side, const struct aif_record *record,
                      struct aif_error *err);

/* Whether the record would count: it ended, and has to do with the month. */
int aif_reconcile_counts(const struct aif_reconcile_span *span, const struct aif_record *record);

/* Hold both sides against each other, once all is added. */
void aif_reconcile_compare(struct aif_reconcile *reconcile);

/* What came of it, by the allocation's index in the table. */
const struct aif_reconcile_item *aif_reconcile_item(const struct aif_reconcile *reconcile, size_t index);

#endif
