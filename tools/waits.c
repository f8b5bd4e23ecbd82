/* waits.c - see waits.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "waits.h"

struct waits_list {
    struct aif_wait *items;
    size_t count;
    size_t room;
};

struct aif_waits {
    struct waits_list waits;
    struct waits_list resized; /* job_id and at */
    bool settled;              /* waits are in order, once each, without what resizing made */
};

struct aif_waits *aif_waits_create(void)
{
    return aif_tool_alloc(1, sizeof(struct aif_waits));
}

void aif_waits_destroy(struct aif_waits *waits)
{
    if (!waits)
        return;
    free(waits->waits.items);
    free(waits->resized.items);
    free(waits);
}

static void append(struct waits_list *list, const struct aif_wait *wait)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 256;
        struct aif_wait *grown = aif_tool_alloc(room, sizeof(*grown));

        if (list->count)
            memcpy(grown, list->items, list->count * sizeof(*grown));
        free(list->items);
        list->items = grown;
        list->room = room;
    }
    list->items[list->count++] = *wait;
}

void aif_waits_add(struct aif_waits *waits, const struct aif_wait *wait)
{
    append(&waits->waits, wait);
    waits->settled = false;
}

void aif_waits_resized(struct aif_waits *waits, uint32_t job_id, int64_t at)
{
    const struct aif_wait from = {.job_id = job_id, .at = at, .kind = AIF_WAIT_STARTED};

    append(&waits->resized, &from);
    waits->settled = false;
}

static int compare_keys(const void *a, const void *b)
{
    const struct aif_wait *x = a, *y = b;

    if (x->job_id != y->job_id)
        return x->job_id < y->job_id ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int compare_secs(const void *a, const void *b)
{
    const struct aif_wait *x = a, *y = b;

    if (x->mode != y->mode)
        return x->mode < y->mode ? -1 : 1;
    return (x->secs > y->secs) - (x->secs < y->secs);
}

static bool is_known(const struct waits_list *list, const struct aif_wait *wait)
{
    return list->count && bsearch(wait, list->items, list->count, sizeof(*wait), compare_keys);
}

static void sort(struct waits_list *list, int (*compare)(const void *, const void *))
{
    if (list->count)
        qsort(list->items, list->count, sizeof(*list->items), compare);
}

static void settle(struct aif_waits *waits)
{
    struct waits_list *list = &waits->waits;
    size_t kept = 0;

    if (waits->settled)
        return;
    sort(list, compare_keys);
    sort(&waits->resized, compare_keys);
    for (size_t i = 0; i < list->count; i++)
        if (!(kept && !compare_keys(&list->items[kept - 1], &list->items[i])) &&
            !is_known(&waits->resized, &list->items[i]))
            list->items[kept++] = list->items[i];
    list->count = kept;
    sort(list, compare_secs);
    waits->settled = true;
}

static void judge(const struct aif_wait *wait, uint32_t target, struct aif_waits_sums *sums)
{
    if (!target)
        return;
    if (wait->secs > (int64_t)target)
        sums->broken += wait->tasks;
    else if (wait->kind == AIF_WAIT_STARTED)
        sums->kept += wait->tasks;
}

/* The smallest wait that so many percent of the starts did not exceed; they come in order. */
static int64_t nearest_rank(const struct aif_waits *waits, const struct aif_mode *mode,
                            uint64_t started, unsigned percent)
{
    uint64_t rank = (started * percent + 99) / 100;

    for (size_t i = 0; i < waits->waits.count; i++) {
        const struct aif_wait *wait = &waits->waits.items[i];

        if (wait->mode == mode && wait->kind == AIF_WAIT_STARTED && rank-- <= 1)
            return wait->secs;
    }
    return -1;
}

void aif_waits_sum(struct aif_waits *waits, const struct aif_mode *mode, uint32_t target,
                   struct aif_waits_sums *ret_sums)
{
    static const unsigned percents[AIF_WAITS_PERCENTILES] = {50, 90, 95, 99};
    struct aif_waits_sums sums = {.kept_bp = -1};

    settle(waits);
    for (size_t i = 0; i < waits->waits.count; i++)
        if (waits->waits.items[i].mode == mode) {
            sums.started += waits->waits.items[i].kind == AIF_WAIT_STARTED;
            judge(&waits->waits.items[i], target, &sums);
        }
    for (int i = 0; i < AIF_WAITS_PERCENTILES; i++)
        sums.percentile[i] = nearest_rank(waits, mode, sums.started, percents[i]);
    if (sums.kept + sums.broken)
        sums.kept_bp = (int32_t)(sums.kept * 10000 / (sums.kept + sums.broken));
    *ret_sums = sums;
}
