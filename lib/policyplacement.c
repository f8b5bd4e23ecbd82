/* policyplacement.c - see policyplacement.h */
#include "policyplacement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "fabricconf.h"
#include "names.h"
#include "policymodes.h"
#include "rules.h"

#define DAY (24 * 60 * 60)
#define LEFTOVER 60
#define LEFTOVER_MAX DAY
#define STRICT_MAX_DAYS 366
#define PATH_LENGTH_MAX 1023

static const char *const mode_names[] = {"off", "on", "shadow", NULL};

const char *aif_placement_mode_name(enum aif_placement_mode mode)
{
    return mode_names[mode];
}

static int read_mode(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                     void *ret_value, struct aif_error *err)
{
    int index = 0;

    (void)field;
    if (aif_jsonschema_choice(node, mode_names, &index, err))
        return -1;
    *(enum aif_placement_mode *)ret_value = (enum aif_placement_mode)index;
    return 0;
}

/* ---- partitions ---- */

static int read_partition(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    struct aif_placement_partition *partition = ret_entry;

    if (read_mode(node, NULL, &partition->mode, err))
        return -1;
    partition->name = strdup(node->key);
    return partition->name ? 0
                           : aif_error_set(err, AIF_ENOMEM, "%s: out of memory", node->file->name);
}

static int read_partitions(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                           void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_TEXT, sizeof(struct aif_placement_partition),
                                            AIF_PARTITIONS_MAX, read_partition};
    struct aif_placement_conf *conf = ret_value;

    (void)field;
    conf->partitions = aif_jsonschema_room(node, &entries, err);
    if (!conf->partitions)
        return -1;
    return aif_jsonschema_entries(node, &entries, conf->partitions, &conf->partition_count, err);
}

/* ---- levels ---- */

static int read_level(const struct aif_jsonnode *node, void *ret_entry, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {AIF_FABRICCONF_FIELDS(0), {0}};
    struct aif_fabric_levelconf *conf = ret_entry;

    aif_fabricconf_init(node, conf);
    if (aif_jsonschema_object(node, fields, conf, err))
        return -1;
    return aif_fabricconf_check_name(node, conf - node->index, (uint32_t)node->index, conf->name,
                                     err);
}

static int read_levels(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    const struct aif_jsonentries entries = {AIF_JSON_OBJECT, sizeof(struct aif_fabric_levelconf),
                                            AIF_FABRIC_LEVELS_MAX, read_level};
    struct aif_placement_conf *conf = ret_value;

    (void)field;
    if (aif_jsonschema_few(node, &entries, conf->levels, &conf->level_count, err))
        return -1;
    if (!conf->level_count)
        return aif_jsonschema_fail(node, AIF_C_RANGE, "leave the key out for Slurm's own levels", err,
                                   "too few entries: 0, limit 1 to %d", AIF_FABRIC_LEVELS_MAX);
    return 0;
}

static int refuse_preset(const struct aif_jsonnode *node, const char *name, struct aif_error *err)
{
    struct aif_names_search search = {.wanted = name};
    char next[320] = "known presets:";

    for (const char *const *known = aif_fabric_preset_names; *known; known++) {
        const size_t used = strlen(next);

        aif_names_offer(&search, *known);
        snprintf(next + used, sizeof(next) - used, " %s", *known);
    }
    if (search.best)
        snprintf(next, sizeof(next), "did you mean \"%s\"?", search.best);
    return aif_jsonschema_fail(node, AIF_C_REFERENCE, next, err, "no such preset: \"%.64s\"", name);
}

static int read_preset(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                       void *ret_value, struct aif_error *err)
{
    struct aif_placement_conf *conf = ret_value;

    if (aif_jsonschema_text(node, field, &conf->preset, err))
        return -1;
    conf->level_count = aif_fabric_preset(conf->preset, conf->levels);
    return conf->level_count ? 0 : refuse_preset(node, conf->preset, err);
}

/* ---- the section ---- */

/* What "mode" was called before, with the words to write instead. */
static int refuse_enabled(const struct aif_jsonnode *node, struct aif_error *err)
{
    struct aif_jsonnode enabled = {.up = node, .file = node->file, .key = "enabled"};
    char next[40];

    if (!json_object_object_get_ex(node->value, "enabled", &enabled.value))
        return 0;
    snprintf(next, sizeof(next), "write \"mode\": \"%s\"",
             json_object_get_boolean(enabled.value) ? "on" : "off");
    return aif_jsonschema_fail(&enabled, AIF_C_UNKNOWN, next, err, "no longer known: \"enabled\"");
}

/* Each of these says what the levels are. */
static int check_one_source(const struct aif_jsonnode *node, struct aif_error *err)
{
    static const char *const keys[] = {"preset", "levels", "map"};
    const char *given = NULL;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct aif_jsonnode child = {.up = node, .file = node->file, .key = keys[i]};

        if (!json_object_object_get_ex(node->value, keys[i], &child.value))
            continue;
        if (given)
            return aif_jsonschema_fail(
                &child, AIF_C_RANGE, "take one of them out", err,
                "out of range: \"%s\" beside \"%s\", limit one of preset, levels, map", keys[i],
                given);
        given = keys[i];
    }
    return 0;
}

#define CONF(member) offsetof(struct aif_placement_conf, member)
int aif_policyplacement_read(const struct aif_jsonnode *node, const struct aif_jsonfield *field,
                             void *ret_value, struct aif_error *err)
{
    static const struct aif_jsonfield fields[] = {
        {"mode", AIF_JSON_TEXT, false, read_mode, CONF(mode), 0, 0},
        {"partitions", AIF_JSON_OBJECT, false, read_partitions, 0, 0, 0},
        {"preset", AIF_JSON_TEXT, false, read_preset, 0, 1, 63},
        {"levels", AIF_JSON_ARRAY, false, read_levels, 0, 0, 0},
        {"map", AIF_JSON_TEXT, false, aif_jsonschema_text, CONF(map), 1, PATH_LENGTH_MAX},
        {"leftover", AIF_JSON_INT, false, aif_jsonschema_u32, CONF(leftover_seconds), 0,
         LEFTOVER_MAX},
        {"strict_max", AIF_JSON_TEXT, false, aif_jsonschema_seconds, CONF(strict_max), 1,
         STRICT_MAX_DAYS * DAY},
        {"correct_devices", AIF_JSON_BOOL, false, aif_jsonschema_bool, CONF(correct_devices), 0, 0},
        {0},
    };

    (void)field;
    if (refuse_enabled(node, err) || check_one_source(node, err))
        return -1;
    return aif_jsonschema_object(node, fields, ret_value, err);
}

void aif_policyplacement_init(struct aif_placement_conf *ret_conf)
{
    *ret_conf = (struct aif_placement_conf){.leftover_seconds = LEFTOVER, .strict_max = DAY};
}

void aif_policyplacement_free(struct aif_placement_conf *conf)
{
    for (size_t i = 0; i < conf->partition_count; i++)
        free(conf->partitions[i].name);
    free(conf->partitions);
    free(conf->preset);
    free(conf->map);
}

/* ---- reading it ---- */

enum aif_placement_mode aif_placement_mode_of(const struct aif_placement_conf *conf,
                                              const char *partition)
{
    for (size_t i = 0; partition && i < conf->partition_count; i++)
        if (!strcmp(conf->partitions[i].name, partition))
            return conf->partitions[i].mode;
    return conf->mode;
}

bool aif_placement_is_wanted(const struct aif_placement_conf *conf)
{
    for (size_t i = 0; i < conf->partition_count; i++)
        if (conf->partitions[i].mode != AIF_PLACEMENT_OFF)
            return true;
    return conf->mode != AIF_PLACEMENT_OFF;
}
