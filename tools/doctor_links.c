/* doctor_links.c - check "links" of "aif doctor": gres.conf against what Slurm makes of it */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "doctor.h"
#include "doctor_links.h"
#include "gresconf.h"
#include "jsonfile.h"
#include "nametable.h"
#include "rules.h"

#define DEPTH_MAX 8 /* of files that include each other */
#define FILES_MAX 256
#define KINDS_MAX 64 /* of nodes, by their links */

/* ---- files ---- */

struct file {
    char *path;
    struct aif_gresconf *conf;
};

struct files {
    struct aif_doctor *doctor;
    char *dir; /* of gres.conf: names in Include are relative to it */
    struct file files[FILES_MAX];
    size_t count;
};

/* Returns whether the file and all that it includes could be read; else says why not. */
static bool read_file(struct files *files, char *path, unsigned depth)
{
    struct aif_gresconf *conf = NULL;
    struct aif_error err = {0};
    size_t length = 0;
    char *text = NULL;
    bool fine;

    if (depth > DEPTH_MAX || files->count >= FILES_MAX) {
        aif_doctor_say(files->doctor, AIF_DOCTOR_SKIPPED, NULL,
                       "%s: too many Includes, limit %d deep and %d files", path, DEPTH_MAX,
                       FILES_MAX);
        free(path);
        return false;
    }
    fine = !aif_jsonfile_read(path, &text, &length, &err) &&
           !aif_gresconf_parse(text, length, path, &conf, &err);
    free(text);
    if (!fine) {
        aif_doctor_say(files->doctor, AIF_DOCTOR_SKIPPED, NULL, "%s", err.text);
        free(path);
        return false;
    }
    files->files[files->count++] = (struct file){path, conf};
    for (size_t i = 0; fine && i < conf->include_count; i++) {
        const char *name = conf->includes[i];

        fine = read_file(files,
                         *name == '/' ? aif_tool_strdup(name)
                                      : aif_tool_format("%s/%s", files->dir, name),
                         depth + 1);
    }
    return fine;
}

static void free_files(struct files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        aif_gresconf_destroy(files->files[i].conf);
        free(files->files[i].path);
    }
    free(files->dir);
}

/* ---- entries of each node ---- */

struct entries {
    const struct aif_gresconf_entry **list;
    size_t count;
    size_t room;
    bool detected; /* AutoDetect: the node itself knows */
};

struct looking {
    struct aif_doctor *doctor;
    const char *path; /* of the file, for messages */
    struct aif_nametable *gpu_nodes;
    struct entries *of; /* [count of nodes with GPUs] */
    bool detected;      /* AutoDetect of all nodes */
};

static void add_entry(struct entries *entries, const struct aif_gresconf_entry *entry)
{
    if (entry->autodetect)
        entries->detected = strcasecmp(entry->autodetect, "off") != 0;
    if (!entry->name || strcasecmp(entry->name, "gpu"))
        return;
    if (entries->count == entries->room) {
        const struct aif_gresconf_entry **more;

        entries->room = entries->room ? 2 * entries->room : 8;
        more = aif_tool_alloc(entries->room, sizeof(*more));
        if (entries->count)
            memcpy(more, entries->list, entries->count * sizeof(*more));
        free(entries->list);
        entries->list = more;
    }
    entries->list[entries->count++] = entry;
}

static void hand_out(struct looking *looking, const struct aif_gresconf_entry *entry)
{
    const struct aif_gpusite *site = looking->doctor->site;
    struct aif_hosts hosts;

    if (!entry->nodes) {
        for (size_t i = 0; i < site->count; i++)
            add_entry(&looking->of[i], entry);
        return;
    }
    aif_hosts_expand(entry->nodes, &hosts);
    for (size_t i = 0; i < hosts.count; i++) {
        const struct aif_gpusite_node *node = aif_nametable_get(looking->gpu_nodes, hosts.names[i]);

        if (node)
            add_entry(&looking->of[node - site->gpu_nodes], entry);
    }
    aif_hosts_free(&hosts);
}

/* ---- kinds of nodes ---- */

struct kind {
    struct aif_gpulinks *links;
    const char **names; /* of its nodes */
    size_t count;
};

struct kinds {
    struct kind kinds[KINDS_MAX];
    size_t count;
    size_t detected; /* nodes that know their links themselves */
    size_t unbound;  /* nodes with Links but not with Cores for all GPUs */
    bool broken;     /* some Links contradict themselves, and that was said */
};

static void add_kind(struct kinds *kinds, struct aif_gpulinks *links, const char *name, size_t room)
{
    size_t i = 0;

    while (i < kinds->count && !aif_gpulinks_equal(kinds->kinds[i].links, links))
        i++;
    if (i == KINDS_MAX || i < kinds->count)
        aif_gpulinks_destroy(links);
    if (i == KINDS_MAX)
        return;
    if (i == kinds->count)
        kinds->kinds[kinds->count++] =
            (struct kind){.links = links, .names = aif_tool_alloc(room, sizeof(char *))};
    kinds->kinds[i].names[kinds->kinds[i].count++] = name;
}

static void sort_in(struct looking *looking, size_t index, struct kinds *kinds)
{
    const struct aif_gpusite *site = looking->doctor->site;
    const struct entries *entries = &looking->of[index];
    const node_info_t *info = site->gpu_nodes[index].info;
    struct aif_gpulinks *links = NULL;
    struct aif_error err = {0};
    bool bound;

    kinds->detected += entries->detected || looking->detected;
    if (aif_gresconf_links(entries->list, entries->count, info->cores /* of a socket */,
                           looking->path, &links, &bound, &err)) {
        if (!kinds->broken)
            aif_doctor_say(looking->doctor, AIF_DOCTOR_WARNING, AIF_P_LINKS, "node %s: %s",
                           info->name, err.text);
        kinds->broken = true;
        return;
    }
    if (links && !bound)
        kinds->unbound++;
    if (links && bound)
        add_kind(kinds, links, info->name, site->count);
    else
        aif_gpulinks_destroy(links);
}

static void free_kinds(struct kinds *kinds)
{
    for (size_t i = 0; i < kinds->count; i++) {
        aif_gpulinks_destroy(kinds->kinds[i].links);
        free(kinds->kinds[i].names);
    }
}

/* ---- findings ---- */

static void write_pair(uint64_t pair, char *text, size_t size)
{
    const int first = __builtin_ctzll(pair);

    snprintf(text, size, "%d and %d", first, __builtin_ctzll(pair & (pair - 1)));
}

/* Returns whether the kind is affected. */
static bool say_kind(struct aif_doctor *doctor, const struct kind *kind)
{
    const bool corrected = doctor->snapshot && doctor->snapshot->policy->placement.correct_devices;
    struct aif_doctor_pair pair;
    char slurm[16], best[16], *nodes;

    if (!aif_doctor_find_pair(kind->links, &pair))
        return false;
    write_pair(pair.slurm, slurm, sizeof(slurm));
    write_pair(pair.best, best, sizeof(best));
    nodes = aif_hosts_write(kind->names, kind->count);
    if (corrected)
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL,
                       "nodes %s: for --gres=gpu:2 Slurm %s gives GPUs %s, best are %s; "
                       "\"correct_devices\" gives the best ones instead",
                       nodes, doctor->site->conf->version, slurm, best);
    else
        aif_doctor_say(doctor, AIF_DOCTOR_WARNING, AIF_P_LINKS,
                       "nodes %s: for --gres=gpu:2 Slurm %s gives GPUs %s (%" PRIu32
                       " links), best are %s (%" PRIu32 " links) (" AIF_P_LINKS
                       "); ask with --gpus, set \"correct_devices\", or patch Slurm (doc/upstream)",
                       nodes, doctor->site->conf->version, slurm, pair.slurm_links, best,
                       pair.best_links);
    free(nodes);
    return true;
}

static void say_kinds(struct aif_doctor *doctor, const struct kinds *kinds)
{
    const uint32_t release = aif_doctor_release(doctor->site->conf->version);
    size_t affected = 0, unequal = 0;

    for (size_t i = 0; i < kinds->count; i++) {
        unequal += !aif_gpulinks_are_uniform(kinds->kinds[i].links);
        if (release >= AIF_DOCTOR_LINKS_SINCE)
            affected += say_kind(doctor, &kinds->kinds[i]);
    }
    if (affected || kinds->broken)
        return;
    if (kinds->detected)
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL,
                       "%zu nodes find out their links themselves (AutoDetect), which cannot be "
                       "seen from here",
                       kinds->detected);
    else if (release < AIF_DOCTOR_LINKS_SINCE)
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL,
                       "Slurm %s gives well linked GPUs; later ones do not (%zu kinds of nodes "
                       "with unequal Links)",
                       doctor->site->conf->version, unequal);
    else
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL,
                       "no node has GPUs of one socket with unequal Links (%zu without Cores, "
                       "whose Links are not used)",
                       kinds->unbound);
}

static void look(struct looking *looking, const struct files *files)
{
    struct kinds kinds = {0};

    for (size_t file = 0; file < files->count; file++)
        for (size_t i = 0; i < files->files[file].conf->count; i++) {
            const struct aif_gresconf_entry *entry = &files->files[file].conf->entries[i];

            if (!entry->nodes && !entry->name && entry->autodetect)
                looking->detected = strcasecmp(entry->autodetect, "off") != 0;
            else
                hand_out(looking, entry);
        }
    for (size_t i = 0; i < looking->doctor->site->count; i++)
        sort_in(looking, i, &kinds);
    say_kinds(looking->doctor, &kinds);
    free_kinds(&kinds);
}

void aif_doctor_links(struct aif_doctor *doctor)
{
    const struct aif_gpusite *site = doctor->site;
    struct files files = {.doctor = doctor};
    struct looking looking = {.doctor = doctor};
    char *slash;

    files.dir = aif_tool_strdup(doctor->conf_dir);
    slash = strrchr(files.dir, '/');
    if (slash)
        *slash = '\0'; /* "aif" lies beside slurm.conf, and so does gres.conf */
    looking.gpu_nodes = aif_nametable_create(site->count);
    looking.of = aif_tool_alloc(site->count, sizeof(*looking.of));
    looking.path = "gres.conf";
    for (size_t i = 0; looking.gpu_nodes && i < site->count; i++)
        aif_nametable_add(looking.gpu_nodes, site->gpu_nodes[i].info->name, &site->gpu_nodes[i]);
    if (looking.gpu_nodes && read_file(&files, aif_tool_format("%s/gres.conf", files.dir), 0))
        look(&looking, &files);
    for (size_t i = 0; i < site->count; i++)
        free(looking.of[i].list);
    free(looking.of);
    aif_nametable_destroy(looking.gpu_nodes);
    free_files(&files);
}
