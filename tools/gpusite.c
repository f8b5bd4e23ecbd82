/* gpusite.c - see gpusite.h */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "gpusite.h"
#include "nametable.h"
#include "slurmconn.h"
#include "topotext.h"
#include "treslist.h"

#define TOPOLOGY_BYTES_MAX (64 * 1024 * 1024)

/* ---- asking ---- */

static int load(struct aif_gpusite *site)
{
    int rc, code;

    aif_slurm_quiet();
    errno = 0;
    rc = slurm_load_ctl_conf(0, &site->conf);
    if (rc == SLURM_SUCCESS)
        rc = slurm_load_node(0, &site->nodes, SHOW_ALL | SHOW_DETAIL);
    if (rc == SLURM_SUCCESS)
        rc = slurm_load_partitions(0, &site->parts, SHOW_ALL);
    code = errno;
    aif_slurm_loud();
    return rc == SLURM_SUCCESS ? AIF_EXIT_OK
                               : aif_slurmctld_failed("read nodes and topology", code);
}

static void copy_all(FILE *in, FILE *out)
{
    char part[4096];
    size_t got, sum = 0;

    while ((got = fread(part, 1, sizeof(part), in)) > 0 && (sum += got) <= TOPOLOGY_BYTES_MAX)
        fwrite(part, 1, got, out);
}

/*
 * What scontrol prints of it, malloc'ed; "" where it prints nothing. From 23.11 on libslurm reads a topology with the
 * topology's plugin, which only Slurm's own programs can load.
 */
static char *print_topology(void)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length), *in;

    if (!out)
        return aif_tool_strdup("");
    unsetenv("SLURM_TOPO_LEN"); /* or lines are cut */
    in = popen("exec scontrol -o show topology 2>/dev/null", "r");
    if (in) {
        copy_all(in, out);
        pclose(in);
    }
    fclose(out);
    return text ? text : aif_tool_strdup("");
}

/* ---- nodes ---- */

static void find_gpu_nodes(struct aif_gpusite *site)
{
    const uint32_t count = site->nodes->record_count;

    site->by_name = aif_nametable_create(count);
    site->gpu_nodes = aif_tool_alloc(count, sizeof(*site->gpu_nodes));
    for (uint32_t i = 0; i < count; i++) {
        node_info_t *info = &site->nodes->node_array[i];
        const uint64_t gpus = aif_treslist_gres(info->gres, "gpu");

        if (!info->name)
            continue;
        if (site->by_name)
            aif_nametable_add(site->by_name, info->name, info);
        if (gpus)
            site->gpu_nodes[site->count++] =
                (struct aif_gpusite_node){.info = info, .gpus = (uint32_t)gpus};
    }
}

static uint32_t count_with(const struct aif_gpusite *site, uint32_t gpus)
{
    uint32_t count = 0;

    for (size_t i = 0; i < site->count; i++)
        count += site->gpu_nodes[i].gpus == gpus;
    return count;
}

/* Clusters have few sizes: each is counted once, at its first node. */
static void find_usual_gpus(struct aif_gpusite *site)
{
    uint32_t most = 0, last = 0;

    for (size_t i = 0; i < site->count; i++) {
        const uint32_t gpus = site->gpu_nodes[i].gpus;
        const uint32_t count = gpus == last ? 0 : count_with(site, gpus);

        last = gpus;
        if (count > most) {
            most = count;
            site->gpus = gpus;
        }
    }
}

/* ---- topology ---- */

/* Which unit a node got last, so that a second one of the same rank does not make a level. */
struct placing {
    struct aif_gpusite *site;
    struct aif_nametable *by_name; /* nodes with GPUs: struct aif_gpusite_node */
    uint32_t *rank;                /* [site->count] */
};

static void place(struct placing *placing, struct aif_gpusite_node *node,
                  const struct aif_topotext_unit *unit)
{
    const size_t index = (size_t)(node - placing->site->gpu_nodes);
    char *longer;

    if (node->address && placing->rank[index] == unit->rank)
        return;
    placing->rank[index] = unit->rank;
    longer = aif_tool_format("%s%s%s", node->address ? node->address : "", node->address ? "." : "",
                             unit->name);
    free(node->address);
    node->address = longer;
}

static void place_unit(struct placing *placing, const struct aif_topotext_unit *unit)
{
    struct aif_hosts hosts;

    aif_hosts_expand(unit->nodes, &hosts);
    for (size_t i = 0; i < hosts.count; i++) {
        struct aif_gpusite_node *node = aif_nametable_get(placing->by_name, hosts.names[i]);

        if (node)
            place(placing, node, unit);
    }
    aif_hosts_free(&hosts);
}

static uint32_t depth_of(const char *address)
{
    uint32_t depth = 1;

    for (; address && *address; address++)
        depth += *address == '.';
    return address ? depth : 0;
}

static void place_nodes(struct aif_gpusite *site, const char *text)
{
    struct placing placing = {.site = site, .by_name = aif_nametable_create(site->count)};
    struct aif_topotext topo;

    placing.rank = aif_tool_alloc(site->count, sizeof(*placing.rank));
    for (size_t i = 0; placing.by_name && i < site->count; i++)
        aif_nametable_add(placing.by_name, site->gpu_nodes[i].info->name, &site->gpu_nodes[i]);
    aif_topotext_parse(text, &topo);
    site->blocks = topo.blocks;
    for (size_t i = 0; placing.by_name && i < topo.count; i++)
        place_unit(&placing, &topo.units[i]);
    for (size_t i = 0; i < site->count; i++)
        if (depth_of(site->gpu_nodes[i].address) > site->depth)
            site->depth = depth_of(site->gpu_nodes[i].address);
    aif_topotext_free(&topo);
    aif_nametable_destroy(placing.by_name);
    free(placing.rank);
}

/* ---- all of it ---- */

int aif_gpusite_load(struct aif_gpusite **ret_site)
{
    struct aif_gpusite *site = aif_tool_alloc(1, sizeof(*site));
    int rc = load(site);
    char *text;

    if (rc != AIF_EXIT_OK) {
        aif_gpusite_free(site);
        return rc;
    }
    find_gpu_nodes(site);
    find_usual_gpus(site);
    text = print_topology();
    place_nodes(site, text);
    free(text);
    *ret_site = site;
    return AIF_EXIT_OK;
}

void aif_gpusite_free(struct aif_gpusite *site)
{
    if (!site)
        return;
    for (size_t i = 0; i < site->count; i++)
        free(site->gpu_nodes[i].address);
    free(site->gpu_nodes);
    aif_nametable_destroy(site->by_name);
    if (site->parts)
        slurm_free_partition_info_msg(site->parts);
    if (site->nodes)
        slurm_free_node_info_msg(site->nodes);
    if (site->conf)
        slurm_free_ctl_conf(site->conf);
    free(site);
}

struct aif_fabric *aif_gpusite_fabric(const struct aif_gpusite *site,
                                      const struct aif_fabric_levelconf *confs, uint32_t conf_count)
{
    const char **addresses = aif_tool_alloc(site->count, sizeof(*addresses));
    struct aif_fabric *fabric = NULL;

    for (size_t i = 0; i < site->count; i++)
        addresses[i] = site->gpu_nodes[i].address;
    aif_fabric_from_addresses((uint32_t)site->count, addresses, confs, conf_count, &fabric, NULL);
    free(addresses);
    return fabric;
}

bool aif_gpusite_part_has_gpus(const struct aif_gpusite *site, const partition_info_t *part)
{
    /* Pairs of first and last index, up to -1. */
    for (const int32_t *range = part->node_inx; range && range[0] >= 0; range += 2)
        for (int32_t i = range[0]; i <= range[1] && i < (int32_t)site->nodes->record_count; i++)
            if (aif_treslist_gres(site->nodes->node_array[i].gres, "gpu"))
                return true;
    return false;
}
