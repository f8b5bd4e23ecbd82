/*
 * fabricpreset.c - see fabric.h: the levels of known systems
 *
 * Sources, by preset; where a figure is marked "memory" it was not checked against a page:
 *   lumi-g             LUMI documentation, network: Slingshot-11 dragonfly, 24 groups of 124 nodes;
 * the four NICs of a node go to four switches, so that there is no leaf to speak of slingshot the
 * same where Slurm's topology lists the switches all the same: they count nothing jupiter-booster
 * JSC, JUPITER configuration: dragonfly+ of 25 groups of 240 nodes; 16 nodes a leaf switch follows
 * from 15 of them in a group juwels-booster     JSC, JUWELS Booster overview: cells of 48 nodes,
 * each node on several leaf switches of its cell leonardo-booster   CINECA, Leonardo hardware:
 * dragonfly+, 19 cells (of 180 nodes: memory), 18 leaf switches in each marenostrum5-acc   BSC: fat
 * tree, 1,120 nodes (7 islands of 160: memory) meluxina-gpu       LuxProvide: 200 nodes
 * (dragonfly+: memory) vega-gpu           IZUM: 60 nodes in two racks karolina-gpu IT4Innovations,
 * network: non-blocking fat tree, 72 nodes on leaf switches of 40 ports lingjun            Alibaba
 * Lingjun data set of 2023, topo.csv: 847 hosts, 2 to 8 on a leaf switch, three pods nvl72 NVIDIA
 * GB200 and GB300 NVL72: 18 nodes of 4 GPUs make one NVLink domain. Leaving the domain costs more
 * than leaving the pod, hence the weights; large jobs like as many nodes of each domain, in powers
 * of two
 */
#include <stdbool.h>
#include <string.h>

#include "fabric.h"

#define KEEPS_LEAF                                                                                 \
    {                                                                                              \
        "leaf", 1, {0}, 0                                                                          \
    }
#define FROM_ANY 0

struct preset {
    struct aif_fabric_levelconf levels[2];
    uint32_t level_count;
    /* What the system looks like, for guessing. */
    uint32_t gpus;
    uint32_t nodes_min;
    uint32_t nodes_max;
    uint32_t largest[2]; /* nodes of the largest island, by level; FROM_ANY: it does not matter */
};

const char *const aif_fabric_preset_names[] = {
    "jupiter-booster",  "juwels-booster", "karolina-gpu", "leonardo-booster", "lingjun",  "lumi-g",
    "marenostrum5-acc", "meluxina-gpu",   "nvl72",        "slingshot",        "vega-gpu", NULL,
};

/* In the order of the names. What has no shape of its own is never guessed: gpus 0. */
static const struct preset presets[] = {
    {{KEEPS_LEAF, {"group", 100, {0}, 0}}, 2, 4, 480, 7000, {16, 240}},
    {{{"cell", 1, {0}, 0}}, 1, 4, 900, 940, {48}},
    {{KEEPS_LEAF}, 1, 0, 0, 0, {FROM_ANY}},
    {{KEEPS_LEAF, {"cell", 100, {0}, 0}}, 2, 4, 3000, 3500, {FROM_ANY, 180}},
    {{KEEPS_LEAF, {"pod", 100, {0}, 0}}, 2, 8, 800, 847, {8}},
    {{{"group", 1, {0}, 0}}, 1, 8, 2400, 3000, {124}},
    {{KEEPS_LEAF, {"island", 100, {0}, 0}}, 2, 4, 1000, 1120, {FROM_ANY, 160}},
    {{KEEPS_LEAF, {"group", 100, {0}, 0}}, 2, 0, 0, 0, {FROM_ANY}},
    {{{"domain", 100, {16, 8, 4, 2, 1}, 5}, {"pod", 1, {0}, 0}},
     2,
     4,
     36,
     AIF_FABRIC_NODES_MAX,
     {18}},
    {{{"leaf", 0, {0}, 0}, {"group", 1, {0}, 0}}, 2, 0, 0, 0, {FROM_ANY}},
    {{KEEPS_LEAF}, 1, 0, 0, 0, {FROM_ANY}},
};

uint32_t aif_fabric_preset(const char *name,
                           struct aif_fabric_levelconf ret_confs[AIF_FABRIC_LEVELS_MAX])
{
    for (size_t i = 0; aif_fabric_preset_names[i]; i++) {
        if (strcmp(aif_fabric_preset_names[i], name))
            continue;
        memcpy(ret_confs, presets[i].levels, presets[i].level_count * sizeof(*ret_confs));
        return presets[i].level_count;
    }
    return 0;
}

static uint32_t largest_island(const struct aif_fabric_level *level)
{
    uint32_t largest = 0;

    for (uint32_t i = 0; i < level->island_count; i++)
        if (level->first[i + 1] - level->first[i] > largest)
            largest = level->first[i + 1] - level->first[i];
    return largest;
}

static bool looks_like(const struct preset *preset, const struct aif_fabric *fabric, uint32_t gpus)
{
    if (!preset->gpus || preset->gpus != gpus || fabric->node_count < preset->nodes_min ||
        fabric->node_count > preset->nodes_max)
        return false;
    for (uint32_t l = 0; l < preset->level_count; l++)
        if (preset->largest[l] != FROM_ANY &&
            (l >= fabric->level_count || preset->largest[l] != largest_island(&fabric->levels[l])))
            return false;
    return true;
}

const char *aif_fabric_preset_guess(const struct aif_fabric *fabric, uint32_t gpus)
{
    for (size_t i = 0; aif_fabric_preset_names[i]; i++)
        if (looks_like(&presets[i], fabric, gpus))
            return aif_fabric_preset_names[i];
    return NULL;
}
