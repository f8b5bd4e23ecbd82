/*
 * decide.h - may this job run, under which allocation, and if not, why not
 *
 * The one decision of the product, used by job_submit/aif, the Lua module and the tools. Pure: it reads a snapshot,
 * a request and (through a callback) the usage of the allocation it picked; it does no I/O, takes no lock and
 * allocates nothing.
 */
#ifndef AIF_DECIDE_H
#define AIF_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "options.h"
#include "residency.h"
#include "snapshot.h"

#define AIF_MINUTES_UNKNOWN UINT32_MAX /* no time limit was given and none is known */
#define AIF_MESSAGE_MAX 640

struct aif_request {
    const char *account;   /* Slurm account: asked for, else the user's default one; NULL: none known. With
                            * options->allocation and no account asked for, pass NULL: the allocation's is meant */
    const char *user;      /* Slurm user name; NULL: not known, then member lists are left to Slurm */
    const char *qos;       /* QOS asked for; NULL: none */
    const char *partition; /* effective partition or comma list; NULL: not known */
    const struct aif_options *options; /* NULL: none */
    uint64_t gpus;         /* of one array task, all nodes together */
    uint32_t nodes;        /* smallest number of nodes of one array task */
    uint32_t array_tasks;  /* 1 for a plain job */
    uint32_t minutes;      /* time limit, or AIF_MINUTES_UNKNOWN; 0 means unknown as well (Slurm: no limit) */
    time_t begin;          /* earliest start: now, or --begin when later */
};

/* Usage of one allocation in its own unit (GPU-seconds or node-seconds). */
struct aif_usage {
    bool known;             /* false: Slurm does not track the TRES */
    uint64_t used_secs;     /* done */
    uint64_t reserved_secs; /* what running jobs may still use up to their time limits */
};

/*
 * Fills *ret_usage for an allocation. Called at most once per decision, and only when all other checks have passed.
 */
typedef void (*aif_usage_fn)(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage);

enum aif_verdict {
    AIF_IGNORE, /* not a job of ours: leave it alone */
    AIF_ACCEPT,
    AIF_REJECT,
};

struct aif_decision {
    enum aif_verdict verdict;
    const char *rule; /* id of rules.h when rejected, else NULL */
    const struct aif_alloc *alloc; /* lives as long as the snapshot */
    uint32_t minutes; /* time limit the job shall get (the one asked, or less when capped); UNKNOWN: leave as it is */
    bool has_residency;
    struct aif_residency residency; /* intersection of allocation, mode and option */
    char residency_text[AIF_RESIDENCY_TEXT_MAX]; /* for AIF_RESIDENCY and admin_comment; "" if no tag */
    enum aif_placement placement;
    bool placement_strict;
    uint64_t asked_secs; /* cost up to the time limit, in the allocation's unit */
    uint64_t left_secs;  /* amount - used - reserved, not below 0 */
    struct aif_usage usage;
    char message[AIF_MESSAGE_MAX]; /* why rejected, or what was changed (time limit capped); "" if nothing to say */
};

/*
 * Decide. Order of the checks (the first that fails gives the message): options' form, allocation, mode,
 * state and dates, partition, size, time, residency, budget.
 *
 * Which allocation: the one of options->allocation (project ID or QOS name); else the one that the QOS asked for
 * mirrors; else, of the account's allocations in the mode asked for, the usable one (state ok, running at
 * request->begin, user a member). Of several usable ones of one mode the one that ends first is taken, so that
 * nothing lapses unused; of several modes the user has to say which (AIF-A006). If none is usable, the nearest one
 * is explained.
 *
 * A job of an account without allocation is ignored, unless it carries options or the policy says foreign_reject
 * (AIF-A007). Without a snapshot (NULL) jobs with options are refused (AIF-C010), others ignored.
 *
 * Cost: GPUs (or nodes) x time limit x array tasks, saturating. A job that costs nothing is not asked for a time
 * limit or tracked GPUs. usage_fn NULL counts as nothing used (for offline checks).
 */
void aif_decide(const struct aif_snapshot *snapshot, const struct aif_request *request,
                aif_usage_fn usage_fn, void *usage_arg, struct aif_decision *ret_decision);

#endif
