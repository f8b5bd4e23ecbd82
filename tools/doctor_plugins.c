/* doctor_plugins.c - checks of "aif doctor": are our plugins there, and built for this Slurm? */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common.h"
#include "doctor.h"
#include "plugstack.h"
#include "rules.h"
#include "slurmdb.h"

#define SPANK "spank_aif.so"
#define NOT_CONTROLLER "this host is no controller; run it there"

/* ---- what slurm.conf wants of slurmctld ---- */

static bool wants_job_submit(const struct aif_doctor *doctor)
{
    return aif_doctor_has_job_submit(doctor->conf);
}

static bool wants_priority(const struct aif_doctor *doctor)
{
    const char *type = doctor->conf->priority_type;

    return type && !strcasecmp(type, "priority/aif");
}

/* slurmctld tells this one with the rest, and leaves it empty. */
static bool wants_site_factor(const struct aif_doctor *doctor)
{
    const char *type = doctor->local->site_factor_plugin;

    return type && !strcasecmp(type, "site_factor/aif");
}

static const struct {
    const char *file;
    const char *key;
    const char *effect;
    bool (*is_wanted)(const struct aif_doctor *doctor);
} plugins[] = {
    {"job_submit_aif.so", "JobSubmitPlugins", "slurmctld does not start", wants_job_submit},
    {"priority_aif.so", "PriorityType", "slurmctld does not start", wants_priority},
    {"site_factor_aif.so", "PrioritySiteFactorPlugin", "slurmctld does not start, or with Slurm 22.05 lanes and pacing change no priority", wants_site_factor},
};

bool aif_doctor_has_job_submit(const slurm_conf_t *conf)
{
    const char *names = conf->job_submit_plugins;

    while (names && *names) {
        const size_t length = strcspn(names, ",");
        const char *name = strncasecmp(names, "job_submit/", 11) ? names : names + 11;

        if ((size_t)(names + length - name) == 3 && !strncasecmp(name, "aif", 3))
            return true;
        names += length + (names[length] == ',');
    }
    return false;
}

/* ---- the version of Slurm ---- */

/* A slurmctld that does not answer does not tell its own: then that of one of its plugins, which all have. */
uint32_t aif_doctor_slurm_version(const slurm_conf_t *conf)
{
    struct aif_pluginfile stock;

    if (conf->version)
        return aif_pluginfile_number(conf->version);
    aif_pluginfile_find(conf->plugindir, "select_linear.so", 0, AIF_PLUGINFILE_MICRO, &stock);
    return stock.version;
}

void aif_doctor_say_plugin(struct aif_doctor *doctor, const struct aif_pluginfile *file, const char *name,
                           const char *rule, const char *effect)
{
    char found[16], wanted[16];

    aif_pluginfile_text(file->version, found);
    aif_pluginfile_text(aif_doctor_slurm_version(doctor->conf), wanted);
    if (file->state == AIF_PLUGINFILE_OTHER)
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, rule, "%s: was built for Slurm %s, this is %s, so Slurm skips it, and %s (%s); "
                       "install the one for %s", file->path, found, wanted, effect, rule, wanted);
    else if (file->state == AIF_PLUGINFILE_BROKEN)
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, rule, "%s: cannot be read, or is no plugin of Slurm, so %s (%s); install the one for Slurm %s",
                       file->path, effect, rule, wanted);
    else
        aif_doctor_say(doctor, AIF_DOCTOR_FAULT, rule, "%s: is not there, so %s (%s); install the one for Slurm %s", name, effect,
                       rule, wanted);
}

/* ---- slurmctld's plugins ---- */

static bool is_same_host(const char *one, const char *other)
{
    const size_t length = strcspn(one, ".");

    return length == strcspn(other, ".") && !strncasecmp(one, other, length);
}

/* Hosts of users and nodes need not have these plugins. */
static bool is_controller(const slurm_conf_t *conf)
{
    char host[256];

    if (gethostname(host, sizeof(host) - 1))
        return true;
    host[sizeof(host) - 1] = '\0';
    for (uint32_t i = 0; i < conf->control_cnt && conf->control_machine; i++)
        if (conf->control_machine[i] && is_same_host(conf->control_machine[i], host))
            return true;
    return false;
}

/* Returns whether all is well. */
static bool look_at(struct aif_doctor *doctor, size_t i)
{
    const slurm_conf_t *conf = doctor->conf;
    struct aif_pluginfile file;
    char *name;

    aif_pluginfile_find(conf->plugindir, plugins[i].file, aif_doctor_slurm_version(conf), AIF_PLUGINFILE_MICRO, &file);
    if (file.state == AIF_PLUGINFILE_FITS)
        return true;
    name = aif_tool_format("%s, which %s of slurm.conf wants in PluginDir %s", plugins[i].file, plugins[i].key,
                           conf->plugindir ? conf->plugindir : "(none)");
    aif_doctor_say_plugin(doctor, &file, name, AIF_C_PLUGIN, plugins[i].effect);
    free(name);
    return false;
}

void aif_doctor_plugins(struct aif_doctor *doctor)
{
    size_t wanted = 0, good = 0;
    char version[16];

    if (!is_controller(doctor->conf)) {
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, NOT_CONTROLLER);
        return;
    }
    for (size_t i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++) {
        if (!plugins[i].is_wanted(doctor))
            continue;
        wanted++;
        good += look_at(doctor, i);
    }
    aif_pluginfile_text(aif_doctor_slurm_version(doctor->conf), version);
    if (!wanted)
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "slurm.conf names no plugin of slurm-aif");
    else if (good == wanted)
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL, "what slurm.conf names of slurm-aif (%zu) is there, for Slurm %s", good, version);
}

/* ---- the SPANK plugin of this host ---- */

static void look_at_spank(struct aif_doctor *doctor, const struct aif_plugstack_line *line)
{
    const uint32_t wanted = aif_doctor_slurm_version(doctor->conf);
    struct aif_pluginfile file;
    char *name;

    if (line->plugin[0] == '/')
        aif_pluginfile_look(line->plugin, wanted, AIF_PLUGINFILE_MINOR, &file);
    else
        aif_pluginfile_find(doctor->conf->plugindir, line->plugin, wanted, AIF_PLUGINFILE_MINOR, &file);
    if (file.state == AIF_PLUGINFILE_FITS) {
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL, "%s is there, and fits this Slurm", file.path);
        return;
    }
    name = aif_tool_format("%s, which %s:%u wants", line->plugin, line->file, line->number);
    aif_doctor_say_plugin(doctor, &file, name, AIF_C_PLUGIN, line->required ?
                          "sbatch, srun and salloc fail on hosts installed like this one" :
                          "on hosts installed like this one sbatch, srun and salloc complain and lack its options, and nodes do not "
                          "check tagged jobs");
    free(name);
}

/* From 23.02 on only the usual place is looked at: Slurm has no other one any more. */
static char *plugstack_path(const slurm_conf_t *conf)
{
    const char *slash = conf->slurm_conf ? strrchr(conf->slurm_conf, '/') : NULL;

    if (AIF_CONF_PLUGSTACK(conf))
        return aif_tool_strdup(AIF_CONF_PLUGSTACK(conf));
    return slash ? aif_tool_format("%.*s/plugstack.conf", (int)(slash - conf->slurm_conf), conf->slurm_conf) : NULL;
}

void aif_doctor_spank(struct aif_doctor *doctor)
{
    char *path = plugstack_path(doctor->conf);
    struct aif_plugstack_line line;

    switch (path ? aif_plugstack_find(path, SPANK, &line) : AIF_PLUGSTACK_NO_FILE) {
    case AIF_PLUGSTACK_NO_FILE:
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "there is no plugstack.conf on this host");
        break;
    case AIF_PLUGSTACK_NO_LINE:
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "%s has no line with " SPANK ", so there are no --ai options here", path);
        break;
    case AIF_PLUGSTACK_LINE:
        look_at_spank(doctor, &line);
        break;
    }
    free(path);
}
