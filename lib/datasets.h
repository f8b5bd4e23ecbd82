/*
 * datasets.h - the site's file datasets.json: which data sets there are, where they may be processed, and for whom
 *
 *     {"version": 1, "staging": "/aif/staging", "datasets": [{"id": "thl-2026-17", "residency": "FI;zone=spe;class=ehds", "permit": "FI-2026-17",
 *      "paths": ["/data/thl"], "access": "ro", "accounts": ["ehpc-aif-2026pg01-905"]}]}
 *
 * Immutable after loading; look-ups are O(1). doc/man5/aif-datasets.5 describes the file for people.
 */
#ifndef AIF_DATASETS_H
#define AIF_DATASETS_H

#include <stdbool.h>
#include <stddef.h>

#include "datasetids.h"
#include "error.h"
#include "policy.h"
#include "restag.h"

#define AIF_DATASETS_FILE "datasets.json" /* beside policy.json */
#define AIF_DATASETS_MAX 10000            /* in one file */
#define AIF_DATASETS_PATHS_MAX 8          /* of one data set */
#define AIF_DATASETS_PATH_MAX 255         /* bytes of a path, and of "staging" */

struct aif_dataset {
    char *id;    /* lower case */
    char *title; /* for people; may be NULL */
    struct aif_restag *residency; /* with its permit; NULL: read without a policy */
    char **paths;    /* where its jobs see it; NULL: nowhere. On one line, absolute, without . and .. and a '/' at the end;
                        none inside of another, here or in other data sets, or of the staging directory */
    bool writable;   /* "access": "rw" */
    char **accounts; /* Slurm accounts whose jobs may name it, 1 to 256 */
};

struct aif_datasets;

/*
 * Read and check the file against a policy, whose groups its tags may use and which need not outlive it. policy NULL: tags and
 * permits are passed over, for nodes, which may not know the groups. Failure text as in policy.h. The caller owns the result.
 */
int aif_datasets_parse(const char *text, size_t length, const char *name,
                       const struct aif_policy *policy, struct aif_datasets **ret_datasets,
                       struct aif_error *err);
void aif_datasets_destroy(struct aif_datasets *datasets);

/* datasets may be NULL in all of these: there are none. */
size_t aif_datasets_count(const struct aif_datasets *datasets);
/* In the order of the file; index < count. */
const struct aif_dataset *aif_datasets_at(const struct aif_datasets *datasets, size_t index);
const struct aif_dataset *aif_datasets_find(const struct aif_datasets *datasets, const char *id);

/* The directory of the nodes below which the data sets' paths really are, and which root alone can enter. NULL: none. */
const char *aif_datasets_staging(const struct aif_datasets *datasets);

/* Whether jobs of that account may name it. */
bool aif_dataset_allows(const struct aif_dataset *dataset, const char *account);

#endif
