/* fabricmap.c - see fabricmap.h */
#include "fabricmap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "fabricconf.h"
#include "jsonfile.h"
#include "jsonschema.h"
#include "rules.h"

#define ISLAND_NAME_MAX 63

struct island {
    char *name;
    char *hosts;
};

/* ---- islands ---- */

/* Letters of host names, and brackets that close and hold no others. */
static bool is_hostlist(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,";
    bool inside = false;

    for (; *text; text++) {
        if (*text == '[' || *text == ']') {
            if (inside != (*text == ']'))
                return false;
            inside = !inside;
        } else if (!strchr(letters, *text)) {
            return false;
        }
    }
    return !inside;
}

static int read_island(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield field = {.min = 1, .max = AIF_FABRICMAP_HOSTS_MAX};
    struct island *island = ret_entry;
    const size_t length = strlen(node->key);

    if (!length || length > ISLAND_NAME_MAX)
        return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err,
                                   "out of range: name of %zu bytes, limit 1 to %d", length,
                                   ISLAND_NAME_MAX);
    for (const char *c = node->key; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 127)
            return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err,
                                       "out of range: blank or control character in the name, "
                                       "limit letters");
    if (aif_jsonschema_text(node, &field, &island->hosts, err))
        return -1;
    if (!is_hostlist(island->hosts))
        return aif_jsonschema_range(node, "a host list, \"node[001-128],login1\"", err);
    island->name = strdup(node->key);
    return island->name ? 0 : aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
}

/* Names and hosts move into the level. */
static int adopt(struct aif_fabricmap_level *level, const struct island *islands, size_t count)
{
    level->names = calloc(count + 1, sizeof(char *));
    level->hosts = calloc(count + 1, sizeof(char *));
    if (!level->names || !level->hosts)
        return -1;
    for (size_t i = 0; i < count; i++) {
        level->names[i] = islands[i].name;
        level->hosts[i] = islands[i].hosts;
    }
    level->island_count = (uint32_t)count;
    return 0;
}

static void free_islands(struct island *islands, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(islands[i].name);
        free(islands[i].hosts);
    }
    free(islands);
}

static const struct aif_jsonentries island_entries = {AIF_JSON_TEXT, sizeof(struct island),
                                                      AIF_FABRICMAP_ISLANDS_MAX, read_island};

/* *ret_count is how many islands the room owns in the end. */
static int read_all(const struct aif_jsonnode *node, struct island *room, size_t *ret_count,
                    struct aif_fabricmap_level *level, struct aif_error *err)
{
    if (aif_jsonschema_entries(node, &island_entries, room, ret_count, err))
        return -1;
    if (!*ret_count)
        return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err,
                                   "too few entries: 0, limit 1 to %d", AIF_FABRICMAP_ISLANDS_MAX);
    if (adopt(level, room, *ret_count))
        return aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
    *ret_count = 0;
    return 0;
}

static int read_islands(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                        void *ret_value, struct aif_error *err)
{
    struct island *room = aif_jsonschema_room(node, &island_entries, err);
    size_t count = 0;
    int rc;

    (void)field;
    if (!room)
        return -1;
    rc = read_all(node, room, &count, ret_value, err);
    free_islands(room, count);
    return rc;
}

/* ---- levels ---- */

static int read_level(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        AIF_FABRICCONF_FIELDS(offsetof(struct aif_fabricmap_level, conf)),
        {"islands", AIF_JSON_OBJECT, true, read_islands, 0, 0, 0},
        {0},
    };
    struct aif_fabricmap_level *level = ret_entry;

    aif_fabricconf_init(node, &level->conf);
    if (aif_jsonschema_object(node, fields, level, err))
        return -1;
    for (const struct aif_fabricmap_level *other = level - node->index; other != level; other++)
        if (aif_fabricconf_check_name(node, &other->conf, 1, level->conf.name, err))
            return -1;
    return 0;
}

static int read_levels(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_fabricmap_level),
                                            AIF_FABRIC_LEVELS_MAX, read_level};
    struct aif_fabricmap *map = ret_value;

    (void)field;
    if (aif_jsonschema_few(node, &entries, map->levels, &map->level_count, err))
        return -1;
    if (!map->level_count)
        return aif_jsonschema_fail(node, AIF_C_RANGE, NULL, err,
                                   "too few entries: 0, limit 1 to %d", AIF_FABRIC_LEVELS_MAX);
    return 0;
}

/* ---- the file ---- */

static int read_map(const struct aif_jsonfile *file, struct aif_fabricmap *map,
                    struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"version", AIF_JSON_INT, true, aif_jsonschema_checked, 0, 1, 1},
        {"levels", AIF_JSON_ARRAY, true, read_levels, 0, 0, 0},
        {0},
    };
    const struct aif_jsonnode root = aif_jsonschema_root(file);

    return aif_jsonschema_object(&root, fields, map, err);
}

int aif_fabricmap_parse(const char *text, size_t length, const char *name,
                        struct aif_fabricmap **ret_map, struct aif_error *err)
{
    struct aif_jsonfile *file = NULL;
    struct aif_fabricmap *map;
    int rc;

    if (aif_jsonfile_parse(text, length, name, &file, err))
        return -1;
    map = calloc(1, sizeof(*map));
    rc = map ? read_map(file, map, err) : aif_error_set(err, AIF_ENOMEM, "%s: out of memory", name);
    aif_jsonfile_destroy(file);
    if (rc) {
        aif_fabricmap_destroy(map);
        return rc;
    }
    *ret_map = map;
    return 0;
}

int aif_fabricmap_load(const char *path, struct aif_fabricmap **ret_map, struct aif_error *err)
{
    char *text = NULL;
    size_t length = 0;
    int rc;

    if (aif_jsonfile_read(path, &text, &length, err))
        return -1;
    rc = aif_fabricmap_parse(text, length, path, ret_map, err);
    free(text);
    return rc;
}

/* ---- the fabric ---- */

/* Numbers above those of the map's own islands: per node on the innermost level, per inner island
 * further out. */
static void number_strays(const struct aif_fabricmap *map, uint32_t node_count,
                          uint32_t *const *island_of)
{
    for (uint32_t l = 0; l < map->level_count; l++)
        for (uint32_t i = 0; i < node_count; i++)
            if (island_of[l][i] == AIF_FABRICMAP_NONE)
                island_of[l][i] = map->levels[l].island_count + (l ? island_of[l - 1][i] : i);
}

/* Names by number, strays' included, into names; the caller frees what is there. */
static int list_names(const struct aif_fabricmap *map, uint32_t node_count, const char **names[])
{
    size_t room = node_count;

    for (uint32_t l = 0; l < map->level_count; l++) {
        const struct aif_fabricmap_level *const level = &map->levels[l];

        room += level->island_count;
        names[l] = calloc(room + 1, sizeof(*names[l]));
        if (!names[l])
            return -1;
        for (size_t i = 0; i < room; i++)
            names[l][i] = i < level->island_count ? level->names[i] : "no-island";
    }
    return 0;
}

int aif_fabricmap_fabric(const struct aif_fabricmap *map, uint32_t node_count,
                         uint32_t *const *island_of, struct aif_fabric **ret_fabric,
                         struct aif_error *err)
{
    struct aif_fabric_levelconf confs[AIF_FABRIC_LEVELS_MAX];
    const char **names[AIF_FABRIC_LEVELS_MAX] = {NULL};
    int rc;

    for (uint32_t l = 0; l < map->level_count; l++)
        confs[l] = map->levels[l].conf;
    number_strays(map, node_count, island_of);
    if (list_names(map, node_count, names))
        rc = aif_error_set(err, AIF_ENOMEM, "aif: fabric: out of memory");
    else
        rc = aif_fabric_from_islands(node_count, map->level_count,
                                     (const uint32_t *const *)island_of,
                                     (const char *const *const *)names, confs, ret_fabric, err);
    for (uint32_t l = 0; l < map->level_count; l++)
        free(names[l]);
    return rc;
}

void aif_fabricmap_destroy(struct aif_fabricmap *map)
{
    if (!map)
        return;
    for (uint32_t l = 0; l < map->level_count; l++) {
        struct aif_fabricmap_level *level = &map->levels[l];

        for (uint32_t i = 0; i < level->island_count; i++) {
            free(level->names[i]);
            free(level->hosts[i]);
        }
        free(level->names);
        free(level->hosts);
    }
    free(map);
}
