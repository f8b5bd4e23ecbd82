/*
 * snapshot.h - policy and allocations as one immutable whole, replaced atomically
 *
 * A reader takes a reference, uses it without any lock, and puts it back. A writer loads aside (outside of any
 * slurmctld hook) and swaps one pointer; a file that does not check out leaves the old snapshot in place.
 */
#ifndef AIF_SNAPSHOT_H
#define AIF_SNAPSHOT_H

#include <time.h>

#include "alloc.h"
#include "error.h"
#include "policy.h"

/*
 * Hex SHA-256, with NUL, over policy.json and then allocations.json, each as its length in bytes (8 bytes, most
 * significant first) and its bytes. Stable for ever: it is written into job records.
 */
#define AIF_SNAPSHOT_HASH 65

struct aif_snapshot {
    struct aif_policy *policy;
    struct aif_alloctable *allocs;
    char hash[AIF_SNAPSHOT_HASH];
};

struct aif_snapshot_holder;

/* Load conf_dir/policy.json and conf_dir/allocations.json. The caller owns one reference. */
int aif_snapshot_load(const char *conf_dir, struct aif_snapshot **ret_snapshot, struct aif_error *err);

/* Drop a reference; the last one frees. NULL is fine. Thread-safe. */
void aif_snapshot_put(struct aif_snapshot *snapshot);

/* An empty holder, or NULL when memory is out. */
struct aif_snapshot_holder *aif_snapshot_holder_create(void);
void aif_snapshot_holder_destroy(struct aif_snapshot_holder *holder);

/* A new reference to the current snapshot, or NULL if there never was a valid one. Thread-safe, O(1). */
struct aif_snapshot *aif_snapshot_get(struct aif_snapshot_holder *holder);

/* Make snapshot the current one (takes over the caller's reference) and drop the old. Thread-safe. */
void aif_snapshot_swap(struct aif_snapshot_holder *holder, struct aif_snapshot *snapshot);

#endif
