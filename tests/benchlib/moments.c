/* moments.c - see moments.h */
#include "moments.h"

#include <string.h>

/* Index of the first that is not later. */
static size_t find(const struct moments *list, int64_t at, uint32_t job)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        const struct moment *item = &list->items[middle];

        if (item->at > at || (item->at == at && item->job > job))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void moments_add(struct moments *list, int64_t at, uint32_t job)
{
    const size_t index = find(list, at, job);
    struct moment *item = &list->items[index];

    memmove(item + 1, item, (list->count++ - index) * sizeof(*item));
    *item = (struct moment){at, job};
}

void moments_remove(struct moments *list, int64_t at, uint32_t job)
{
    const size_t index = find(list, at, job);
    struct moment *item = &list->items[index];

    memmove(item, item + 1, (--list->count - index) * sizeof(*item));
}

int64_t moments_next(const struct moments *list)
{
    return list->count ? list->items[list->count - 1].at : INT64_MAX;
}
