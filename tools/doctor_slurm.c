/* doctor_slurm.c - checks of "aif doctor": policy, select wrapper, Slurm's settings, tickets */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "doctor.h"
#include "policyenforce.h"
#include "rules.h"
#include "slurmconn.h"

#define PLUGIN "select_cons_tres.so"
#define OWN_NAME "select_cons_tres_aif.so"
#define MARK "aif_select_probe" /* only our wrapper exports it */
#define PLUGIN_SIZE_MAX (64 * 1024 * 1024)

/* ---- policy.json ---- */

void aif_doctor_config(struct aif_doctor *doctor)
{
    const struct aif_rule *rule = aif_rules_in(doctor->snapshot_error.text);

    if (doctor->snapshot)
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL,
                       "policy.json and allocations.json are valid, placement is \"%s\"",
                       aif_placement_mode_name(doctor->snapshot->policy->placement.mode));
    else
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, rule ? rule->id : AIF_C_NOPOLICY, "%s",
                       doctor->snapshot_error.text);
}

void aif_doctor_enforce(struct aif_doctor *doctor)
{
    const struct aif_policy *policy = doctor->snapshot ? doctor->snapshot->policy : NULL;
    char advised[AIF_POLICYENFORCE_LIST], off[AIF_POLICYENFORCE_LIST];

    if (!policy)
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "without a valid policy.json");
    else if (aif_policyenforce_list(policy, AIF_ENFORCE_ADVISE, advised) + aif_policyenforce_list(policy, AIF_ENFORCE_OFF, off))
        aif_doctor_say(doctor, AIF_DOCTOR_WARNING, NULL,
                       "not every rule is applied: %s%s%s%s%s; \"aif report advise\" tells what would be refused",
                       *advised ? "advised are " : "", advised, *advised && *off ? ", " : "", *off ? "off are " : "", off);
    else
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL, "every rule is applied");
}

/* ---- the select wrapper ---- */

/* Whether the file holds the mark; -1: it cannot be read. */
static int has_mark(const char *path)
{
    FILE *file = fopen(path, "re");
    char *content = NULL;
    size_t length = 0;
    long size = -1;

    if (!file)
        return -1;
    if (!fseek(file, 0, SEEK_END))
        size = ftell(file);
    rewind(file);
    if (size > 0 && size <= PLUGIN_SIZE_MAX) {
        content = aif_tool_alloc((size_t)size, 1);
        length = fread(content, 1, (size_t)size, file);
    }
    fclose(file);
    size = content ? memmem(content, length, MARK, strlen(MARK)) != NULL : -1;
    free(content);
    return (int)size;
}

/* The first directory of PluginDir that has the plugin decides. 1: ours; 0: another; -1: none can
 * be read. */
static int find_plugin(const char *dirs, char **ret_path)
{
    for (const char *dir = dirs; dir && *dir;) {
        const size_t length = strcspn(dir, ":");
        char *path = aif_tool_format("%.*s/" PLUGIN, (int)length, dir);
        const int mark = has_mark(path);

        if (mark >= 0) {
            *ret_path = path;
            return mark;
        }
        free(path);
        dir += length + (dir[length] == ':');
    }
    return -1;
}

/* What does not work without the wrapper. */
static const char *effect(const struct aif_doctor *doctor)
{
    if (aif_placement_is_wanted(&doctor->snapshot->policy->placement))
        return "nodes are not chosen by islands, and jobs with a residency tag are refused";
    return "jobs with a residency tag are refused";
}

static const char *rule_of(const struct aif_doctor *doctor)
{
    return aif_placement_is_wanted(&doctor->snapshot->policy->placement) ? AIF_P_INACTIVE : AIF_R_INACTIVE;
}

static void say_wrapper(struct aif_doctor *doctor, int found, const char *path)
{
    struct aif_pluginfile file;

    if (found < 0) {
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "no " PLUGIN " in PluginDir %s can be read here; run it on the controller",
                       doctor->conf->plugindir ? doctor->conf->plugindir : "(none)");
        return;
    }
    if (!found) {
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, rule_of(doctor), "slurm-aif's " PLUGIN " is not in front: slurmctld finds %s first, so %s "
                       "(%s); put slurm-aif's directory first in PluginDir, with the file in it, and restart slurmctld",
                       path, effect(doctor), rule_of(doctor));
        return;
    }
    aif_pluginfile_look(path, aif_doctor_slurm_version(doctor->conf), AIF_PLUGINFILE_MICRO, &file);
    if (file.state == AIF_PLUGINFILE_FITS)
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL, "slurmctld finds the wrapper first: %s", path);
    else
        aif_doctor_say_plugin(doctor, &file, path, rule_of(doctor), effect(doctor));
}

/* From 25.05 on it has a name of its own, and Slurm nothing that could take its place. */
static void look_at_own_name(struct aif_doctor *doctor)
{
    struct aif_pluginfile file;

    aif_pluginfile_find(doctor->conf->plugindir, OWN_NAME, aif_doctor_slurm_version(doctor->conf), AIF_PLUGINFILE_MICRO, &file);
    if (file.state == AIF_PLUGINFILE_FITS)
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL, "slurmctld finds the wrapper: %s", file.path);
    else
        aif_doctor_say_plugin(doctor, &file, OWN_NAME ", which SelectType of slurm.conf wants", AIF_P_INACTIVE,
                              "slurmctld does not start");
}

/* Placement needs the wrapper, and so do jobs with residency tags, which job_submit/aif refuses without it. */
static bool needs_wrapper(struct aif_doctor *doctor)
{
    if (doctor->snapshot && (aif_placement_is_wanted(&doctor->snapshot->policy->placement) ||
                             (aif_doctor_names_places(doctor) && aif_doctor_has_job_submit(doctor->conf))))
        return true;
    aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, doctor->snapshot ? "placement is off everywhere, and no job can have a residency tag" :
                                                                       "the policy is not valid");
    return false;
}

void aif_doctor_wrapper(struct aif_doctor *doctor)
{
    const char *type = doctor->conf->select_type;
    char *path = NULL;
    int found;

    if (type && !strcmp(type, "select/cons_tres_aif")) {
        look_at_own_name(doctor);
        return;
    }
    if (!needs_wrapper(doctor))
        return;
    if (!type || strcmp(type, "select/cons_tres")) {
        aif_doctor_say(doctor, aif_placement_is_wanted(&doctor->snapshot->policy->placement) ? AIF_DOCTOR_FAULT : AIF_DOCTOR_WARNING,
                       rule_of(doctor), "SelectType of slurm.conf: is %s, must be select/cons_tres, or from Slurm 25.05 on "
                       "select/cons_tres_aif, or %s (%s); change it, or policy.json", type ? type : "not set", effect(doctor),
                       rule_of(doctor));
        return;
    }
    found = find_plugin(doctor->conf->plugindir, &path);
    say_wrapper(doctor, found, path);
    free(path);
}

/* ---- cores and memory ---- */

static int is_mem_per_gpu(void *item, void *arg)
{
    const job_defaults_t *def = item;

    (void)arg;
    return def->type == JOB_DEF_MEM_PER_GPU && def->value;
}

/* Does a job that says nothing of memory get less than all of its node's? */
static bool limits_memory(const slurm_conf_t *conf, const partition_info_t *part)
{
    const uint64_t own = part->def_mem_per_cpu;

    return (own && own != INFINITE64) ||
           (conf->def_mem_per_cpu && conf->def_mem_per_cpu != INFINITE64) ||
           aif_slurm_each(part->job_defaults_list, is_mem_per_gpu, NULL) ||
           aif_slurm_each(conf->job_defaults_list, is_mem_per_gpu, NULL);
}

/* Returns whether it found something. */
static bool look_at_memory(struct aif_doctor *doctor)
{
    const struct aif_gpusite *site = doctor->site;
    bool found = false;

    for (uint32_t i = 0; i < site->parts->record_count; i++) {
        const partition_info_t *part = &site->parts->partition_array[i];

        if (!aif_gpusite_part_has_gpus(site, part) || limits_memory(site->conf, part))
            continue;
        aif_doctor_say(doctor, AIF_DOCTOR_WARNING, AIF_P_STRANDED,
                       "partition %s: memory is shared out, but a job that does not ask for any "
                       "gets all of its node, "
                       "and strands the node's other GPUs (" AIF_P_STRANDED
                       "); set DefMemPerGPU or DefMemPerCPU",
                       part->name);
        found = true;
    }
    return found;
}

void aif_doctor_cores(struct aif_doctor *doctor)
{
    const uint32_t param = doctor->site->conf->select_type_param;
    bool found = false;

    if (param & AIF_SELECT_SOCKET) {
        aif_doctor_say(doctor, AIF_DOCTOR_WARNING, AIF_P_STRANDED,
                       "SelectTypeParameters shares out whole sockets: a job with one GPU blocks "
                       "the cores of the "
                       "others on its socket (" AIF_P_STRANDED "); use CR_Core or CR_Core_Memory");
        found = true;
    }
    if (param & AIF_SELECT_MEMORY)
        found = look_at_memory(doctor) || found;
    if (!found)
        aif_doctor_say(
            doctor, AIF_DOCTOR_OK, NULL,
            "jobs that ask for some GPUs of a node leave cores and memory for the others");
}

/* ---- what nodes check of data residency ---- */

void aif_doctor_ticket(struct aif_doctor *doctor)
{
    if (!aif_doctor_has_places(doctor))
        return;
    if (doctor->site->conf->prolog_flags & PROLOG_FLAG_ALLOC)
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL, "nodes check tagged jobs before any step");
    else
        aif_doctor_say(doctor, AIF_DOCTOR_WARNING, AIF_R_TICKET,
                       "PrologFlags of slurm.conf: has no Alloc, so nodes check only the batch scripts of tagged "
                       "jobs, not all their steps (" AIF_R_TICKET "); set PrologFlags=Alloc or Contain");
}
