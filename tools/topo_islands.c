/* topo_islands.c - how good a job's islands are against an empty machine; see topo.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "gpusite.h"
#include "place.h"
#include "slurmconn.h"
#include "topo.h"

struct judging {
    const struct aif_gpusite *site;
    const struct aif_fabric *fabric;
    struct aif_place_node *nodes; /* [site->count] */
    uint32_t *all;                /* every node with GPUs */
    uint32_t *chosen;             /* those of the job, ascending */
    uint32_t chosen_count;
};

/* ---- names ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The job's nodes, each once, sorted; texts belong to the map. */
static size_t list_nodes(const struct aif_rankmap *map, const char **ret_names)
{
    size_t kept = 0;

    for (size_t i = 0; i < map->count; i++)
        ret_names[i] = map->ranks[i].node;
    if (map->count)
        qsort(ret_names, map->count, sizeof(*ret_names), by_name);
    for (size_t i = 0; i < map->count; i++)
        if (!kept || strcmp(ret_names[kept - 1], ret_names[i]))
            ret_names[kept++] = ret_names[i];
    return kept;
}

static bool is_listed(const char *const *names, size_t count, const char *name)
{
    return bsearch(&name, names, count, sizeof(*names), by_name) != NULL;
}

/* ---- places ---- */

static char *full_address(const struct aif_gpusite_node *node)
{
    return node->address && *node->address ? aif_tool_format("%s.%s", node->address, node->info->name) : NULL;
}

/* Nodes of this site by name; NULL: no node with GPUs. */
static const struct aif_gpusite_node *find_node(const struct aif_gpusite *site, const char *name)
{
    for (size_t i = 0; i < site->count; i++)
        if (!strcmp(site->gpu_nodes[i].info->name, name))
            return &site->gpu_nodes[i];
    return NULL;
}

/* Neighbouring ranks are mostly on one node, so each node is looked for about once. */
static void fill_addresses(const struct aif_gpusite *site, struct aif_rankmap *map)
{
    const struct aif_gpusite_node *node = NULL;

    for (size_t i = 0; i < map->count; i++) {
        struct aif_rank *rank = &map->ranks[i];

        if (!node || strcmp(node->info->name, rank->node))
            node = find_node(site, rank->node);
        if (rank->address || !node)
            continue;
        rank->address = full_address(node);
    }
}

/* ---- score ---- */

static void judge(const struct judging *judging, char ret_text[AIF_PLACESCORE_SIZE])
{
    struct aif_place_view view = {.fabric = judging->fabric, .nodes = judging->nodes};
    struct aif_place_ask ask = {.nodes = judging->chosen_count, .gpus = 1, .whole = true, .unused = true};
    struct aif_place_scratch *scratch = aif_place_scratch_create(judging->fabric);
    const uint32_t count = (uint32_t)judging->site->count;
    uint32_t *best_nodes = aif_tool_alloc(ask.nodes, sizeof(*best_nodes));
    struct aif_place_result best, actual;

    if (scratch && aif_place_choose(&view, &ask, judging->all, NULL, count, scratch, best_nodes, &best) &&
        aif_place_judge(&view, &ask, judging->all, NULL, count, judging->chosen, scratch, &actual))
        aif_placescore_write(judging->fabric, &best, &actual, ret_text);
    aif_place_scratch_destroy(scratch);
    free(best_nodes);
}

static void judge_nodes(struct judging *judging, struct aif_topo *topo)
{
    const size_t count = judging->site->count;
    const char **names = aif_tool_alloc(topo->map.count, sizeof(*names));
    size_t named = list_nodes(&topo->map, names);

    judging->nodes = aif_tool_alloc(count, sizeof(*judging->nodes));
    judging->all = aif_tool_alloc(count, sizeof(*judging->all));
    judging->chosen = aif_tool_alloc(count, sizeof(*judging->chosen));
    for (uint32_t i = 0; i < count; i++) {
        uint8_t gpus = (uint8_t)(judging->site->gpu_nodes[i].gpus < AIF_PLACE_GPUS_MAX ? judging->site->gpu_nodes[i].gpus
                                                                                        : AIF_PLACE_GPUS_MAX);

        judging->nodes[i] = (struct aif_place_node){.gpus = gpus, .free = gpus, .pattern = AIF_PLACE_PATTERN_NONE};
        judging->all[i] = i;
        if (is_listed(names, named, judging->site->gpu_nodes[i].info->name))
            judging->chosen[judging->chosen_count++] = i;
    }
    if (judging->chosen_count && judging->chosen_count == named)
        judge(judging, topo->islands);
    free(judging->nodes);
    free(judging->all);
    free(judging->chosen);
    free(names);
}

/* Names and weights of levels are the site's, if this user may read its policy. */
static struct aif_fabric *make_fabric(struct aif_cmd_context *ctx, const struct aif_gpusite *site)
{
    const struct aif_placement_conf *conf;

    if (!ctx->snapshot)
        aif_snapshot_load(ctx->conf_dir, &ctx->snapshot, NULL);
    if (!ctx->snapshot)
        return aif_gpusite_fabric(site, NULL, 0);
    conf = &ctx->snapshot->policy->placement;
    return aif_gpusite_fabric(site, conf->levels, conf->level_count);
}

void aif_topo_find_islands(struct aif_cmd_context *ctx, struct aif_topo *topo)
{
    struct aif_gpusite *site = NULL;
    struct aif_fabric *fabric;

    if (aif_slurm_init() != AIF_EXIT_OK || aif_gpusite_load(&site) != AIF_EXIT_OK)
        return;
    fill_addresses(site, &topo->map);
    fabric = site->count ? make_fabric(ctx, site) : NULL;
    if (fabric) {
        struct judging judging = {.site = site, .fabric = fabric};

        judge_nodes(&judging, topo);
    }
    aif_fabric_destroy(fabric);
    aif_gpusite_free(site);
}
