/*
 * fabricmap.h - a file that says which nodes make which island, for fabrics that Slurm's topology cannot tell
 *
 * {"version": 1, "levels": [{"name": "group", "weight": 100, "segments": [], "islands": {"g0": "nid[005000-005123]", …}}, …]},
 * innermost level first; weight and segments as in policy.json's "placement". Host lists stay text here: only Slurm may
 * expand them; checked are their letters and brackets. Immutable once read.
 */
#ifndef AIF_FABRICMAP_H
#define AIF_FABRICMAP_H

#include <stddef.h>

#include "fabric.h"

#define AIF_FABRICMAP_ISLANDS_MAX 100000 /* of one level */
#define AIF_FABRICMAP_HOSTS_MAX 1048576  /* bytes of one host list */

struct aif_fabricmap_level {
    struct aif_fabric_levelconf conf;
    uint32_t island_count;
    char **names; /* [island_count] */
    char **hosts; /* [island_count] */
};

struct aif_fabricmap {
    uint32_t level_count; /* 1 .. AIF_FABRIC_LEVELS_MAX */
    struct aif_fabricmap_level levels[AIF_FABRIC_LEVELS_MAX];
};

/*
 * Read and check the file. Refused with its line, as in policy.json: unknown keys, levels of the same name, no levels,
 * levels without islands, what is no host list. The caller owns the result.
 */
int aif_fabricmap_load(const char *path, struct aif_fabricmap **ret_map, struct aif_error *err);

/* The same from memory; name stands for the path in messages. */
int aif_fabricmap_parse(const char *text, size_t length, const char *name, struct aif_fabricmap **ret_map,
                        struct aif_error *err);

/*
 * Make the fabric, once somebody has expanded the host lists: island_of[l][i] is the index of the island of level l that
 * names node i, or AIF_FABRICMAP_NONE. Such a node is an island for itself ("no-island"), on further levels together with
 * its inner island; island_of is changed accordingly. Fails like aif_fabric_from_islands().
 */
#define AIF_FABRICMAP_NONE UINT32_MAX
int aif_fabricmap_fabric(const struct aif_fabricmap *map, uint32_t node_count, uint32_t *const *island_of,
                         struct aif_fabric **ret_fabric, struct aif_error *err);

void aif_fabricmap_destroy(struct aif_fabricmap *map);

#endif
