/* usagesum.c - see usagesum.h */
#include "usagesum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const struct aif_usagesum_item *item, const char *month, const char *allocation)
{
    int order = strcmp(item->month, month);

    return order ? order : strcmp(item->allocation, allocation);
}

/* Index of the first item that is not before the key. */
static size_t find(const struct aif_usagesum *sum, const char *month, const char *allocation)
{
    size_t low = 0, high = sum->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&sum->items[middle], month, allocation) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int make_room(struct aif_usagesum *sum, struct aif_error *err)
{
    size_t size = sum->size ? sum->size * 2 : 64;
    struct aif_usagesum_item *items;

    if (sum->count < sum->size)
        return 0;
    if (size > AIF_USAGESUM_MAX)
        return aif_error_set(err, AIF_ELIMIT, "more than %d months of allocations", AIF_USAGESUM_MAX);
    items = reallocarray(sum->items, size, sizeof(*items));
    if (!items)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    sum->items = items;
    sum->size = size;
    return 0;
}

static void add(uint64_t *sum, uint64_t value)
{
    if (__builtin_add_overflow(*sum, value, sum))
        *sum = UINT64_MAX;
}

static void grow(struct aif_usagesum_item *item, const struct aif_record *record)
{
    uint64_t cpu_secs;

    if (__builtin_mul_overflow(record->cpus, record->elapsed, &cpu_secs))
        cpu_secs = UINT64_MAX;
    if (!item->jobs || record->end < item->first_end)
        item->first_end = record->end;
    if (!item->jobs || record->end > item->last_end)
        item->last_end = record->end;
    item->jobs++;
    add(&item->wall_secs, record->elapsed);
    add(&item->cpu_secs, cpu_secs);
    add(&item->gpu_secs, aif_record_tres_secs(record, AIF_CHARGE_GPU));
}

int aif_usagesum_add(struct aif_usagesum *sum, const struct aif_record *record, struct aif_error *err)
{
    struct aif_usagesum_item fresh = {0};
    size_t at;

    if (!record->start || !record->end)
        return 0;
    aif_record_month_name(record->end, fresh.month);
    snprintf(fresh.allocation, sizeof(fresh.allocation), "%s", record->allocation);
    at = find(sum, fresh.month, fresh.allocation);
    if (at == sum->count || compare(&sum->items[at], fresh.month, fresh.allocation)) {
        if (make_room(sum, err) < 0)
            return -1;
        memmove(&sum->items[at + 1], &sum->items[at], (sum->count - at) * sizeof(fresh));
        sum->items[at] = fresh;
        sum->count++;
    }
    grow(&sum->items[at], record);
    return 0;
}

void aif_usagesum_free(struct aif_usagesum *sum)
{
    free(sum->items);
    *sum = (struct aif_usagesum){0};
}
