/*
 * live.h - what slurmctld knows right now: usage and limits of what mirrors allocations, QOS or
 * associations
 *
 * One request fetches all QOS. slurmctld adds the time of running jobs to "used" once per
 * PriorityCalcPeriod and at their end; until then it is in "reserved" (up to their time limits), so
 * used + reserved never misses anything.
 */
#ifndef AIF_TOOL_LIVE_H
#define AIF_TOOL_LIVE_H

#include "decide.h"
#include "slurmdb.h"

struct aif_live;

/*
 * user: also fetch his associations and those of the accounts themselves ("": only the latter;
 * NULL: none). Returns AIF_EXIT_OK or an exit code after one line.
 */
int aif_live_load(const char *user, struct aif_live **ret_live);

/* The same without a line: returns 0 or the code of the failure. */
int aif_live_try(const char *user, struct aif_live **ret_live);

void aif_live_free(struct aif_live *live);

/* The QOS, with usage; NULL if slurmctld has none of that name (or does not show it to us). */
const slurmdb_qos_rec_t *aif_live_qos(const struct aif_live *live, const char *name);

/* The account's own association, with usage; NULL as above. */
const slurmdb_assoc_rec_t *aif_live_account(const struct aif_live *live, const char *account);

/* Has slurmdb made the user given to aif_live_load() an operator or administrator? */
bool aif_live_is_operator(const struct aif_live *live, const char *user);

/* May the user given to aif_live_load() use that account? */
bool aif_live_has_account(const struct aif_live *live, const char *account);

/*
 * Usage in the allocation's unit, of its QOS or, where the policy says so, of its account's
 * association (fetch those); known is false if there is none or Slurm does not count its TRES.
 * Pending and inference parts are not filled.
 */
void aif_live_usage(const struct aif_live *live, const struct aif_policy *policy,
                    const struct aif_alloc *alloc, struct aif_usage *ret_usage);

/* Running and queued jobs of one user within a QOS; 0 if none. */
void aif_live_user_jobs(const slurmdb_qos_rec_t *qos, uint32_t uid, uint32_t *ret_running,
                        uint32_t *ret_queued);

#endif
