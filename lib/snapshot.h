/*
 * snapshot.h - policy and allocations as one immutable whole, replaced atomically
 *
 * A reader takes a reference, uses it without any lock, and puts it back. A writer loads aside (outside of any
 * slurmctld hook) and swaps one pointer; a file that does not check out leaves the old snapshot in place. The balances
 * change often and the rest seldom, so snapshots may share parts: each part lives as long as a snapshot has it.
 */
#ifndef AIF_SNAPSHOT_H
#define AIF_SNAPSHOT_H

#include <time.h>

#include "alloc.h"
#include "balances.h"
#include "datasets.h"
#include "error.h"
#include "fabricmap.h"
#include "policy.h"
#include "tagmemo.h"

/*
 * Hex SHA-256, with NUL, over policy.json and then allocations.json, each as its length in bytes (8 bytes, most
 * significant first) and its bytes; where the policy's placement names a map file, over that in the same way; where there is a
 * membership.json or datasets.json, over its name and its content in the same way, in this order. Stable for ever: it is written into job records.
 */
#define AIF_SNAPSHOT_HASH 65

struct aif_snapshot {
    struct aif_policy *policy;
    struct aif_alloctable *allocs;
    struct aif_fabricmap *fabricmap; /* that the policy's placement names; NULL: it names none */
    struct aif_datasets *datasets;   /* NULL: there is no datasets.json */
    struct aif_tagmemo *tags; /* of jobs decided by these files; the one part that changes, and is made for that; NULL: none */
    struct aif_balances *balances; /* NULL: the reporter has written none yet, or none that can be read */
    time_t until; /* from then on a group of membership.json has other members: load again; 0: never */
    char hash[AIF_SNAPSHOT_HASH];
    struct aif_error balances_error; /* why they cannot be read; code AIF_EOK: they can, or there is no such file */
};

struct aif_snapshot_holder;

/*
 * Load conf_dir/policy.json, conf_dir/allocations.json, conf_dir/membership.json and conf_dir/datasets.json if they are there, the map file that the policy may name (in conf_dir unless its path
 * is absolute), and the balances where the policy says they are. Balances that cannot be read are no failure, see
 * balances_error. The caller owns one reference.
 */
int aif_snapshot_load(const char *conf_dir, struct aif_snapshot **ret_snapshot, struct aif_error *err);

/*
 * A new snapshot with the balances read again and the rest shared with old, whose policy and allocations are not parsed
 * again. No file gives none; a file that cannot be read is a failure. The caller owns one reference.
 */
int aif_snapshot_refresh(struct aif_snapshot *old, struct aif_snapshot **ret_snapshot, struct aif_error *err);

/* Where fresh, which nobody else sees yet, has a balances_error, share the balances of old (may be NULL). */
void aif_snapshot_keep_balances(struct aif_snapshot *fresh, struct aif_snapshot *old);

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
