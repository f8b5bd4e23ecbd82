/* islandload.c - see islandload.h */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "gpusite.h"
#include "islandload.h"

static bool takes_jobs(const node_info_t *node)
{
    const uint32_t base = node->node_state & NODE_STATE_BASE;

    return base != NODE_STATE_DOWN && base != NODE_STATE_UNKNOWN && base != NODE_STATE_FUTURE && !(node->node_state & NODE_STATE_DRAIN);
}

/* Of "gpu:2", "gpu:a100:2(IDX:0-1)", "gpu:(null):0(IDX:N/A)", other kinds between: the number is what stands before the devices. */
static uint64_t used_gpus(const char *text)
{
    uint64_t sum = 0;

    while (text && (text = strstr(text, "gpu:"))) {
        const char *devices = strstr(text, "(IDX:"), *count = text + strlen("gpu:");
        const char *end = devices ? devices : text + strcspn(text, ",");

        for (const char *at = count; at < end; at++)
            if (*at == ':')
                count = at + 1;
        sum += strtoull(count, NULL, 10);
        text = end;
    }
    return sum;
}

static void add_node(struct aif_islandload *load, const struct aif_gpusite_node *node)
{
    uint64_t used = used_gpus(node->info->gres_used);
    uint64_t left;

    if (used > node->gpus)
        used = node->gpus;
    left = node->gpus - used;
    load->used += used;
    if (!takes_jobs(node->info))
        load->down += left;
    else if (used)
        load->broken += left;
    else
        load->idle += left;
}

static void fill(const struct aif_gpusite *site, const struct aif_fabric *fabric, struct aif_islandloads *loads)
{
    const struct aif_fabric_level *level = &fabric->levels[0];

    loads->count = level->island_count;
    loads->islands = aif_tool_alloc(loads->count, sizeof(*loads->islands));
    for (size_t i = 0; i < loads->count; i++)
        loads->islands[i].name = aif_tool_strdup(level->names[i]);
    for (size_t i = 0; i < site->count; i++) {
        add_node(&loads->islands[level->island_of[i]], &site->gpu_nodes[i]);
        add_node(&loads->all, &site->gpu_nodes[i]);
    }
}

int aif_islandloads_load(struct aif_cmd_context *ctx, struct aif_islandloads *ret_loads)
{
    struct aif_gpusite *site = NULL;
    struct aif_fabric *fabric;
    const struct aif_placement_conf *conf = ctx->snapshot ? &ctx->snapshot->policy->placement : NULL;
    int rc = aif_gpusite_load(&site);

    if (rc != AIF_EXIT_OK)
        return rc;
    fabric = site->count ? aif_gpusite_fabric(site, conf ? conf->levels : NULL, conf ? conf->level_count : 0) : NULL;
    *ret_loads = (struct aif_islandloads){0};
    if (fabric)
        fill(site, fabric, ret_loads);
    aif_fabric_destroy(fabric);
    aif_gpusite_free(site);
    return AIF_EXIT_OK;
}

void aif_islandloads_free(struct aif_islandloads *loads)
{
    for (size_t i = 0; i < loads->count; i++)
        free(loads->islands[i].name);
    free(loads->islands);
}

unsigned aif_islandload_broken_percent(const struct aif_islandload *load)
{
    const uint64_t left = load->broken + load->idle;

    return left ? (unsigned)((200 * load->broken + left) / (2 * left)) : 0;
}
