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

#include "error.h"
#include "residency.h"

#define AIF_MODE_NAME_MAX 64 /* with NUL */

/* Inclusive; 0 means "no such limit". */
struct aif_range {
    uint32_t min;
    uint32_t max;
};

enum aif_unit { AIF_UNIT_GPU_HOUR, AIF_UNIT_NODE_HOUR };

struct aif_mode {
    char *name;        /* lower case, e.g. "fast-lane" */
    char *title;       /* for people; may be NULL */
    char *code;        /* in project IDs, e.g. "FL"; may be NULL */
    bool open;         /* false: no new jobs */
    char *closed_note; /* why it is closed, shown to users; may be NULL */
    char **partitions; /* allowed ones, NULL-terminated; NULL: any */
    struct aif_range gpus_per_job;
    struct aif_range nodes_per_job;
    uint32_t wall_max_minutes;   /* 0: none */
    uint32_t jobs_per_user;      /* running at once, mirrored in the QOS; 0: none */
    uint32_t submits_per_user;   /* queued and running, mirrored in the QOS; 0: none */
    uint32_t jobs_per_allocation; /* running at once, mirrored in the QOS; 0: none */
    bool has_residency;
    struct aif_residency residency;
    int32_t lane_boost; /* added to a job's site factor; 0: no lane */
};

/* Where nodes are. nodes is a Slurm host list; feature a node feature. Exactly one of both is set. */
struct aif_location {
    char *nodes;
    char *feature;
    int country; /* index, see residency.h */
};

struct aif_report_conf {
    char *ledger;         /* path of the SQLite file */
    uint32_t interval;    /* seconds between rounds */
    uint32_t overlap;     /* seconds that each round looks back before the last row it saw */
    char *waldur_url;     /* https://… without a trailing slash; NULL: no Waldur sink */
    char *waldur_token_file;
    char *waldur_ca_file; /* NULL: the system's */
    char *waldur_component; /* component type, e.g. "gpu_hours" */
    char *waldur_node_component; /* the same for allocations in node-hours; NULL: waldur_component */
    uint32_t waldur_timeout; /* seconds per request */
};

enum aif_excess { AIF_EXCESS_REJECT, AIF_EXCESS_CAP };

struct aif_policy {
    char *cluster;        /* Slurm ClusterName */
    char *parent_account; /* parent of the accounts that "aif apply" makes; default "root" */
    char *qos_prefix;     /* before the lower-case project ID; "" by default */
    char *gpu_tres;       /* TRES that is charged for GPU-hours, "gres/gpu" */
    enum aif_excess time_excess; /* a job asks more time than its mode or its allocation's end allows */
    bool foreign_reject;  /* jobs of accounts that no allocation names: false ignore, true refuse */
    struct aif_mode *modes;
    size_t mode_count;
    struct aif_residency_group *groups;
    size_t group_count;
    int home_country; /* of nodes with no location of their own; -1: unknown, which fits no tag */
    struct aif_location *locations;
    size_t location_count;
    bool placement; /* false: select never narrows for topology */
    char **placement_partitions; /* where it does, NULL-terminated; NULL: all */
    struct aif_report_conf report;
};

/*
 * Read and check policy.json. Failure text: "<path>:<line>: <key path>: what, value, limit (AIF-Cnnn); next step".
 * The caller owns the result.
 */
int aif_policy_load(const char *path, struct aif_policy **ret_policy, struct aif_error *err);

/* The same from memory; name stands for the path in messages. */
int aif_policy_parse(const char *text, size_t length, const char *name, struct aif_policy **ret_policy,
                     struct aif_error *err);

void aif_policy_destroy(struct aif_policy *policy);

/* The mode of that name, the mode of that project-ID code; case ignored; NULL if there is none. */
const struct aif_mode *aif_policy_mode(const struct aif_policy *policy, const char *name);
const struct aif_mode *aif_policy_mode_by_code(const struct aif_policy *policy, const char *code);

/*
 * The mode name nearest to a mistyped one (for "did you mean"), or NULL if none is near.
 */
const char *aif_policy_mode_suggest(const struct aif_policy *policy, const char *name);

#endif
