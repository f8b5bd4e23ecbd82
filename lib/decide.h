/*
 * decide.h - may this job run, under which allocation, and if not, why not
 *
 * The one decision of the product, used by job_submit/aif, the Lua module and the tools. Pure: it reads a snapshot,
 * a request and (through a callback) the usage of the allocation it picked; it does no I/O and
 * allocates nothing; the only lock it takes is that of the snapshot's memo of tags, when it adds to it.
 */
#ifndef AIF_DECIDE_H
#define AIF_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "options.h"
#include "pace.h"
#include "restag.h"
#include "snapshot.h"

#define AIF_MINUTES_UNKNOWN UINT32_MAX /* no time limit was given and none is known */
#define AIF_BILLING_UNKNOWN UINT64_MAX
#define AIF_MESSAGE_MAX 640
#define AIF_ADVISED_MAX 16    /* rules that can stand in the way of one job at once */
#define AIF_ADVISED_TEXT 1024 /* of all of them; further ones have no words */

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
    uint64_t billing;      /* of one array task, what the partition's TRESBillingWeights make of it; only read where
                            * an allocation is charged by billing; AIF_BILLING_UNKNOWN: cannot be told */
    bool interactive;      /* without a script: salloc, srun */
    const char *also_alloc; /* components of a het job that were decided just before: their allocation's id ... */
    uint64_t also_secs;    /* ... and the sum of their asked_secs; NULL and 0 for other jobs */
    uint32_t minutes;      /* time limit, or AIF_MINUTES_UNKNOWN; 0 means unknown as well (Slurm: no limit) */
    time_t begin;          /* earliest start: now, or --begin when later */
};

/*
 * Usage of one allocation in its own unit (GPU-seconds or node-seconds), without the job that is decided on where that
 * exists already (an update). In a decision it is what counted: with what the ledger knows beyond Slurm.
 */
struct aif_usage {
    bool known;             /* false: Slurm does not track the TRES */
    uint64_t used_secs;     /* done */
    uint64_t reserved_secs; /* what running jobs may still use up to their time limits */
    uint64_t pending_secs;  /* what pending jobs ask, where the policy counts it */
    uint64_t free_used_secs; /* the same two of the free QOS, where the allocation has one */
    uint64_t free_reserved_secs;
    uint64_t inference_secs; /* reserved and asked by running and queued inference jobs, where the mode bounds them;
                              * what they used comes from the ledger */
    uint32_t submits;       /* jobs queued and running under the allocation, array tasks counted one by one */
    uint32_t user_submits;  /* those of the request's user */
};

/*
 * Fills *ret_usage for an allocation. Called at most once per decision, and only when all other checks have passed.
 */
typedef void (*aif_usage_fn)(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage);

enum aif_verdict {
    AIF_IGNORE, /* not a job of ours: leave it alone */
    AIF_ACCEPT,
    AIF_HOLD, /* as AIF_ACCEPT, but held for the reason in rule and message until that no longer applies */
    AIF_REJECT,
};

/* What would have become of a job if a rule that only advises (policyenforce.h) were on. */
enum aif_would { AIF_WOULD_REFUSE, AIF_WOULD_HOLD, AIF_WOULD_LOWER };

/* Copied in one piece with its decision, so it has offsets for pointers. */
struct aif_advised {
    uint64_t gpu_secs; /* that the job asks up to its time limit; 0: none, or not known */
    char account[64];  /* of the allocation, else of the job */
    const struct aif_mode *mode; /* of the allocation, else the one asked for; NULL: none */
    struct {
        const char *rule; /* id of rules.h */
        uint16_t text;    /* where in texts its message is */
        uint8_t would;    /* enum aif_would */
    } items[AIF_ADVISED_MAX];
    size_t used; /* of texts */
    char texts[AIF_ADVISED_TEXT];
};

struct aif_decision {
    enum aif_verdict verdict;
    const char *rule; /* id of rules.h when rejected or held, else NULL */
    const struct aif_alloc *alloc; /* lives as long as the snapshot */
    const char *qos;  /* the QOS that the job shall have; NULL: the one it asked for (carrier "association") */
    bool free;        /* runs on the free QOS, above 100 % of the amount */
    bool inference;   /* counts against the mode's inference share */
    uint8_t advised_count; /* rules that would have been in the way, in advised; 0: then nothing of that is set */
    struct aif_pace pace;
    uint32_t minutes; /* time limit the job shall get (the one asked, or less when capped); UNKNOWN: leave as it is */
    bool has_residency;
    const struct aif_marks *marks; /* where has_residency is: what the job carries if nothing else about it is special; NULL: to be
                                    * made. Lives as long as the snapshot */
    _Atomic uint64_t *note; /* of that tag, see tagmemo.h; NULL: none. Lives as long as the snapshot */
    struct aif_placement_wish placement;
    uint64_t asked_secs; /* cost up to the time limit, in the allocation's unit */
    uint64_t left_secs;  /* what may be used by now - used - reserved - pending, not below 0; a job on the free QOS
                          * asks more than that */
    struct aif_usage usage;
    struct aif_restag residency; /* intersection of allocation, mode, data sets and option; only set where
                                  * has_residency is */
    /* Only the first byte of the texts is set where there is none. */
    char residency_text[AIF_RESTAG_TEXT_MAX]; /* canonical, for AIF_RESIDENCY and admin_comment; "" if no tag */
    char datasets[AIF_DATASETIDS_SIZE]; /* that the job names, for admin_comment; "" if none */
    char message[AIF_MESSAGE_MAX]; /* why rejected or held, what was changed (time limit capped), what is left: lines,
                                    * without a newline at the end; "" if nothing to say */
    struct aif_advised advised;
};

/* The message of one of them, "" if there was no room for it; and "refuse", "hold", "lower" (the time limit). */
const char *aif_decision_advised(const struct aif_decision *decision, size_t index);
const char *aif_would_name(enum aif_would would);

/*
 * Decide. Order of the checks (the first that fails gives the message): options' form, allocation, mode and its
 * closures, holder's category, state and dates, partition, size, interactive rules, time, residency, number of jobs,
 * budget (share of inference, amount, pacing).
 *
 * A refusal by one of the rules in policy->holds (A002, A004 while paused, M003, Q001 unless the whole amount would not
 * suffice, Q005 of a month that another follows) becomes AIF_HOLD if nothing else is in the way; the first reason is
 * the one told. A job held until its allocation starts is judged as of that day.
 *
 * A rule that the policy only lets advise is noted in advised, one that is off is not, and the checks go on as if it had not
 * matched. One that concerns which allocation is meant leaves the job alone (AIF_IGNORE) instead.
 *
 * Which allocation: the one of options->allocation (project ID or QOS name); else the one that the QOS asked for
 * mirrors; else, of the account's allocations in the mode asked for, the usable one (state ok, running at
 * request->begin, user a member, mode open and for its holder). Of several usable ones of one mode the one that ends first is taken, so that
 * nothing lapses unused; of several modes the user has to say which (AIF-A006). If none is usable, the nearest one
 * is explained.
 *
 * A job of an account without allocation is ignored, unless it carries options or the policy says foreign_reject
 * (AIF-A007). Without a snapshot (NULL) jobs with options are refused (AIF-C010), as are those that want GPUs in an
 * account or QOS that is named like a EuroHPC project; others are ignored.
 *
 * Under the carrier "association" a QOS is neither checked nor set, and names no allocation.
 *
 * Cost: GPUs, nodes or billing units (the allocation's charge) x factor x time limit x array tasks, saturating.
 * A callback leaves 0 what it does not know. A job that costs nothing is not asked for a time
 * limit or tracked GPUs. usage_fn NULL counts as nothing used (for offline checks).
 */
void aif_decide(const struct aif_snapshot *snapshot, const struct aif_request *request,
                aif_usage_fn usage_fn, void *usage_arg, struct aif_decision *ret_decision);

/*
 * The second look, at a job that waits or is about to start, by what can change meanwhile: state, dates and category of
 * its allocation, its members, and whether the time limit still ends before the allocation does. Fills verdict (ACCEPT
 * or REJECT), rule, alloc and message. Cheap enough for every scheduling cycle: O(1), no allocation, no usage.
 */
void aif_decide_start(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc, const char *user,
                      uint32_t minutes, time_t now, struct aif_decision *ret_decision);

#endif
