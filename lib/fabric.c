/* fabric.c - see fabric.h: islands from numbers, and what makes a fabric of any levels */
#include "fabric.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fabric_private.h"

#define WEIGHT_STEP 100

/* A node and its islands' first nodes, to be sorted. */
struct place {
    uint32_t first[AIF_FABRIC_LEVELS_MAX]; /* outermost first, 0 where there is no such level */
    uint32_t node;
};

int aif_fabric_no_memory(struct aif_error *err)
{
    return aif_error_set(err, AIF_ENOMEM, "aif: fabric: out of memory");
}

int aif_fabric_check_size(uint32_t node_count, struct aif_error *err)
{
    if (node_count <= AIF_FABRIC_NODES_MAX)
        return 0;
    return aif_error_set(err, AIF_ELIMIT,
                         "aif: fabric: too many nodes: %" PRIu32 ", limit %d; switch placement off",
                         node_count, AIF_FABRIC_NODES_MAX);
}

/* ---- levels ---- */

struct aif_fabric_levelconf aif_fabric_default_conf(uint32_t level)
{
    static const char *const names[] = {"leaf", "group"};
    struct aif_fabric_levelconf conf = {.weight = 1};

    for (uint32_t i = 0; i < level && conf.weight < AIF_FABRIC_WEIGHT_MAX; i++)
        conf.weight *= WEIGHT_STEP;
    if (level < sizeof(names) / sizeof(names[0]))
        snprintf(conf.name, sizeof(conf.name), "%s", names[level]);
    else
        snprintf(conf.name, sizeof(conf.name), "level%" PRIu32, level + 1);
    return conf;
}

struct aif_fabric_levelconf aif_fabric_conf_of(const struct aif_fabric_levelconf *confs,
                                               uint32_t conf_count, uint32_t level)
{
    struct aif_fabric_levelconf conf = aif_fabric_default_conf(level);

    if (level >= conf_count)
        return conf;
    if (confs[level].name[0])
        return confs[level];
    memcpy(conf.segments, confs[level].segments, sizeof(conf.segments));
    conf.segment_count = confs[level].segment_count;
    conf.weight = confs[level].weight;
    return conf;
}

/* ---- numbering ---- */

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    for (int i = 0; i < AIF_FABRIC_LEVELS_MAX; i++)
        if (x->first[i] != y->first[i])
            return x->first[i] < y->first[i] ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

/* The nodes in depth-first order; islands that share an outer one stand in order of their first
 * nodes. */
static int order_nodes(struct aif_fabric *fabric, const struct aif_fabric_draft *drafts)
{
    struct place *places = calloc((size_t)fabric->node_count + 1, sizeof(*places));

    if (!places)
        return -1;
    for (uint32_t i = 0; i < fabric->node_count; i++) {
        places[i].node = i;
        for (uint32_t level = 0; level < fabric->level_count; level++)
            places[i].first[fabric->level_count - 1 - level] = drafts[level].first_of[i];
    }
    qsort(places, fabric->node_count, sizeof(*places), compare_places);
    for (uint32_t i = 0; i < fabric->node_count; i++)
        fabric->order[i] = places[i].node;
    free(places);
    return 0;
}

static int alloc_level(struct aif_fabric_level *level, uint32_t node_count)
{
    level->island_of = calloc((size_t)node_count + 1, sizeof(uint32_t));
    level->parent_of = calloc((size_t)level->island_count + 1, sizeof(uint32_t));
    level->first = calloc((size_t)level->island_count + 1, sizeof(uint32_t));
    level->names = calloc((size_t)level->island_count + 1, sizeof(char *));
    return level->island_of && level->parent_of && level->first && level->names ? 0 : -1;
}

static uint32_t count_islands(const struct aif_fabric_draft *draft, uint32_t node_count)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < node_count; i++)
        count += draft->first_of[i] == i;
    return count;
}

static int number_level(struct aif_fabric *fabric, uint32_t index,
                        const struct aif_fabric_draft *draft)
{
    struct aif_fabric_level *level = &fabric->levels[index];
    const uint32_t *const order = fabric->order;
    uint32_t island = 0;

    level->conf = draft->conf;
    level->island_count = count_islands(draft, fabric->node_count);
    if (alloc_level(level, fabric->node_count))
        return -1;
    for (uint32_t i = 0; i < fabric->node_count; i++) {
        if (i && draft->first_of[order[i]] == draft->first_of[order[i - 1]]) {
            level->island_of[order[i]] = island - 1;
            continue;
        }
        level->first[island] = i;
        level->names[island] = draft->name(draft->context, draft->level, draft->first_of[order[i]]);
        if (!level->names[island])
            return -1;
        level->island_of[order[i]] = island++;
    }
    level->first[island] = fabric->node_count;
    return 0;
}

/* Islands of a level lie in those of the next: their first node tells in which. */
static void find_parents(struct aif_fabric *fabric)
{
    for (uint32_t l = 0; l + 1 < fabric->level_count; l++) {
        struct aif_fabric_level *const level = &fabric->levels[l];

        for (uint32_t i = 0; i < level->island_count; i++)
            level->parent_of[i] = level[1].island_of[fabric->order[level->first[i]]];
    }
}

int aif_fabric_build(uint32_t node_count, uint32_t level_count,
                     const struct aif_fabric_draft *drafts, struct aif_fabric **ret_fabric,
                     struct aif_error *err)
{
    struct aif_fabric *fabric = calloc(1, sizeof(*fabric));

    if (!fabric)
        return aif_fabric_no_memory(err);
    fabric->node_count = node_count;
    fabric->level_count = level_count;
    fabric->order = calloc((size_t)node_count + 1, sizeof(uint32_t));
    if (!fabric->order || order_nodes(fabric, drafts)) {
        aif_fabric_destroy(fabric);
        return aif_fabric_no_memory(err);
    }
    for (uint32_t l = 0; l < level_count; l++)
        if (number_level(fabric, l, &drafts[l])) {
            aif_fabric_destroy(fabric);
            return aif_fabric_no_memory(err);
        }
    find_parents(fabric);
    *ret_fabric = fabric;
    return 0;
}

void aif_fabric_destroy(struct aif_fabric *fabric)
{
    if (!fabric)
        return;
    for (uint32_t l = 0; l < AIF_FABRIC_LEVELS_MAX; l++) {
        struct aif_fabric_level *level = &fabric->levels[l];

        for (uint32_t i = 0; level->names && i < level->island_count; i++)
            free(level->names[i]);
        free(level->names);
        free(level->island_of);
        free(level->parent_of);
        free(level->first);
    }
    free(fabric->order);
    free(fabric);
}

/* ---- from numbers ---- */

/* What the caller gave, for names. */
struct source {
    const uint32_t *const *ids;
    const char *const *const *names;
    const struct aif_fabric_draft *drafts;
};

static char *name_island(const void *context, uint32_t level, uint32_t first)
{
    const struct source *source = context;
    const uint32_t id = source->ids[level][first];
    char text[AIF_FABRIC_NAME_SIZE + 12];

    if (source->names && source->names[level] && source->names[level][id])
        return strdup(source->names[level][id]);
    snprintf(text, sizeof(text), "%s%" PRIu32, source->drafts[level].conf.name, id);
    return strdup(text);
}

static int compare_u64(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The first node of each node's island; keys is room for node_count. */
static void find_first(const uint32_t *ids, uint32_t node_count, uint64_t *keys,
                       uint32_t *ret_first_of)
{
    uint32_t first = 0;

    for (uint32_t i = 0; i < node_count; i++)
        keys[i] = (uint64_t)ids[i] << 32 | i;
    qsort(keys, node_count, sizeof(*keys), compare_u64);
    for (uint32_t i = 0; i < node_count; i++) {
        if (!i || keys[i] >> 32 != keys[i - 1] >> 32)
            first = (uint32_t)keys[i];
        ret_first_of[(uint32_t)keys[i]] = first;
    }
}

/* Refuse an island of which parts lie in two islands of the next level. */
static int check_nesting(uint32_t node_count, const struct aif_fabric_draft *draft,
                         struct aif_error *err)
{
    const struct aif_fabric_draft *const outer = draft + 1;
    char *name, *one, *two;

    for (uint32_t i = 0; i < node_count; i++) {
        const uint32_t first = draft->first_of[i];

        if (outer->first_of[i] == outer->first_of[first])
            continue;
        name = draft->name(draft->context, draft->level, first);
        one = outer->name(outer->context, outer->level, outer->first_of[first]);
        two = outer->name(outer->context, outer->level, outer->first_of[i]);
        aif_error_set(err, AIF_EINVAL,
                      "aif: fabric: island in two others: %s \"%.64s\" in %s \"%.64s\" and "
                      "\"%.64s\", limit one; correct the levels",
                      draft->conf.name, name ? name : "?", outer->conf.name, one ? one : "?",
                      two ? two : "?");
        free(name);
        free(one);
        free(two);
        return -1;
    }
    return 0;
}

static int draft_islands(uint32_t node_count, uint32_t level_count,
                         const uint32_t *const *island_ids, struct aif_fabric_draft *drafts,
                         uint32_t *first_of, struct aif_error *err)
{
    uint64_t *keys = calloc((size_t)node_count + 1, sizeof(*keys));

    if (!keys)
        return aif_fabric_no_memory(err);
    for (uint32_t l = 0; l < level_count; l++) {
        drafts[l].first_of = first_of + (size_t)l * node_count;
        find_first(island_ids[l], node_count, keys, first_of + (size_t)l * node_count);
    }
    free(keys);
    for (uint32_t l = 0; l + 1 < level_count; l++)
        if (check_nesting(node_count, &drafts[l], err))
            return -1;
    return 0;
}

int aif_fabric_from_islands(uint32_t node_count, uint32_t level_count,
                            const uint32_t *const *island_ids, const char *const *const *names,
                            const struct aif_fabric_levelconf *confs,
                            struct aif_fabric **ret_fabric, struct aif_error *err)
{
    struct aif_fabric_draft drafts[AIF_FABRIC_LEVELS_MAX];
    struct source source = {island_ids, names, drafts};
    uint32_t *first_of;
    int rc;

    if (aif_fabric_check_size(node_count, err))
        return -1;
    if (!level_count || level_count > AIF_FABRIC_LEVELS_MAX)
        return aif_error_set(err, AIF_ELIMIT,
                             "aif: fabric: levels: %" PRIu32 ", limit 1 to %d; leave some out",
                             level_count, AIF_FABRIC_LEVELS_MAX);
    for (uint32_t l = 0; l < level_count; l++)
        drafts[l] = (struct aif_fabric_draft){
            .conf = aif_fabric_conf_of(confs, confs ? level_count : 0, l),
            .name = name_island,
            .context = &source,
            .level = l,
        };
    first_of = calloc((size_t)node_count * level_count + 1, sizeof(*first_of));
    if (!first_of)
        return aif_fabric_no_memory(err);
    rc = draft_islands(node_count, level_count, island_ids, drafts, first_of, err);
    if (!rc)
        rc = aif_fabric_build(node_count, level_count, drafts, ret_fabric, err);
    free(first_of);
    return rc;
}
