/*
 * policyplacement.h - section "placement" of policy.json
 *
 * "placement": {
 *   "mode": "on",             // "on", "off", "shadow": work it out and log it, but leave the choice to Slurm; default "off"
 *   "partitions": {"debug": "off", "new": "shadow"}, // where it is otherwise
 *   "preset": "lumi-g",       // levels of a known system; or
 *   "levels": [{"name": "leaf", "weight": 1, "segments": [16, 8]}, …], // innermost first; else as Slurm's topology is; or
 *   "map": "fabric.json",     // islands and levels from a file (fabricmap.h), beside policy.json unless absolute
 *   "leftover": 60,           // GPU-seconds that a GPU left free on a node in use counts
 *   "strict_max": "1-00:00:00", // longest wait for ",strict"
 *   "correct_devices": false  // choose linked GPUs where Slurm >= 24.05 does not
 * }
 *
 * At most one of "preset", "levels" and "map".
 */
#ifndef AIF_POLICYPLACEMENT_H
#define AIF_POLICYPLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fabric.h"
#include "jsonschema.h"

enum aif_placement_mode { AIF_PLACEMENT_OFF, AIF_PLACEMENT_ON, AIF_PLACEMENT_SHADOW };

struct aif_placement_partition {
    char *name;
    enum aif_placement_mode mode;
};

struct aif_placement_conf {
    enum aif_placement_mode mode; /* where no partition says otherwise */
    struct aif_placement_partition *partitions;
    size_t partition_count;
    struct aif_fabric_levelconf levels[AIF_FABRIC_LEVELS_MAX]; /* innermost first, of the preset or as written */
    uint32_t level_count; /* 0: as the topology says */
    char *preset;         /* name, or NULL */
    char *map;            /* as written; aif_snapshot_load() reads it; NULL: none */
    uint32_t leftover_seconds;
    uint32_t strict_max; /* seconds */
    bool correct_devices;
};

/* Mode of a partition, case counts as in Slurm (NULL: of no partition in particular). */
enum aif_placement_mode aif_placement_mode_of(const struct aif_placement_conf *conf, const char *partition);

/* "off", "on", "shadow" */
const char *aif_placement_mode_name(enum aif_placement_mode mode);

/* Whether any partition has another mode than "off". */
bool aif_placement_is_wanted(const struct aif_placement_conf *conf);

/* Reader of the section for policy.c's table; ret_value is the struct aif_placement_conf, with its defaults in place. */
int aif_policyplacement_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field, void *ret_value,
                             struct aif_error *err);

/* Defaults; free what the reader stored. */
void aif_policyplacement_init(struct aif_placement_conf *ret_conf);
void aif_policyplacement_free(struct aif_placement_conf *conf);

#endif
