/* rankmap.c - see rankmap.h; judging is in rankjudge.c */
#include "config.h"

#include "rankmap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

static void clear_rank(struct aif_rank *rank)
{
    for (size_t i = 0; i < rank->nic_count; i++)
        free(rank->nics[i].name);
    free(rank->node);
    free(rank->address);
    free(rank->cores);
}

void aif_rankmap_clear(struct aif_rankmap *map)
{
    for (size_t i = 0; i < map->count; i++)
        clear_rank(&map->ranks[i]);
    free(map->ranks);
    map->ranks = NULL;
    map->count = 0;
}

struct aif_rank *aif_rankmap_append(struct aif_rankmap *map, uint32_t rank)
{
    /* Room grows by doubling: it is full whenever count is a power of two. */
    if (map->count >= AIF_RANKS_MAX)
        return NULL;
    if (!(map->count & (map->count - 1))) {
        struct aif_rank *more = aif_tool_alloc(map->count ? 2 * map->count : 1, sizeof(*more));

        if (map->count)
            memcpy(more, map->ranks, map->count * sizeof(*more));
        free(map->ranks);
        map->ranks = more;
    }
    map->ranks[map->count].rank = rank;
    map->ranks[map->count].shares_with = AIF_RANK_NONE;
    return &map->ranks[map->count++];
}

/* ---- in JSON ---- */

static struct json_object *mask_json(uint64_t mask)
{
    struct json_object *list = json_object_new_array();

    for (uint32_t bit = 0; bit < 64; bit++)
        if (mask >> bit & 1)
            json_object_array_add(list, json_object_new_int((int)bit));
    return list;
}

static uint64_t read_mask(struct json_object *object, const char *key)
{
    struct json_object *list = json_object_object_get(object, key);
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    uint64_t mask = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t bit = json_object_get_int64(json_object_array_get_idx(list, i));

        if (bit >= 0 && bit < 64)
            mask |= UINT64_C(1) << bit;
    }
    return mask;
}

static struct json_object *text_json(const char *text)
{
    return text ? json_object_new_string(text) : NULL;
}

static char *read_text(struct json_object *object, const char *key)
{
    struct json_object *text = json_object_object_get(object, key);

    return json_object_is_type(text, json_type_string) ? aif_tool_strdup(json_object_get_string(text)) : NULL;
}

static struct json_object *gpus_json(const struct aif_rank *rank)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < rank->gpu_count; i++) {
        struct json_object *gpu = json_object_new_object();

        json_object_object_add(gpu, "gpu", json_object_new_int64(rank->gpus[i].index));
        json_object_object_add(gpu, "near", mask_json(rank->gpus[i].near));
        json_object_array_add(list, gpu);
    }
    return list;
}

static struct json_object *nics_json(const struct aif_rank *rank)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < rank->nic_count; i++) {
        struct json_object *nic = json_object_new_object();

        json_object_object_add(nic, "nic", json_object_new_string(rank->nics[i].name));
        json_object_object_add(nic, "near", mask_json(rank->nics[i].near));
        json_object_object_add(nic, "used", json_object_new_boolean(rank->nics[i].used));
        json_object_array_add(list, nic);
    }
    return list;
}

struct json_object *aif_rank_json(const struct aif_rank *rank)
{
    struct json_object *object = json_object_new_object();

    json_object_object_add(object, "rank", rank->rank == AIF_RANK_NONE ? NULL : json_object_new_int64(rank->rank));
    json_object_object_add(object, "node", text_json(rank->node));
    json_object_object_add(object, "address", text_json(rank->address));
    json_object_object_add(object, "cores", text_json(rank->cores));
    json_object_object_add(object, "domains", mask_json(rank->domains));
    json_object_object_add(object, "gpus", gpus_json(rank));
    json_object_object_add(object, "nics", nics_json(rank));
    return object;
}

static struct json_object *list_of(struct json_object *object, const char *key, size_t max, size_t *ret_count)
{
    struct json_object *list = json_object_object_get(object, key);

    *ret_count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    if (*ret_count > max)
        *ret_count = max;
    return list;
}

static void read_devices(struct json_object *object, struct aif_rank *rank)
{
    size_t count;
    struct json_object *list = list_of(object, "gpus", AIF_RANK_GPUS_MAX, &count);

    for (size_t i = 0; i < count; i++) {
        struct json_object *gpu = json_object_array_get_idx(list, i);

        rank->gpus[i].index = (uint32_t)json_object_get_int64(json_object_object_get(gpu, "gpu"));
        rank->gpus[i].near = read_mask(gpu, "near");
    }
    rank->gpu_count = count;
    list = list_of(object, "nics", AIF_RANK_NICS_MAX, &count);
    for (size_t i = 0; i < count; i++) {
        struct json_object *nic = json_object_array_get_idx(list, i);
        char *name = read_text(nic, "nic");

        rank->nics[i].name = name ? name : aif_tool_strdup("?");
        rank->nics[i].near = read_mask(nic, "near");
        rank->nics[i].used = json_object_get_boolean(json_object_object_get(nic, "used"));
    }
    rank->nic_count = count;
}

int aif_rankmap_read(struct aif_rankmap *map, struct json_object *object, struct aif_error *err)
{
    struct json_object *number = json_object_object_get(object, "rank");
    char *node = read_text(object, "node");
    int64_t value = json_object_get_int64(number);
    struct aif_rank *rank = NULL;

    if (node && json_object_is_type(number, json_type_int) && value >= 0 && value < AIF_RANK_NONE)
        rank = aif_rankmap_append(map, (uint32_t)value);
    if (!rank) {
        free(node);
        return aif_error_set(err, AIF_EINVAL, "a rank said what is no description of it, or there are more than %d", AIF_RANKS_MAX);
    }
    rank->node = node;
    rank->address = read_text(object, "address");
    rank->cores = read_text(object, "cores");
    rank->domains = read_mask(object, "domains");
    read_devices(object, rank);
    return 0;
}

/* ---- order ---- */

static int by_rank(const void *a, const void *b)
{
    uint32_t first = ((const struct aif_rank *)a)->rank, second = ((const struct aif_rank *)b)->rank;

    return first < second ? -1 : first > second;
}

/* One GPU of one rank. */
struct use {
    struct aif_rank *rank;
    uint32_t gpu;
};

static int by_device(const void *a, const void *b)
{
    const struct use *first = a, *second = b;
    int order = strcmp(first->rank->node, second->rank->node);

    if (!order)
        order = first->gpu < second->gpu ? -1 : first->gpu > second->gpu;
    return order ? order : by_rank(first->rank, second->rank);
}

static bool is_same_device(const struct use *a, const struct use *b)
{
    return a->gpu == b->gpu && !strcmp(a->rank->node, b->rank->node);
}

static void share(struct aif_rank *rank, uint32_t gpu, const struct aif_rank *other)
{
    if (rank->shares_with != AIF_RANK_NONE)
        return;
    rank->shares_with = other->rank;
    rank->shared_gpu = gpu;
}

static void find_sharers(struct aif_rankmap *map)
{
    struct use *uses;
    size_t count = 0;

    for (size_t i = 0; i < map->count; i++)
        count += map->ranks[i].gpu_count;
    uses = aif_tool_alloc(count, sizeof(*uses));
    count = 0;
    for (size_t i = 0; i < map->count; i++)
        for (size_t g = 0; g < map->ranks[i].gpu_count; g++)
            uses[count++] = (struct use){&map->ranks[i], map->ranks[i].gpus[g].index};
    qsort(uses, count, sizeof(*uses), by_device);
    for (size_t i = 1; i < count; i++) {
        if (!is_same_device(&uses[i - 1], &uses[i]))
            continue;
        share(uses[i - 1].rank, uses[i].gpu, uses[i].rank);
        share(uses[i].rank, uses[i].gpu, uses[i - 1].rank);
    }
    free(uses);
}

void aif_rankmap_sort(struct aif_rankmap *map)
{
    if (!map->count)
        return;
    qsort(map->ranks, map->count, sizeof(*map->ranks), by_rank);
    find_sharers(map);
}

void aif_rank_mask_text(uint64_t mask, char *ret_text)
{
    size_t length = 0;

    snprintf(ret_text, AIF_RANK_MASK_SIZE, "-");
    for (uint32_t bit = 0; bit < 64; bit++) {
        uint32_t last = bit;

        if (!(mask >> bit & 1))
            continue;
        while (last < 63 && mask >> (last + 1) & 1)
            last++;
        length += (size_t)snprintf(ret_text + length, AIF_RANK_MASK_SIZE - length, last > bit ? "%s%u-%u" : "%s%u",
                                   length ? "," : "", bit, last);
        bit = last;
    }
}
