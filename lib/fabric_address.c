/* fabric_address.c - see fabric.h: islands from Slurm's topology addresses */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fabric.h"
#include "fabric_private.h"

/* A node's path to its island of one level, to be sorted. */
struct prefix {
    const char *text;
    size_t length;
    uint32_t node;
};

struct paths {
    uint32_t node_count;
    const char *const *addresses;
    uint32_t depth; /* of the longest address, in switches */
};

static bool is_alone(const char *address)
{
    return !address || !*address;
}

static uint32_t depth_of(const char *address)
{
    uint32_t depth = 1;

    if (is_alone(address))
        return 0;
    for (; *address; address++)
        depth += *address == '.';
    return depth;
}

/* How much of an address names its island of a level. Where it has fewer levels, its outermost
 * switch stands for those that are missing. */
static size_t prefix_length(const char *address, uint32_t level)
{
    size_t length = strlen(address);

    for (uint32_t l = 0; l < level; l++) {
        size_t at = length;

        do
            at--;
        while (at && address[at] != '.');
        if (!at)
            break;
        length = at;
    }
    return length;
}

static char *name_switch(const void *context, uint32_t level, uint32_t first)
{
    const struct paths *paths = context;
    const char *address = paths->addresses[first];
    size_t end, start;

    if (!paths->depth)
        return strdup("all");
    if (is_alone(address))
        return strdup("no-switch");
    end = prefix_length(address, level);
    for (start = end; start && address[start - 1] != '.'; start--)
        ;
    return strndup(address + start, end - start);
}

static int compare_texts(const struct prefix *x, const struct prefix *y)
{
    const size_t shorter = x->length < y->length ? x->length : y->length;
    const int order = memcmp(x->text, y->text, shorter);

    return order ? order : (x->length > y->length) - (x->length < y->length);
}

static int compare_prefixes(const void *a, const void *b)
{
    const struct prefix *x = a, *y = b;
    const int order = compare_texts(x, y);

    return order ? order : (x->node > y->node) - (x->node < y->node);
}

/* Nodes in no switch are each an island of their own: nothing says that they are near to each
 * other. */
static uint32_t collect(const struct paths *paths, uint32_t level, struct prefix *prefixes,
                        uint32_t *first_of)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < paths->node_count; i++) {
        const char *address = paths->addresses[i];

        first_of[i] = paths->depth ? i : 0;
        if (!is_alone(address))
            prefixes[count++] = (struct prefix){address, prefix_length(address, level), i};
    }
    return count;
}

/* The first node of each node's island of a level; returns how many islands that makes. */
static uint32_t find_first(const struct paths *paths, uint32_t level, struct prefix *prefixes,
                           uint32_t *first_of)
{
    const uint32_t count = collect(paths, level, prefixes, first_of);
    uint32_t first = 0, islands = 0;

    qsort(prefixes, count, sizeof(*prefixes), compare_prefixes);
    for (uint32_t i = 0; i < count; i++) {
        if (!i || compare_texts(&prefixes[i], &prefixes[i - 1]))
            first = prefixes[i].node;
        first_of[prefixes[i].node] = first;
    }
    for (uint32_t i = 0; i < paths->node_count; i++)
        islands += first_of[i] == i;
    return islands;
}

/*
 * The levels that tell nodes apart. Once a level has but one island, so have all further out; the
 * innermost stays in any case.
 */
static uint32_t draft_levels(const struct paths *paths, const struct aif_fabric_levelconf *confs,
                             uint32_t conf_count, struct prefix *prefixes, uint32_t *first_of,
                             struct aif_fabric_draft *drafts)
{
    uint32_t level;

    for (level = 0; !level || (level < paths->depth && level < AIF_FABRIC_LEVELS_MAX); level++) {
        uint32_t *const own = first_of + (size_t)level * paths->node_count;

        if (find_first(paths, level, prefixes, own) <= 1 && level)
            break;
        drafts[level] = (struct aif_fabric_draft){
            .conf = aif_fabric_conf_of(confs, conf_count, level),
            .first_of = own,
            .name = name_switch,
            .context = paths,
            .level = level,
        };
    }
    return level;
}

static uint32_t find_depth(uint32_t node_count, const char *const *addresses)
{
    uint32_t depth = 0;

    for (uint32_t i = 0; i < node_count; i++)
        if (depth_of(addresses[i]) > depth)
            depth = depth_of(addresses[i]);
    return depth;
}

int aif_fabric_from_addresses(uint32_t node_count, const char *const *addresses,
                              const struct aif_fabric_levelconf *confs, uint32_t conf_count,
                              struct aif_fabric **ret_fabric, struct aif_error *err)
{
    struct aif_fabric_draft drafts[AIF_FABRIC_LEVELS_MAX];
    struct paths paths = {node_count, addresses, 0};
    struct prefix *prefixes;
    uint32_t *first_of, levels;
    int rc;

    if (aif_fabric_check_size(node_count, err))
        return -1;
    paths.depth = find_depth(node_count, addresses);
    prefixes = calloc((size_t)node_count + 1, sizeof(*prefixes));
    first_of = calloc((size_t)node_count * AIF_FABRIC_LEVELS_MAX + 1, sizeof(*first_of));
    if (prefixes && first_of) {
        levels = draft_levels(&paths, confs, conf_count, prefixes, first_of, drafts);
        rc = aif_fabric_build(node_count, levels, drafts, ret_fabric, err);
    } else {
        rc = aif_fabric_no_memory(err);
    }
    free(prefixes);
    free(first_of);
    return rc;
}
