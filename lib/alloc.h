/*
 * alloc.h - the federation's file allocations.json: who may use how much, in which mode, from when until when
 *
 * Immutable after loading. Look-ups by id, QOS and account are O(1) and take names without regard to case.
 */
#ifndef AIF_ALLOC_H
#define AIF_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "error.h"
#include "marks.h"
#include "policy.h"

#define AIF_ALLOC_MAX 100000 /* allocations in one file */
#define AIF_QOS_MARK "aif " /* starts the description of what "aif apply" made, without regard to case */

enum aif_alloc_state { AIF_STATE_OK, AIF_STATE_PAUSED, AIF_STATE_DOWNSCALED, AIF_STATE_TERMINATED };

/* What each submission reads comes first. */
struct aif_alloc {
    char *id;      /* project ID as written */
    char *account; /* Slurm account, lower case */
    char *qos;     /* Slurm QOS that mirrors it, lower case */
    const struct aif_mode *mode; /* in the policy that the table was loaded with */
    struct aif_marks *marks; /* of its plain jobs; NULL: to be made for each */
    void *block;   /* what all texts of the allocation lie in, see allocblock.h */
    enum aif_unit unit;
    struct aif_charge charge; /* its own, else the policy's for the unit */
    struct aif_pacing pacing; /* its own, else the mode's */
    char *free_qos; /* second QOS for use above 100 % (pacing "ceiling"), lower case; NULL: none */
    int category;   /* enum aif_category of the holder, or AIF_CATEGORY_UNKNOWN */
    uint64_t amount_secs; /* GPU-seconds or node-seconds, by unit */
    time_t start;         /* first second */
    time_t end;           /* last second */
    enum aif_alloc_state state;
    struct aif_restag *residency; /* NULL: none of its own */
    uint32_t member_count;
    const uint32_t *member_hashes; /* in the order of members */
    char **members; /* Slurm user names, NULL-terminated; NULL: whoever Slurm lets use the account */
    char *waldur_resource; /* UUID; may be NULL: not reported */
    struct aif_alloc *next_of_account; /* next allocation of the same account, in order of end; NULL at the last */
};

struct aif_alloctable;
struct aif_nametable;

/*
 * Read and check allocations.json against a policy, which must outlive the table. Refused: unknown keys, unknown
 * modes, an id or QOS given twice, end before start, impossible dates, amounts <= 0. A date without a time
 * ("2026-11-02") is that day of the machine's time zone: its first second as start, its last second as end.
 */
int aif_alloctable_load(const char *path, const struct aif_policy *policy,
                        struct aif_alloctable **ret_table, struct aif_error *err);
int aif_alloctable_parse(const char *text, size_t length, const char *name,
                         const struct aif_policy *policy, struct aif_alloctable **ret_table,
                         struct aif_error *err);
void aif_alloctable_destroy(struct aif_alloctable *table);

size_t aif_alloctable_count(const struct aif_alloctable *table);
/* In the order of the file; index < count. */
const struct aif_alloc *aif_alloctable_at(const struct aif_alloctable *table, size_t index);
/* The other way round: alloc must be one of the table's. */
size_t aif_alloctable_index(const struct aif_alloctable *table, const struct aif_alloc *alloc);
const struct aif_alloc *aif_alloctable_by_id(const struct aif_alloctable *table, const char *id);
/* By its QOS or its free QOS. */
const struct aif_alloc *aif_alloctable_by_qos(const struct aif_alloctable *table, const char *qos);
/*
 * Hints that one of the two will be called, with the QOS if that is not NULL: see nametable.h. In this order, with
 * other work in between, they spare it waiting for memory.
 */
struct aif_alloctable_hint {
    const struct aif_nametable *names; /* NULL: no name was given */
    uint64_t expected;
};
void aif_alloctable_expect(const struct aif_alloctable *table, const char *qos, const char *account,
                           struct aif_alloctable_hint *ret_hint);
/* Returns the allocation that is likely to be found, for more such hints; NULL: none. */
const struct aif_alloc *aif_alloctable_fetch(const struct aif_alloctable_hint *hint);
/* First allocation of the account (earliest end), follow next_of_account; NULL if it has none. */
const struct aif_alloc *aif_alloctable_by_account(const struct aif_alloctable *table, const char *account);

/* "ok", "paused", …; "gpu-hour", "node-hour" */
const char *aif_alloc_state_name(enum aif_alloc_state state);
const char *aif_unit_name(enum aif_unit unit);

#endif
