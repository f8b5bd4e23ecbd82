/* config_init.c - see config_init.h */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "config_init.h"
#include "gpusite.h"
#include "hosts.h"
#include "message.h"
#include "slurmconn.h"
#include "text.h"

/* What a section is proposed from. */
struct proposal {
    const struct aif_gpusite *site;
    struct aif_fabric *fabric; /* of the nodes with GPUs, levels as they are called by default */
    const char *preset;        /* that the cluster looks like; or NULL */
};

/* ---- "placement" ---- */

static void print_sizes(const struct aif_fabric_level *level)
{
    uint32_t least = UINT32_MAX, most = 0;

    for (uint32_t i = 0; i < level->island_count; i++) {
        const uint32_t size = level->first[i + 1] - level->first[i];

        least = size < least ? size : least;
        most = size > most ? size : most;
    }
    printf("%" PRIu32 " of %" PRIu32, level->island_count, least);
    if (most != least)
        printf(" to %" PRIu32, most);
    puts(most == 1 ? " node" : " nodes");
}

static const char *name_of(const struct proposal *proposal, uint32_t level)
{
    return proposal->site->blocks && !level ? "block" : proposal->fabric->levels[level].conf.name;
}

static bool has_islands(const struct proposal *proposal)
{
    return proposal->fabric->levels[0].island_count > 1;
}

static void print_remarks(const struct proposal *proposal)
{
    const struct aif_gpusite *site = proposal->site;

    printf("  // %zu nodes with GPUs, most of them with %" PRIu32 "; %s.\n", site->count,
           site->gpus,
           site->conf->topology_plugin ? site->conf->topology_plugin : "no topology plugin");
    if (!has_islands(proposal))
        puts("  // Slurm knows no islands: write topology.conf, or say with \"map\" which nodes "
             "make "
             "which island.");
    for (uint32_t l = 0; has_islands(proposal) && l < proposal->fabric->level_count; l++) {
        printf("  // %s: ", name_of(proposal, l));
        print_sizes(&proposal->fabric->levels[l]);
    }
    if (proposal->preset)
        printf("  // That looks like %s; write \"levels\" instead if it is not.\n",
               proposal->preset);
    puts(
        "  // \"shadow\" changes nothing and logs what would have been chosen; then write \"on\".");
}

/* Partitions without GPUs are none of placement's business. */
static void print_partitions(const struct proposal *proposal)
{
    const partition_info_msg_t *parts = proposal->site->parts;
    struct aif_text text = {0};

    for (uint32_t i = 0; i < parts->record_count; i++) {
        const partition_info_t *part = &parts->partition_array[i];

        if (aif_gpusite_part_has_gpus(proposal->site, part))
            continue;
        aif_text_printf(&text, "%s", text.length ? ", " : "");
        aif_text_json(&text, part->name);
        aif_text_printf(&text, ": \"off\"");
    }
    if (text.length)
        printf(",\n    \"partitions\": {%s}", text.data);
    aif_text_free(&text);
}

static void print_levels(const struct proposal *proposal)
{
    fputs(",\n    \"levels\": [", stdout);
    for (uint32_t l = 0; l < proposal->fabric->level_count; l++)
        printf("%s\n      {\"name\": \"%s\", \"weight\": %" PRIu32 "}", l ? "," : "",
               name_of(proposal, l), proposal->fabric->levels[l].conf.weight);
    fputs("\n    ]", stdout);
}

static void print_placement(const struct proposal *proposal)
{
    print_remarks(proposal);
    fputs("  \"placement\": {\n    \"mode\": \"shadow\"", stdout);
    print_partitions(proposal);
    if (proposal->preset)
        printf(",\n    \"preset\": \"%s\"", proposal->preset);
    else if (has_islands(proposal))
        print_levels(proposal);
    puts("\n  }");
}

/* ---- a whole policy ---- */

/* Nodes of the partition that have GPUs. */
static size_t gpu_nodes_of(const struct aif_gpusite *site, const partition_info_t *part)
{
    struct aif_hosts hosts;
    size_t count = 0;

    aif_hosts_expand(part->nodes, &hosts);
    for (size_t h = 0; h < hosts.count; h++)
        for (size_t i = 0; i < site->count; i++)
            count += !strcmp(site->gpu_nodes[i].info->name, hosts.names[h]);
    aif_hosts_free(&hosts);
    return count;
}

/* Whether it is given out by default comes first: then modes need not name it. */
static void print_found(const struct aif_gpusite *site)
{
    puts("  // Partitions with GPUs:");
    for (uint32_t i = 0; i < site->parts->record_count; i++) {
        const partition_info_t *part = &site->parts->partition_array[i];
        char wall[AIF_MINUTES_TEXT];

        if (!aif_gpusite_part_has_gpus(site, part))
            continue;
        aif_message_minutes(part->max_time == INFINITE ? UINT32_MAX : part->max_time, wall);
        printf("  //   %s%s: %zu nodes with GPUs, MaxTime %s\n", part->name,
               part->flags & PART_FLAG_DEFAULT ? " (default)" : "", gpu_nodes_of(site, part), wall);
    }
}

static void print_gpu_partitions(const struct aif_gpusite *site)
{
    struct aif_text text = {0};

    for (uint32_t i = 0; i < site->parts->record_count; i++) {
        if (!aif_gpusite_part_has_gpus(site, &site->parts->partition_array[i]))
            continue;
        aif_text_printf(&text, "%s", text.length ? ", " : "");
        aif_text_json(&text, site->parts->partition_array[i].name);
    }
    printf("\"partitions\": [%s]", text.data ? text.data : "");
    aif_text_free(&text);
}

static void print_modes(const struct aif_gpusite *site)
{
    const uint64_t gpus = (uint64_t)site->gpus * site->count;

    puts("  // Access modes. The figures are a start: small jobs for trials, none of more than half of the GPUs for the fast lane.");
    puts("  // Amounts and dates are those of each allocation; aif-policy(5) has the rest (lanes, pacing, residency, closures).");
    fputs("  \"modes\": {\n    \"playground\": {\"code\": \"PG\", \"title\": \"AI Factory Playground\", \"open\": true,\n      ", stdout);
    print_gpu_partitions(site);
    printf(",\n      \"gpus_per_job\": {\"max\": %" PRIu64 "}, \"wall_max\": \"04:00:00\", \"jobs_per_user\": 4, \"submits_per_user\": 8},\n",
           (uint64_t)site->gpus * 2 < gpus ? (uint64_t)site->gpus * 2 : gpus);
    fputs("    \"fast-lane\": {\"code\": \"FL\", \"title\": \"AI Factory Fast Lane\", \"open\": true,\n      ", stdout);
    print_gpu_partitions(site);
    printf(",\n      \"gpus_per_job\": {\"max\": %" PRIu64 "}, \"wall_max\": \"1-00:00:00\"},\n", gpus > 1 ? gpus / 2 : 1);
    fputs("    \"large-scale\": {\"code\": \"LS\", \"title\": \"AI Factory Large Scale\", \"open\": true,\n      ", stdout);
    print_gpu_partitions(site);
    puts(", \"wall_max\": \"2-00:00:00\"}\n  },");
}

static void print_top(const struct aif_gpusite *site)
{
    struct aif_text cluster = {0};

    aif_text_json(&cluster, site->conf->cluster_name ? site->conf->cluster_name : "cluster");
    puts("// A first policy.json, proposed by \"aif config init --policy\" from the cluster as it runs. Read it, change it, then run");
    puts("// \"aif config check --live\". aif-policy(5) describes every key; allocations.json beside it says who may use what.");
    printf("{\n  \"version\": 1,\n  \"cluster\": %s,\n", cluster.data);
    aif_text_free(&cluster);
    puts("  // Limits refuse nothing yet: \"aif report advise\" tells what they would have refused. Then write \"on\".");
    puts("  \"enforce\": \"advise\",");
    puts("  // Jobs of accounts without an allocation are none of ours (\"reject\" turns those with GPUs away).");
    puts("  \"foreign_jobs\": \"ignore\",");
    if (site->conf->accounting_storage_tres && !strstr(site->conf->accounting_storage_tres, "gres/gpu"))
        puts("  // AccountingStorageTRES of slurm.conf has no gres/gpu: add it, or Slurm counts no GPU-hours.");
    print_found(site);
}

static void print_policy(const struct proposal *proposal)
{
    print_top(proposal->site);
    print_modes(proposal->site);
    puts("  // Where aif-reportd keeps what was used; its user must own the directory.");
    puts("  \"report\": {\"ledger\": \"/var/lib/slurm-aif/ledger.db\"},");
    print_placement(proposal);
    puts("}");
}

/* ---- all sections ---- */

static int propose(const struct aif_gpusite *site, bool whole)
{
    struct proposal proposal = {.site = site};

    if (!site->count)
        return aif_tool_fail(AIF_EXIT_FAILED,
                             "no node has GPUs: gres/gpu of all nodes is 0, limit at least 1; see "
                             "GresTypes and Gres in slurm.conf");
    proposal.fabric = aif_gpusite_fabric(site, NULL, 0);
    if (!proposal.fabric)
        return aif_tool_fail(AIF_EXIT_FAILED, "out of memory");
    proposal.preset = aif_fabric_preset_guess(proposal.fabric, site->gpus);
    if (whole)
        print_policy(&proposal);
    else
        print_placement(&proposal);
    aif_fabric_destroy(proposal.fabric);
    return AIF_EXIT_OK;
}

int aif_config_init(bool whole)
{
    struct aif_gpusite *site = NULL;
    int rc = aif_slurm_init();

    if (rc == AIF_EXIT_OK)
        rc = aif_gpusite_load(&site);
    if (rc == AIF_EXIT_OK)
        rc = propose(site, whole);
    aif_gpusite_free(site);
    return rc;
}
