/* shown.c - see shown.h */
#include "shown.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets.h"
#include "jsonfile.h"
#include "rules.h"

#define PATH_SIZE 4096

/* ---- the catalogue ---- */

static int load(const char *conf_dir, struct aif_datasets **ret_datasets, struct aif_error *err)
{
    char path[PATH_SIZE], *text = NULL;
    size_t length;
    int rc;

    snprintf(path, sizeof(path), "%s/%s", conf_dir, AIF_DATASETS_FILE);
    if (aif_jsonfile_read(path, &text, &length, err))
        return -1;
    rc = aif_datasets_parse(text, length, path, NULL, ret_datasets, err);
    free(text);
    return rc;
}

static int add_dataset(const struct aif_dataset *dataset, char *list, struct aif_error *err)
{
    for (char **path = dataset->paths; path && *path; path++) {
        if (spank_aif_gating_add(list, SPANK_AIF_GATING_LIST, dataset->writable ? "rw" : "ro", *path))
            return aif_error_set(err, AIF_ELIMIT, "the job's data sets have too many paths");
    }
    return 0;
}

/* Without paths there is nothing to show. */
static int add_staging(const struct aif_datasets *datasets, char *list, struct aif_error *err)
{
    const char *staging = aif_datasets_staging(datasets);
    char paths[SPANK_AIF_GATING_LIST];

    if (!list[0])
        return 0;
    if (!staging)
        return aif_error_set(err, AIF_ENOENT, AIF_DATASETS_FILE " of the node has no \"staging\"");
    strcpy(paths, list);
    list[0] = '\0';
    if (spank_aif_gating_add(list, SPANK_AIF_GATING_LIST, "staging", staging) ||
        strlen(list) + strlen(paths) >= SPANK_AIF_GATING_LIST)
        return aif_error_set(err, AIF_ELIMIT, "the job's data sets have too many paths");
    strcat(list, paths);
    return 0;
}

static int list_datasets(const struct aif_datasets *datasets, const char *ids, char *list, struct aif_error *err)
{
    char id[AIF_DATASETIDS_ID_SIZE];

    while (aif_datasetids_next(&ids, id)) {
        const struct aif_dataset *dataset = aif_datasets_find(datasets, id);

        if (!dataset)
            return aif_error_set(err, AIF_ENOENT, AIF_DATASETS_FILE " of the node has no data set \"%s\"", id);
        if (add_dataset(dataset, list, err))
            return -1;
    }
    return add_staging(datasets, list, err);
}

/* ---- what to mount ---- */

static int make_list(const struct aif_ticket *ticket, const char *conf_dir, char *list, struct aif_error *err)
{
    struct aif_datasets *datasets = NULL;
    char why[SPANK_AIF_GATING_TEXT];
    int rc;

    if (load(conf_dir, &datasets, err))
        return -1;
    rc = list_datasets(datasets, ticket->datasets, list, err);
    aif_datasets_destroy(datasets);
    if (!rc && list[0] && spank_aif_gating_rehearse(list, why, sizeof(why)))
        rc = aif_error_set(err, AIF_EIO, "%s", why);
    return rc;
}

int aif_node_shown(const struct aif_ticket *ticket, const char *node, const char *conf_dir, char *ret_list, struct aif_error *err)
{
    struct aif_error why = {0};
    char list[SPANK_AIF_GATING_LIST] = "";

    if (ticket->datasets[0] && make_list(ticket, conf_dir, list, &why))
        return aif_error_set(err, why.code, "node %s cannot keep the job's data sets to the job: %s (%s)", node, why.text,
                             AIF_R_GATING);
    strcpy(ret_list, list);
    return 0;
}
