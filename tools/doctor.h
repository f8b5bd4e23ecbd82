/*
 * doctor.h - the checks of "aif doctor", one after the other
 *
 * A check is a name and a function that looks at the site and says what it found, in one or more lines. New checks are a
 * function and a line in the table of doctor.c.
 */
#ifndef AIF_TOOL_DOCTOR_H
#define AIF_TOOL_DOCTOR_H

#include <stdbool.h>

#include "gpusite.h"
#include "pluginfile.h"
#include "snapshot.h"

enum aif_doctor_state {
    AIF_DOCTOR_OK,
    AIF_DOCTOR_SKIPPED, /* could not be looked at, or need not be */
    AIF_DOCTOR_WARNING, /* works, but not as well as it could */
    AIF_DOCTOR_FAULT,   /* does not work as configured */
};

struct aif_doctor_finding {
    const char *check; /* the check's name */
    enum aif_doctor_state state;
    const char *rule; /* id of rules.h; NULL: none */
    char *text;       /* one line: what is, and after "; " what to do */
};

struct aif_doctor {
    const char *conf_dir;                /* of policy.json */
    const struct aif_snapshot *snapshot; /* NULL: not valid */
    struct aif_error snapshot_error;     /* then why */
    const slurm_conf_t *conf;            /* slurmctld's, or this host's when that does not answer */
    const slurm_conf_t *local;           /* this host's, for what slurmctld does not tell of its own */
    const struct aif_gpusite *site;      /* NULL: slurmctld does not answer */
    const char *check; /* the one that runs */
    struct aif_doctor_finding *findings;
    size_t count;
};

/*
 * Run all checks, without a site those that need none. Findings are added to doctor->findings; aif_doctor_free() frees
 * them.
 */
void aif_doctor_run(struct aif_doctor *doctor);
void aif_doctor_free(struct aif_doctor *doctor);

/* For checks: add a line. rule may be NULL. */
void aif_doctor_say(struct aif_doctor *doctor, enum aif_doctor_state state, const char *rule, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* "ok", "skipped", "warning", "fault" */
const char *aif_doctor_state_name(enum aif_doctor_state state);

/* The checks. */
void aif_doctor_config(struct aif_doctor *doctor);
void aif_doctor_enforce(struct aif_doctor *doctor);
void aif_doctor_plugins(struct aif_doctor *doctor);
void aif_doctor_wrapper(struct aif_doctor *doctor);
void aif_doctor_spank(struct aif_doctor *doctor);
void aif_doctor_levels(struct aif_doctor *doctor);
void aif_doctor_map(struct aif_doctor *doctor);
void aif_doctor_cores(struct aif_doctor *doctor);
void aif_doctor_links(struct aif_doctor *doctor);
void aif_doctor_ticket(struct aif_doctor *doctor);
void aif_doctor_node(struct aif_doctor *doctor);
void aif_doctor_spool(struct aif_doctor *doctor);
void aif_doctor_datasets(struct aif_doctor *doctor);

/* For those of data residency: whether the policy says where nodes are; says so if it does not. */
bool aif_doctor_has_places(struct aif_doctor *doctor);
bool aif_doctor_names_places(const struct aif_doctor *doctor);

/* For those of plugins. Whether JobSubmitPlugins has ours; the Slurm that plugins must be built for, 0 when that is not known. */
bool aif_doctor_has_job_submit(const slurm_conf_t *conf);
uint32_t aif_doctor_slurm_version(const slurm_conf_t *conf);

/* A fault: name is missing, or the file does not fit. effect is what comes of it. */
void aif_doctor_say_plugin(struct aif_doctor *doctor, const struct aif_pluginfile *file, const char *name,
                           const char *rule, const char *effect);

#endif
