/* reconcile.c - see reconcile.h */
#include "reconcile.h"

#include <stdbool.h>
#include <stdlib.h>

#include "ledger.h"

#define FIRST_ROWS 1024

enum kind { SLURMDBD, UNUSABLE, LEDGER, RUNNING, KINDS };

struct row {
    uint64_t db_index;
    uint64_t secs;
    int64_t end;
    uint32_t alloc;
    enum kind kind;
};

struct aif_reconcile {
    const struct aif_alloctable *allocs;
    struct aif_reconcile_span span;
    struct aif_reconcile_item *items; /* by allocation */
    struct row *rows;
    size_t count;
    size_t size;
};

struct aif_reconcile *aif_reconcile_create(const struct aif_alloctable *allocs, const struct aif_reconcile_span *span)
{
    struct aif_reconcile *reconcile = calloc(1, sizeof(*reconcile));

    if (!reconcile)
        return NULL;
    reconcile->allocs = allocs;
    reconcile->span = *span;
    reconcile->items = calloc(aif_alloctable_count(allocs) + 1, sizeof(*reconcile->items));
    if (reconcile->items)
        return reconcile;
    free(reconcile);
    return NULL;
}

void aif_reconcile_destroy(struct aif_reconcile *reconcile)
{
    if (!reconcile)
        return;
    free(reconcile->items);
    free(reconcile->rows);
    free(reconcile);
}

int aif_reconcile_counts(const struct aif_reconcile_span *span, const struct aif_record *record)
{
    if (!record->end)
        return 0;
    if (!record->start) /* never ran: there is only the end to go by */
        return record->end >= span->from && record->end < span->until;
    return record->start < span->until && record->end >= span->from;
}

static int make_room(struct aif_reconcile *reconcile, struct aif_error *err)
{
    size_t size = reconcile->size ? reconcile->size * 2 : FIRST_ROWS;
    struct row *rows;

    if (reconcile->count < reconcile->size)
        return 0;
    if (reconcile->count >= AIF_RECONCILE_ROWS_MAX)
        return aif_error_set(err, AIF_ELIMIT, "more than %d job rows in a month", AIF_RECONCILE_ROWS_MAX);
    rows = reallocarray(reconcile->rows, size, sizeof(*rows));
    if (!rows)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    reconcile->rows = rows;
    reconcile->size = size;
    return 0;
}

static uint64_t secs_of(const struct aif_reconcile_span *span, enum kind kind, const struct aif_alloc *alloc,
                        const struct aif_record *record)
{
    if (kind == UNUSABLE)
        return 0;
    if (kind == RUNNING)
        return aif_record_tres_secs(record, alloc->charge.tres);
    return aif_record_tres_secs_between(record, alloc->charge.tres, span->from, span->until, record->end);
}

int aif_reconcile_add(struct aif_reconcile *reconcile, enum aif_reconcile_side side, const struct aif_record *record,
                      struct aif_error *err)
{
    static const enum kind kinds[] = {
        [AIF_RECONCILE_SLURMDBD] = SLURMDBD, [AIF_RECONCILE_UNUSABLE] = UNUSABLE, [AIF_RECONCILE_LEDGER] = LEDGER};
    const struct aif_alloc *alloc = aif_alloctable_by_id(reconcile->allocs, record->allocation);
    const bool runs = side == AIF_RECONCILE_SLURMDBD && record->start && !record->end;
    const enum kind kind = runs ? RUNNING : kinds[side];

    if (!alloc || aif_ledger_free(record, alloc) || (!runs && !aif_reconcile_counts(&reconcile->span, record)))
        return 0;
    if (make_room(reconcile, err) < 0)
        return -1;
    reconcile->rows[reconcile->count++] = (struct row){
        .db_index = record->db_index,
        .secs = secs_of(&reconcile->span, kind, alloc, record),
        .end = record->end,
        .alloc = (uint32_t)aif_alloctable_index(reconcile->allocs, alloc),
        .kind = kind,
    };
    return 0;
}

/* ---- comparing ---- */

static int compare_keys(const struct row *left, const struct row *right)
{
    if (left->alloc != right->alloc)
        return left->alloc < right->alloc ? -1 : 1;
    if (left->db_index != right->db_index)
        return left->db_index < right->db_index ? -1 : 1;
    return 0;
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *left = a, *right = b;
    int order = compare_keys(left, right);

    return order ? order : (int)left->kind - (int)right->kind;
}

static void grow(struct aif_reconcile_part *part, uint64_t secs)
{
    part->rows++;
    if (__builtin_add_overflow(part->secs, secs, &part->secs))
        part->secs = UINT64_MAX;
}

static struct aif_reconcile_part *missing_part(const struct aif_reconcile_span *span, struct aif_reconcile_item *item,
                                               const struct row *row)
{
    if (row->end >= span->collected)
        return &item->fresh;
    return row->end < span->begin ? &item->older : &item->late;
}

/* One key: the row of each kind; NULL: there is none. */
static void judge(const struct aif_reconcile_span *span, struct aif_reconcile_item *item,
                  const struct row *const rows[KINDS])
{
    const struct row *slurmdbd = rows[SLURMDBD], *ledger = rows[LEDGER];

    if (slurmdbd)
        grow(&item->slurmdbd, slurmdbd->secs);
    if (ledger)
        grow(&item->ledger, ledger->secs);
    if (rows[RUNNING])
        grow(&item->running, rows[RUNNING]->secs);
    if (!slurmdbd && rows[UNUSABLE])
        grow(&item->unusable, ledger ? ledger->secs : 0);
    else if (slurmdbd && !ledger)
        grow(missing_part(span, item, slurmdbd), slurmdbd->secs);
    else if (ledger && !slurmdbd)
        grow(&item->extra, ledger->secs);
    else if (slurmdbd && slurmdbd->secs > ledger->secs)
        grow(&item->more, slurmdbd->secs - ledger->secs);
    else if (slurmdbd && slurmdbd->secs < ledger->secs)
        grow(&item->less, ledger->secs - slurmdbd->secs);
}

void aif_reconcile_compare(struct aif_reconcile *reconcile)
{
    const struct row *rows = reconcile->rows;
    size_t at = 0;

    if (!reconcile->count)
        return;
    qsort(reconcile->rows, reconcile->count, sizeof(*rows), compare_rows);
    while (at < reconcile->count) {
        const struct row *first = &rows[at], *same[KINDS] = {NULL};

        for (; at < reconcile->count && compare_keys(first, &rows[at]) == 0; at++)
            same[rows[at].kind] = &rows[at];
        judge(&reconcile->span, &reconcile->items[first->alloc], same);
    }
}

const struct aif_reconcile_item *aif_reconcile_item(const struct aif_reconcile *reconcile, size_t index)
{
    return &reconcile->items[index];
}
