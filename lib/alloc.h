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
#include "policy.h"
#include "residency.h"

#define AIF_ALLOC_MAX 100000 /* allocations in one file */
#define AIF_QOS_MARK "aif " /* starts the description of what "aif apply" made, without regard to case */

enum aif_alloc_state { AIF_STATE_OK, AIF_STATE_PAUSED, AIF_STATE_DOWNSCALED, AIF_STATE_TERMINATED };

struct aif_alloc {
    char *id;      /* project ID as written */
    char *account; /* Slurm account, lower case */
    char *qos;     /* Slurm QOS that mirrors it, lower case */
    const struct aif_mode *mode; /* in the policy that the table was loaded with */
    enum aif_unit unit;
    uint64_t amount_secs; /* GPU-seconds or node-seconds, by unit */
    time_t start;         /* first second */
    time_t end;           /* last second */
    enum aif_alloc_state state;
    char **members; /* Slurm user names, NULL-terminated; NULL: whoever Slurm lets use the account */
    bool has_residency;
    struct aif_residency residency;
    char *waldur_resource; /* UUID; may be NULL: not reported */
    struct aif_alloc *next_of_account; /* next allocation of the same account, in order of end; NULL at the last */
};

struct aif_alloctable;

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
const struct aif_alloc *aif_alloctable_by_id(const struct aif_alloctable *table, const char *id);
const struct aif_alloc *aif_alloctable_by_qos(const struct aif_alloctable *table, const char *qos);
/* First allocation of the account (earliest end), follow next_of_account; NULL if it has none. */
const struct aif_alloc *aif_alloctable_by_account(const struct aif_alloctable *table, const char *account);

/* "ok", "paused", …; "gpu-hour", "node-hour" */
const char *aif_alloc_state_name(enum aif_alloc_state state);
const char *aif_unit_name(enum aif_unit unit);

#endif
