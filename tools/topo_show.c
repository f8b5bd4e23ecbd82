/* topo_show.c - the map as text and as JSON; see topo.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "placed.h"
#include "table.h"
#include "text.h"
#include "topo.h"

uint32_t aif_topo_percent(const struct aif_topo *topo, const struct aif_rankmap_score *score)
{
    uint32_t percent = 100;

    if (topo->islands[0])
        aif_placescore_read(topo->islands, &percent, NULL);
    if (score->order < percent)
        percent = score->order;
    return score->binding < percent ? score->binding : percent;
}

char *aif_topo_island(const struct aif_rank *rank)
{
    const char *end = rank->address ? strrchr(rank->address, '.') : NULL;

    return end ? aif_tool_format("%.*s", (int)(end - rank->address), rank->address) : aif_tool_strdup("-");
}

/* ---- text ---- */

static char *gpu_list(const struct aif_rank *rank)
{
    uint64_t mask = 0;
    char text[AIF_RANK_MASK_SIZE];

    for (size_t i = 0; i < rank->gpu_count; i++)
        if (rank->gpus[i].index < 64)
            mask |= UINT64_C(1) << rank->gpus[i].index;
    aif_rank_mask_text(mask, text);
    return aif_tool_strdup(text);
}

static char *near_list(const struct aif_rank *rank)
{
    uint64_t mask = 0;
    char text[AIF_RANK_MASK_SIZE];

    for (size_t i = 0; i < rank->gpu_count; i++)
        mask |= rank->gpus[i].near;
    aif_rank_mask_text(mask, text);
    return aif_tool_strdup(text);
}

static const char *verdict_word(struct aif_rank_verdict verdict)
{
    if (verdict.far)
        return "far";
    if (verdict.loose)
        return "loose";
    if (verdict.far_nic)
        return "network";
    if (verdict.shares)
        return "shared";
    return verdict.known ? "near" : "-";
}

static void add_row(struct aif_table *table, const struct aif_rankmap *map, size_t i)
{
    const struct aif_rank *rank = &map->ranks[i];
    char domains[AIF_RANK_MASK_SIZE];

    aif_rank_mask_text(rank->domains, domains);
    aif_table_add(table, rank->rank == AIF_RANK_NONE ? NULL : aif_tool_format("%u", rank->rank));
    aif_table_add(table, aif_topo_island(rank));
    aif_table_add(table, aif_tool_strdup(rank->node));
    aif_table_add(table, aif_tool_strdup(rank->cores));
    aif_table_add(table, aif_tool_strdup(domains));
    aif_table_add(table, gpu_list(rank));
    aif_table_add(table, near_list(rank));
    aif_table_add(table, aif_tool_strdup(verdict_word(aif_rankmap_judge(map, i))));
}

static void print_table(const struct aif_rankmap *map, bool parsable)
{
    static const char *const numa[] = {"?>RANK", "ISLAND", "NODE", "CORES", "NUMA", "GPUS", "GPUS' NUMA", "BINDING", NULL};
    static const char *const socket[] = {"?>RANK", "ISLAND", "NODE", "CORES", "SOCKET", "GPUS", "GPUS' SOCKET", "BINDING", NULL};
    struct aif_table *table = aif_table_create(strcmp(map->domain, "NUMA") ? socket : numa);

    for (size_t i = 0; i < map->count; i++)
        add_row(table, map, i);
    aif_table_print(table, parsable);
    aif_table_destroy(table);
}

static void print_head(const struct aif_topo *topo)
{
    printf("job %u", topo->job);
    if (topo->step != AIF_TOPO_NO_STEP)
        printf(".%u", topo->step);
    if (topo->mode)
        printf(", mode %s", topo->mode);
    if (topo->allocation)
        printf(", allocation %s", topo->allocation);
    if (topo->residency)
        printf(", residency %s", topo->residency);
    puts(topo->from_ranks ? ", as its ranks say" : ", as Slurm knows it (ranks say more under srun --mpi=pmix)");
}

/* "100 % of the best possible: leaf 1 (least 1)"; aif explain speaks of the moment of the start, here all is compared with now. */
static char *islands_text(const struct aif_topo *topo)
{
    char *text = topo->islands[0] ? aif_placed_text(topo->islands) : NULL;
    char *then = text ? strstr(text, " then") : NULL;

    if (then)
        memmove(then, then + strlen(" then"), strlen(then + strlen(" then")) + 1);
    return text;
}

static void print_score(const struct aif_topo *topo)
{
    struct aif_rankmap_score score = aif_rankmap_score(&topo->map);
    char *islands = islands_text(topo);

    printf("score %u of 100\n", aif_topo_percent(topo, &score));
    printf("  islands: %s\n", islands ? islands : "not known");
    if (score.steps)
        printf("  order of ranks: %u %%: %u levels between neighbours, %u in the best order\n", score.order, score.steps,
               score.least_steps);
    if (score.known)
        printf("  cores near to GPUs: %u of %u\n", score.bound, score.known);
    free(islands);
}

static void print_complaint(void *arg, const char *text)
{
    (void)arg;
    printf("! %s\n", text);
}

void aif_topo_print(const struct aif_topo *topo, bool parsable)
{
    if (!parsable)
        print_head(topo);
    print_table(&topo->map, parsable);
    if (parsable)
        return;
    print_score(topo);
    aif_rankmap_complain(&topo->map, print_complaint, NULL);
}

/* ---- JSON ---- */

static void put_text(struct json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

static void put_number(struct json_object *object, const char *key, uint64_t value)
{
    json_object_object_add(object, key, json_object_new_int64((int64_t)value));
}

static struct json_object *score_json(const struct aif_topo *topo)
{
    struct aif_rankmap_score score = aif_rankmap_score(&topo->map);
    struct json_object *object = json_object_new_object();

    put_number(object, "percent", aif_topo_percent(topo, &score));
    json_object_object_add(object, "islands", topo->islands[0] ? aif_placed_json(topo->islands) : NULL);
    put_number(object, "order", score.order);
    put_number(object, "steps", score.steps);
    put_number(object, "least_steps", score.least_steps);
    put_number(object, "binding", score.binding);
    put_number(object, "bound", score.bound);
    put_number(object, "known", score.known);
    return object;
}

static struct json_object *ranks_json(const struct aif_rankmap *map)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < map->count; i++) {
        struct json_object *rank = aif_rank_json(&map->ranks[i]);

        put_text(rank, "binding", verdict_word(aif_rankmap_judge(map, i)));
        json_object_array_add(list, rank);
    }
    return list;
}

static void add_complaint(void *arg, const char *text)
{
    json_object_array_add(arg, json_object_new_string(text));
}

void aif_topo_print_json(const struct aif_topo *topo)
{
    struct json_object *object = json_object_new_object(), *wrong = json_object_new_array();

    put_number(object, "job", topo->job);
    json_object_object_add(object, "step", topo->step == AIF_TOPO_NO_STEP ? NULL : json_object_new_int64(topo->step));
    put_text(object, "source", topo->from_ranks ? "pmix" : "slurm");
    put_text(object, "mode", topo->mode);
    put_text(object, "allocation", topo->allocation);
    put_text(object, "residency", topo->residency);
    put_text(object, "domain", topo->map.domain);
    json_object_object_add(object, "score", score_json(topo));
    json_object_object_add(object, "ranks", ranks_json(&topo->map));
    aif_rankmap_complain(&topo->map, add_complaint, wrong);
    json_object_object_add(object, "wrong", wrong);
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
    json_object_put(object);
}
