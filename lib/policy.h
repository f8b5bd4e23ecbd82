/*
 * policy.h - the site's file policy.json: modes, locations, placement, reporting
 *
 * Read once, checked completely, then immutable. Limits of a mode are data, never constants.
 * doc/man5/aif-policy.5 describes the file for people.
 */
#ifndef AIF_POLICY_H
#define AIF_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "error.h"
#include "membership.h"
#include "policyplacement.h"
#include "residency.h"
#include "restag.h"

#define AIF_MODE_NAME_MAX 64 /* with NUL */
#define AIF_GPUS_MAX 1000000000 /* of a cluster, of a job: larger numbers are mistakes */

/* Inclusive; 0 means "no such limit". */
struct aif_range {
    uint32_t min;
    uint32_t max;
};

enum aif_unit { AIF_UNIT_GPU_HOUR, AIF_UNIT_NODE_HOUR };
#define AIF_UNITS 2

/*
 * What Slurm counts for an allocation, and what an hour of it is worth in the allocation's unit. LUMI's two GCDs that
 * make one GPU-hour are {GPU, 500000}, Karolina's gpus/8 node-hours {GPU, 125000}; BILLING is what TRESBillingWeights of
 * the partition make of a job, for max(cpu, mem, gpu) slices of shared nodes.
 */
enum aif_charge_tres { AIF_CHARGE_GPU, AIF_CHARGE_NODE, AIF_CHARGE_BILLING };
#define AIF_CHARGE_TRES 3
#define AIF_MILLION 1000000
struct aif_charge {
    enum aif_charge_tres tres;
    uint32_t millionths; /* units per TRES; never 0 */
};

/* Who holds an award, in the words of the access policy. */
enum aif_category {
    AIF_CATEGORY_SME,
    AIF_CATEGORY_STARTUP,
    AIF_CATEGORY_SCIENCE,
    AIF_CATEGORY_PUBLIC,
    AIF_CATEGORY_INDUSTRY,
    AIF_CATEGORY_COMMERCIAL,
};
#define AIF_CATEGORIES 6
#define AIF_CATEGORY_UNKNOWN (-1)

/* Takes no new jobs in some partitions for some time. */
struct aif_closure {
    char **partitions; /* NULL-terminated; NULL: all */
    time_t from;       /* first second; 0: always was */
    time_t until;      /* last second; 0: no end known */
    char *note;        /* why, shown to users; may be NULL */
};

/* How an amount is spread over the time of its allocation; see pace.h. */
enum aif_pacing_kind {
    AIF_PACING_NONE,
    AIF_PACING_MONTHLY, /* hard grant per calendar month (MeluXina) */
    AIF_PACING_CREDIT,  /* month credit with overdraft, then lowest priority (JSC) */
    AIF_PACING_LINEAR,  /* priority falls as the month's share is used up (CINECA) */
    AIF_PACING_CEILING, /* above 100 % on a free QOS, up to a ceiling (IT4I) */
    AIF_PACING_CUT,     /* what is left shrinks when too little is used by a date (LUMI, DeiC) */
};
struct aif_pacing {
    enum aif_pacing_kind kind;
    uint32_t ceiling_percent;  /* ceiling: of the amount, 101 to 1000 */
    uint32_t priority;         /* linear: site-factor points that a month's share fully used costs */
    uint32_t cut_months;       /* cut: whole months after the start at which is looked */
    uint32_t cut_percent;      /* cut: less of the amount used by then ... */
    uint32_t cut_keep_percent; /* ... leaves this share of what is left */
};

/* Rules for jobs without a script (salloc, srun). */
struct aif_interactive {
    bool forbidden;
    uint32_t wall_max_minutes; /* 0: the mode's */
    struct aif_range gpus_per_job;
    struct aif_range nodes_per_job;
};

/* What the call for proposals publishes of a mode: information, never a limit of a job. */
struct aif_award {
    bool has_unit;
    enum aif_unit unit;
    uint64_t amount_min; /* hours of the unit; 0: not published, here and below */
    uint64_t amount_max;
    struct aif_range months;
};

/*
 * How a mode's jobs are moved forward in the queue. Uniform inside the mode: the law asks the same quality of service for
 * all users of a category (Regulation (EU) 2021/1173, Art. 16(2)).
 */
struct aif_lane {
    bool present;      /* false: no lane, all else is 0 */
    bool level;        /* fair share, age and size do not count among the lane's jobs: first in, first out */
    int32_t base;      /* site-factor points from the start */
    uint32_t target;   /* seconds within which a job shall start once it could; 0: no promise, no urgency */
    uint32_t from;     /* percent of the target at which urgency begins to rise, below 100 */
    int32_t urgency;   /* points on top of base when the target is reached */
    char **preempts;   /* modes whose jobs yield to this lane's, NULL-terminated; NULL: none */
    bool preempts_free; /* jobs of every free QOS yield to this lane's */
    uint32_t headroom; /* GPUs that a standing reservation keeps for the lane; 0: none */
    char *headroom_partition; /* where; NULL: the default partition */
};

/* What happens to a mode's jobs (and those of its free QOS) when a lane takes their place. */
enum aif_yield { AIF_YIELD_REQUEUE, AIF_YIELD_CANCEL };

/* Of all lanes together. */
struct aif_lanes_conf {
    uint32_t window;       /* seconds over which shares are measured */
    uint32_t capacity;     /* GPUs that shares are percents of; 0: all of the cluster */
    uint32_t resume;       /* a lane whose share is used up comes back below so many percent of it */
    uint32_t guard_after;  /* seconds after which a job is lifted, in a lane or not; 0: never */
    int32_t guard_points;  /* points at twice guard_after; more than any lane gives, unless the file says how many */
};

struct aif_mode {
    char *name;        /* lower case, e.g. "fast-lane" */
    char *title;       /* for people; may be NULL */
    char *code;        /* in project IDs, e.g. "FL"; may be NULL */
    bool open;         /* false: no new jobs */
    char *closed_note; /* why it is closed, shown to users; may be NULL */
    struct aif_closure *closures;
    size_t closure_count;
    uint32_t categories; /* eligible ones, bit 1 << enum aif_category; 0: all */
    char **partitions; /* allowed ones, NULL-terminated; NULL: any */
    struct aif_range gpus_per_job;
    struct aif_range nodes_per_job;
    uint32_t wall_max_minutes;   /* 0: none */
    uint32_t jobs_per_user;      /* running at once, mirrored in the QOS; 0: none */
    uint32_t submits_per_user;   /* queued and running, mirrored in the QOS; 0: none */
    uint32_t jobs_per_allocation; /* running at once, mirrored in the QOS; 0: none */
    uint32_t submits_per_allocation; /* queued and running, mirrored in the QOS; 0: none */
    bool has_inference_share;
    uint32_t inference_percent; /* of an allocation's amount that inference jobs may use */
    struct aif_interactive interactive;
    struct aif_pacing pacing; /* of allocations that have none of their own */
    struct aif_award award;
    struct aif_restag *residency; /* NULL: none */
    struct aif_lane lane;
    enum aif_yield yield;
    uint32_t yield_grace; /* seconds a job has when it must yield */
};

/* Where nodes are. nodes is a Slurm host list; feature a node feature. Exactly one of both is set. */
struct aif_location {
    char *nodes;
    char *feature;
    int country; /* index, see residency.h */
    char *zone;  /* lower case; NULL: says nothing of zones */
};

/* Where another cluster of the federation is. */
struct aif_sibling {
    char *name; /* ClusterName, lower case */
    int country;
};

/* What of a sink's kind is said in policysinks.h. */
enum aif_sink_type {
    AIF_SINK_WALDUR,
    AIF_SINK_APEL,
    AIF_SINK_AUDITOR,
    AIF_SINK_FURMS,
    AIF_SINK_OOD,
    AIF_SINK_WEBHOOK,
};

/* What an hour is called at Waldur: an amount is in hours, minutes or thousands of hours. */
enum aif_sink_unit { AIF_SINK_HOURS, AIF_SINK_MINUTES, AIF_SINK_KHOURS };

#define AIF_SINKS_MAX 16
#define AIF_SINK_NAME_MAX 31

/* A receiver of usage. Which members are set depends on its type; texts that were left out are NULL. */
struct aif_sink_conf {
    char *name; /* no other sink has the same */
    int type;   /* enum aif_sink_type */
    char *url;  /* https://… without a trailing slash */
    char *token_file;
    char *ca_file; /* NULL: the system's */
    char *cert_file; /* of the client (mutual TLS), with key_file */
    char *key_file;
    uint32_t timeout; /* seconds per request */
    uint32_t backoff; /* milliseconds before the first repetition */
    char *component; /* Waldur: component type, e.g. "gpu_hours" */
    char *node_component; /* the same for allocations in node-hours; NULL: component */
    char *offering; /* Waldur: UUID; resources are found by account there. NULL: only those of allocations.json */
    int unit; /* Waldur: enum aif_sink_unit */
    bool users; /* Waldur: tell the parts of users, too */
    char *path; /* file or directory that is written */
    char *site; /* APEL, AUDITOR: the site's name there */
    char *service_level; /* APEL: HEPscore23 per core, a decimal number; NULL: not told */
    char *gpu_model; /* APEL: NULL: no accelerator records */
    bool individual; /* APEL: job records instead of summaries */
};

/* How users are named in the ledger, and so everywhere it goes. */
enum aif_report_users { AIF_USERS_PLAIN, AIF_USERS_PSEUDONYM, AIF_USERS_NONE };

struct aif_report_conf {
    char *ledger;         /* path of the SQLite file */
    uint32_t interval;    /* seconds between rounds */
    char *balances;       /* path of the file that the reporter keeps for slurmctld, see balances.h */
    uint32_t overlap;     /* seconds that each round looks back before the last row it saw */
    char *key;            /* path of the private key that signs the ledger; nothing is signed while there is no such file */
    uint32_t checkpoint;  /* at most so many events without a signature */
    int users;            /* enum aif_report_users */
    char *users_key;      /* path of the key of pseudonyms */
    uint32_t retain_months; /* events older than so many months should be in an archive; 0: all may stay */
    uint32_t reconcile;   /* seconds between two looks at whether all places agree; 0: never */
    char *metrics;        /* path of the file for a Prometheus node exporter; NULL: none */
    struct aif_sink_conf *sinks; /* where usage is sent to; report.waldur is one of them, the last */
    size_t sink_count;
};

enum aif_excess { AIF_EXCESS_REJECT, AIF_EXCESS_CAP };

/* Where "aif apply" mirrors the limits of an allocation. */
enum aif_carrier { AIF_CARRIER_QOS, AIF_CARRIER_ASSOCIATION };

/* Modes or categories that may use no more than a share of the machine together: past it their lanes are closed. */
struct aif_share {
    char *title;         /* no other share has the same */
    char **modes;        /* NULL-terminated; NULL: all */
    uint32_t categories; /* bits; 0: all */
    uint32_t percent;
};

/* What becomes of a rule that matches; see policyenforce.h. */
enum aif_enforce { AIF_ENFORCE_ON, AIF_ENFORCE_ADVISE, AIF_ENFORCE_OFF };
#define AIF_ENFORCE_RULES 96 /* room for the table of rules.h */

struct aif_enforce_conf {
    bool relaxed;     /* some rule is not on */
    uint8_t fallback; /* enum aif_enforce: what is said of all limits */
    uint8_t rules[AIF_ENFORCE_RULES]; /* the same, by place in the table */
};

struct aif_policy {
    char *cluster;        /* Slurm ClusterName */
    char *parent_account; /* parent of the accounts that "aif apply" makes; default "root" */
    char *qos_prefix;     /* before the lower-case project ID; "" by default */
    char *gpu_tres;       /* TRES that is charged for GPU-hours, "gres/gpu" */
    enum aif_carrier carrier;
    struct aif_charge charge[AIF_UNITS]; /* by enum aif_unit, of allocations that have none of their own */
    bool count_pending;     /* what pending jobs ask counts against the budget */
    uint32_t notice_below;  /* accepted jobs are told what is left once it is below so many percent; 0 never, 100 always */
    uint32_t recheck;       /* seconds between two looks at the queue */
    const char **holds;     /* ids of rules.h whose refusals hold a job instead, NULL-terminated; NULL: none */
    enum aif_excess time_excess; /* a job asks more time than its mode or its allocation's end allows */
    bool foreign_reject;  /* jobs of accounts that no allocation names: false ignore, true refuse */
    struct aif_mode *modes;
    size_t mode_count;
    struct aif_nametable *mode_by_name; /* for aif_policy_mode() */
    struct aif_share *shares;
    size_t share_count;
    struct aif_lanes_conf lanes;
    struct aif_residency_group *groups; /* those of the membership as of the loading, then the site's own */
    size_t group_count;
    int home_country; /* of nodes with no location of their own; -1: unknown, which fits no tag */
    char *home_zone;  /* of nodes with no location that names a zone; NULL: none */
    struct aif_sibling *siblings; /* in the order of the file */
    size_t sibling_count;
    struct aif_location *locations;
    size_t location_count;
    struct aif_placement_conf placement;
    struct aif_report_conf report;
    struct aif_enforce_conf enforce;
};

/*
 * Read and check policy.json, with the groups of the membership.json that may stand beside it, as of now. Failure text:
 * "<path>:<line>: <key path>: what, value, limit (AIF-Cnnn); next step". The caller owns the result.
 */
int aif_policy_load(const char *path, struct aif_policy **ret_policy, struct aif_error *err);

/* The same from memory and without a membership; name stands for the path in messages. */
int aif_policy_parse(const char *text, size_t length, const char *name, struct aif_policy **ret_policy,
                     struct aif_error *err);

/* The same with the groups of a membership (NULL: none) as of that moment. Nothing of it is kept. */
int aif_policy_parse_dated(const char *text, size_t length, const char *name,
                           const struct aif_membership *membership, time_t when,
                           struct aif_policy **ret_policy, struct aif_error *err);

void aif_policy_destroy(struct aif_policy *policy);

/* The mode of that name, the mode of that project-ID code; case ignored; NULL if there is none. */
const struct aif_mode *aif_policy_mode(const struct aif_policy *policy, const char *name);
/* Hints that it will be looked up, in this order and with other work in between: see nametable.h. */
uint64_t aif_policy_mode_expect(const struct aif_policy *policy, const char *name);
void aif_policy_mode_fetch(const struct aif_policy *policy, uint64_t expected);
const struct aif_mode *aif_policy_mode_by_code(const struct aif_policy *policy, const char *code);

/*
 * The mode name nearest to a mistyped one (for "did you mean"), or NULL if none is near.
 */
const char *aif_policy_mode_suggest(const struct aif_policy *policy, const char *name);

#endif
