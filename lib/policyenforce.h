/*
 * policyenforce.h - "enforce" of policy.json: which rules are applied, which only advise, which are left out
 *
 * A site can so look for a week at what would be refused before anything is. A rule that advises is decided by and noted, but
 * the job goes on as if it had not matched; one that is off is not even noted. Not every rule can be relaxed:
 *
 * - limits of jobs can, one by one or all together ("default");
 * - rules that find the allocation of a job can only by name. The job is then left alone, charged to none: so never one for
 *   which a residency tag is demanded;
 * - all others are always on. A tag is a promise to those who gave the data, membership is Slurm's own affair, too, and
 *   without a valid file or option there is nothing to go on with.
 */
#ifndef AIF_POLICYENFORCE_H
#define AIF_POLICYENFORCE_H

#include "jsonschema.h"
#include "policy.h"

enum aif_enforce_scope { AIF_ENFORCE_ALWAYS, AIF_ENFORCE_LIMIT, AIF_ENFORCE_BOOKING };

/* What may be said of a rule of rules.h. */
enum aif_enforce_scope aif_policyenforce_scope(const char *rule);

/* What the policy says of it. */
enum aif_enforce aif_policyenforce_of(const struct aif_policy *policy, const char *rule);

/* "on", "advise", "off" */
const char *aif_policyenforce_name(enum aif_enforce enforce);

/* The ids of the rules of which that is said, joined by " ", in order; returns how many there are. */
#define AIF_POLICYENFORCE_LIST 288 /* room for all that can be relaxed */
size_t aif_policyenforce_list(const struct aif_policy *policy, enum aif_enforce enforce, char ret_list[AIF_POLICYENFORCE_LIST]);

/* Reader of the key, a text or an object; ret_value is a struct aif_enforce_conf. */
int aif_policyenforce_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                           struct aif_error *err);

#endif
