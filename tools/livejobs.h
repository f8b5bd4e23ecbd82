/*
 * livejobs.h - all jobs that slurmctld shows to the caller, with what their priorities are made of
 */
#ifndef AIF_TOOL_LIVEJOBS_H
#define AIF_TOOL_LIVEJOBS_H

#include <stddef.h>

#include "livejob.h"
#include "snapshot.h"

struct aif_livejobs {
    struct aif_livejob *jobs; /* by id */
    size_t count;
    bool hidden;     /* PrivateData=jobs keeps jobs of others from the caller, or may do so */
    bool plugin;     /* slurmctld is configured with priority/aif or site_factor/aif */
    char *state_dir; /* StateSaveLocation; NULL: not known */
    void *message;   /* what the texts are borrowed from */
};

/* Returns AIF_EXIT_OK, or an exit code after one line. snapshot must outlive the result. */
int aif_livejobs_load(const struct aif_snapshot *snapshot, struct aif_livejobs **ret_jobs);
void aif_livejobs_free(struct aif_livejobs *jobs);

/* The record of a job id; NULL if there is none. */
struct aif_livejob *aif_livejobs_find(const struct aif_livejobs *jobs, uint32_t id);

/* GPUs of all nodes of the cluster; 0 if that cannot be found out. */
uint64_t aif_livejobs_capacity(const struct aif_policy *policy);

#endif
