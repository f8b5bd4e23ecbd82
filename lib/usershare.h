/*
 * usershare.h - what each user has used of each allocation
 *
 * Memory depends on the number of users and allocations, not of jobs. One thread for each struct.
 */
#ifndef AIF_USERSHARE_H
#define AIF_USERSHARE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define AIF_USERSHARE_MAX 1000000 /* pairs */

struct aif_usershare_item {
    char allocation[64];
    char user[64];
    uint64_t secs;
};

/* Sorted by allocation, then user. Starts as {0}. */
struct aif_usershare {
    struct aif_usershare_item *items;
    size_t count;
    size_t size;
};

/* Add seconds, saturating. */
int aif_usershare_add(struct aif_usershare *share, const char *allocation, const char *user, uint64_t secs,
                      struct aif_error *err);

/* Index of the first user of the allocation; the rest follows. share->count or another allocation's: it has none. */
size_t aif_usershare_first(const struct aif_usershare *share, const char *allocation);

/* Free the items; the struct can be used again. */
void aif_usershare_free(struct aif_usershare *share);

#endif
