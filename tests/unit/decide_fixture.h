/* decide_fixture.h - a small site for tests of the decision, and one job at a time put before it;
 * "now" is NOW */
#ifndef DECIDE_FIXTURE_H
#define DECIDE_FIXTURE_H

#include "decide.h"

#define NOW ((time_t)1795219200) /* 2026-11-21 00:00:00 UTC */
#define HOUR 3600

/* policy_edit: NULL, or "old\tnew": a replacement in the policy's text before it is parsed. */
struct aif_snapshot *fixture_create(const char *policy_edit);
void fixture_destroy(struct aif_snapshot *snapshot);

/* The site of the checks below; set-up and tear-down of a cmocka group, in UTC. */
extern struct aif_snapshot *site;
int set_up(void **state);
int tear_down(void **state);

/* What give_usage() answers with arg == &usage, and how often it was asked since the last decide().
 */
extern struct aif_usage usage;
extern int usage_calls;
void give_usage(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage);

/* One job: the request, its options, and the usage of whatever allocation is picked. */
struct job {
    const char *account, *user, *qos, *partition;
    const char *mode, *allocation, *residency, *placement, *purpose;
    bool explain, interactive;
    uint64_t gpus, billing;
    uint32_t nodes, tasks, minutes;
    time_t begin; /* 0: NOW */
    double used_hours, reserved_hours, pending_hours, free_hours, inference_hours;
    uint32_t submits, user_submits;
    const char *also_alloc;
    double also_hours;
    bool untracked;
};

/* Decide on the job; a rejection's message and rule are checked for their form. */
struct aif_decision decide_at(const struct aif_snapshot *where, const struct job *job);
struct aif_decision decide(const struct job *job);

/* The job must be rejected by the rule, with exactly that message (NULL: any). */
void check_reject(const struct job *job, const char *rule, const char *message);

/* The job must be accepted under that allocation. */
struct aif_decision check_accept(const struct job *job, const char *allocation);

#endif
