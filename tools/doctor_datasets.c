/* doctor_datasets.c - check of "aif doctor": can nodes keep the files of data sets to their own jobs? */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor.h"
#include "rules.h"

static size_t count_with_paths(const struct aif_datasets *datasets)
{
    size_t count = 0;

    for (size_t i = 0; i < aif_datasets_count(datasets); i++)
        count += aif_datasets_at(datasets, i)->paths != NULL;
    return count;
}

/* Where this host has the directory as well. */
static bool is_open(const char *staging)
{
    struct stat found;

    return !lstat(staging, &found) && (!S_ISDIR(found.st_mode) || found.st_uid || (found.st_mode & (S_IRWXG | S_IRWXO)));
}

void aif_doctor_datasets(struct aif_doctor *doctor)
{
    const struct aif_datasets *datasets = doctor->snapshot ? doctor->snapshot->datasets : NULL;
    const slurm_conf_t *conf = doctor->site->conf;
    const char *staging = aif_datasets_staging(datasets);
    const size_t count = count_with_paths(datasets);

    if (!count)
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "no data set has paths");
    else if (!staging)
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, AIF_R_GATING, AIF_DATASETS_FILE ": %zu data sets have paths, and there is no \"staging\", so jobs "
                       "that name them are refused (" AIF_R_GATING "); say where on the nodes the files are", count);
    else if (conf->slurmd_user_id)
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, AIF_R_GATING, "SlurmdUser of slurm.conf: is %u, must be root to mount data sets for their jobs "
                       "(" AIF_R_GATING "); run slurmd as root", conf->slurmd_user_id);
    else if (!(conf->prolog_flags & PROLOG_FLAG_ALLOC))
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, AIF_R_GATING, "PrologFlags of slurm.conf: has no Alloc, so steps on other nodes than the "
                       "first see no data sets (" AIF_R_GATING "); set PrologFlags=Alloc or Contain");
    else if (is_open(staging))
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, AIF_R_GATING, "staging directory %s: is not root's alone on this host "
                       "(" AIF_R_GATING "); chown it to root and chmod 700", staging);
    else
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL, "%zu data sets with paths are shown to their own jobs only", count);
}
