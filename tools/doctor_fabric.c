/* doctor_fabric.c - checks of "aif doctor": levels and map of placement against the cluster's nodes
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "doctor.h"
#include "nametable.h"
#include "rules.h"

static const struct aif_placement_conf *wanted(struct aif_doctor *doctor)
{
    const struct aif_placement_conf *conf =
        doctor->snapshot ? &doctor->snapshot->policy->placement : NULL;

    if (conf && aif_placement_is_wanted(conf))
        return conf;
    aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "placement is off everywhere");
    return NULL;
}

/* ---- levels ---- */

void aif_doctor_levels(struct aif_doctor *doctor)
{
    const struct aif_placement_conf *conf = wanted(doctor);
    const struct aif_gpusite *site = doctor->site;

    if (!conf)
        return;
    if (doctor->snapshot->fabricmap) {
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "islands are those of the map");
        return;
    }
    if (!site->depth) {
        aif_doctor_say(doctor, AIF_DOCTOR_WARNING, AIF_P_FABRIC,
                       "Slurm's topology (%s) has no switch for any node with GPUs, so all are one "
                       "island (" AIF_P_FABRIC "); write topology.conf, or give placement a map",
                       site->conf->topology_plugin ? site->conf->topology_plugin : "none");
        return;
    }
    for (uint32_t l = site->depth; l < conf->level_count; l++)
        aif_doctor_say(doctor, AIF_DOCTOR_WARNING, AIF_P_FABRIC,
                       "level \"%s\": is level %" PRIu32
                       " from the nodes, Slurm's topology has %" PRIu32 " (" AIF_P_FABRIC
                       "); take it out, or extend topology.conf",
                       conf->levels[l].name, l + 1, site->depth);
    if (conf->level_count <= site->depth)
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL,
                       "Slurm's topology has %" PRIu32 " levels, policy.json names %" PRIu32,
                       site->depth, conf->level_count);
}

/* ---- the map ---- */

/* A level of the map put on the nodes with GPUs. */
struct covering {
    struct aif_doctor *doctor;
    const struct aif_fabricmap_level *level;
    struct aif_nametable *gpu_nodes; /* by name: struct aif_gpusite_node */
    uint32_t *island_of;             /* [count of nodes with GPUs]; AIF_FABRICMAP_NONE: none */
    struct aif_hosts strangers;      /* hosts that are no nodes */
    uint32_t twice;                  /* nodes in two islands */
    const char *twice_name;
    size_t faults; /* said so far */
};

static void cover(struct covering *covering, uint32_t island, char *host)
{
    const struct aif_gpusite *site = covering->doctor->site;
    const struct aif_gpusite_node *node = aif_nametable_get(covering->gpu_nodes, host);
    uint32_t *of;

    if (!node && !aif_nametable_get(site->by_name, host)) {
        covering->strangers.names[covering->strangers.count++] = host;
        return;
    }
    if (!node)
        return;
    of = &covering->island_of[node - site->gpu_nodes];
    if (*of != AIF_FABRICMAP_NONE && *of != island && !covering->twice++)
        covering->twice_name = node->info->name;
    *of = island;
}

static void say_hosts(struct covering *covering, const char *const *names, size_t count,
                      const char *what, const char *next)
{
    char *text = aif_hosts_write(names, count);

    aif_doctor_say(covering->doctor, AIF_DOCTOR_WARNING, AIF_P_FABRIC,
                   "map, level \"%s\": %zu %s: %s (" AIF_P_FABRIC "); %s",
                   covering->level->conf.name, count, what, text, next);
    covering->faults++;
    free(text);
}

static void say_left_out(struct covering *covering)
{
    const struct aif_gpusite *site = covering->doctor->site;
    const char **names = aif_tool_alloc(site->count, sizeof(*names));
    size_t count = 0;

    for (size_t i = 0; i < site->count; i++)
        if (covering->island_of[i] == AIF_FABRICMAP_NONE)
            names[count++] = site->gpu_nodes[i].info->name;
    if (count)
        say_hosts(covering, names, count, "nodes with GPUs are in no island", "add them");
    free(names);
}

/* Hosts of islands are expanded one after the other; strangers' names are kept until they are said.
 */
static void cover_level(struct covering *covering)
{
    const uint32_t islands = covering->level->island_count;
    struct aif_hosts *hosts = aif_tool_alloc(islands, sizeof(*hosts));
    size_t total = 0;

    for (uint32_t i = 0; i < islands; i++) {
        aif_hosts_expand(covering->level->hosts[i], &hosts[i]);
        total += hosts[i].count;
    }
    covering->strangers = (struct aif_hosts){.names = aif_tool_alloc(total, sizeof(char *))};
    for (uint32_t i = 0; i < islands; i++)
        for (size_t host = 0; host < hosts[i].count; host++)
            cover(covering, i, hosts[i].names[host]);
    if (covering->strangers.count)
        say_hosts(covering, (const char *const *)covering->strangers.names,
                  covering->strangers.count, "hosts are no nodes of the cluster", "correct them");
    say_left_out(covering);
    if (covering->twice)
        say_hosts(covering, &covering->twice_name, 1, "or more nodes are in two islands",
                  "keep one of them");
    free(covering->strangers.names);
    for (uint32_t i = 0; i < islands; i++)
        aif_hosts_free(&hosts[i]);
    free(hosts);
}

static bool check_nesting(struct aif_doctor *doctor, const struct aif_fabricmap *map,
                          uint32_t *const *island_of)
{
    struct aif_fabric *fabric = NULL;
    struct aif_error err = {0};

    if (!aif_fabricmap_fabric(map, (uint32_t)doctor->site->count, island_of, &fabric, &err)) {
        aif_fabric_destroy(fabric);
        return true;
    }
    aif_doctor_say(doctor, AIF_DOCTOR_FAULT, AIF_P_FABRIC, "map: %s (" AIF_P_FABRIC ")", err.text);
    return false;
}

static void check_map(struct aif_doctor *doctor, const struct aif_fabricmap *map,
                      struct aif_nametable *gpu_nodes)
{
    const size_t count = doctor->site->count;
    uint32_t *island_of[AIF_FABRIC_LEVELS_MAX] = {NULL};
    size_t faults = 0;

    for (uint32_t l = 0; l < map->level_count; l++) {
        struct covering covering = {
            .doctor = doctor, .level = &map->levels[l], .gpu_nodes = gpu_nodes};

        island_of[l] = aif_tool_alloc(count, sizeof(**island_of));
        memset(island_of[l], 0xff, count * sizeof(**island_of));
        covering.island_of = island_of[l];
        cover_level(&covering);
        faults += covering.faults;
    }
    if (check_nesting(doctor, map, island_of) && !faults)
        aif_doctor_say(doctor, AIF_DOCTOR_OK, NULL,
                       "the map puts all %zu nodes with GPUs on %" PRIu32 " levels", count,
                       map->level_count);
    for (uint32_t l = 0; l < map->level_count; l++)
        free(island_of[l]);
}

void aif_doctor_map(struct aif_doctor *doctor)
{
    const struct aif_fabricmap *map = doctor->snapshot ? doctor->snapshot->fabricmap : NULL;
    const struct aif_gpusite *site = doctor->site;
    struct aif_nametable *gpu_nodes;

    if (!map) {
        aif_doctor_say(doctor, AIF_DOCTOR_SKIPPED, NULL, "policy.json names no map");
        return;
    }
    gpu_nodes = aif_nametable_create(site->count);
    for (size_t i = 0; gpu_nodes && i < site->count; i++)
        aif_nametable_add(gpu_nodes, site->gpu_nodes[i].info->name, &site->gpu_nodes[i]);
    if (gpu_nodes && site->by_name)
        check_map(doctor, map, gpu_nodes);
    aif_nametable_destroy(gpu_nodes);
}
