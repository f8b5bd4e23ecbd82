/* config_init.c - see config_init.h */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "config_init.h"
#include "gpusite.h"
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

/* ---- all sections ---- */

static void (*const sections[])(const struct proposal *proposal) = {print_placement};

static int propose(const struct aif_gpusite *site)
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
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
        sections[i](&proposal);
    aif_fabric_destroy(proposal.fabric);
    return AIF_EXIT_OK;
}

int aif_config_init(void)
{
    struct aif_gpusite *site = NULL;
    int rc = aif_slurm_init();

    if (rc == AIF_EXIT_OK)
        rc = aif_gpusite_load(&site);
    if (rc == AIF_EXIT_OK)
        rc = propose(site);
    aif_gpusite_free(site);
    return rc;
}
