/* usershare.c - see usershare.h */
#include "usershare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const struct aif_usershare_item *item, const char *allocation, const char *user)
{
    int order = strcmp(item->allocation, allocation);

    return order ? order : strcmp(item->user, user);
}

/* Index of the first item that is not before the key. */
static size_t find(const struct aif_usershare *share, const char *allocation, const char *user)
{
    size_t low = 0, high = share->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&share->items[middle], allocation, user) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int make_room(struct aif_usershare *share, struct aif_error *err)
{
    size_t size = share->size ? share->size * 2 : 64;
    struct aif_usershare_item *items;

    if (share->count < share->size)
        return 0;
    if (size > AIF_USERSHARE_MAX)
        return aif_error_set(err, AIF_ELIMIT, "more than %d users of allocations", AIF_USERSHARE_MAX);
    items = reallocarray(share->items, size, sizeof(*items));
    if (!items)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    share->items = items;
    share->size = size;
    return 0;
}

int aif_usershare_add(struct aif_usershare *share, const char *allocation, const char *user, uint64_t secs,
                      struct aif_error *err)
{
    size_t at = find(share, allocation, user);
    struct aif_usershare_item *item;

    if (at == share->count || compare(&share->items[at], allocation, user)) {
        if (make_room(share, err) < 0)
            return -1;
        item = &share->items[at];
        memmove(item + 1, item, (share->count - at) * sizeof(*item));
        *item = (struct aif_usershare_item){0};
        snprintf(item->allocation, sizeof(item->allocation), "%s", allocation);
        snprintf(item->user, sizeof(item->user), "%s", user);
        share->count++;
    }
    item = &share->items[at];
    if (__builtin_add_overflow(item->secs, secs, &item->secs))
        item->secs = UINT64_MAX;
    return 0;
}

size_t aif_usershare_first(const struct aif_usershare *share, const char *allocation)
{
    return find(share, allocation, "");
}

void aif_usershare_free(struct aif_usershare *share)
{
    free(share->items);
    *share = (struct aif_usershare){0};
}
