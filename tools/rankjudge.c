/* rankjudge.c - what is wrong with where ranks run; see rankmap.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "rankmap.h"

#define SENTENCE_MAX 512

/* ---- one rank ---- */

static uint64_t near_gpus(const struct aif_rank *rank)
{
    uint64_t near = 0;

    for (size_t i = 0; i < rank->gpu_count; i++)
        near |= rank->gpus[i].near;
    return near;
}

static bool is_far_nic(const struct aif_rank *rank, uint64_t near)
{
    bool near_one = false, near_used = false, used = false;

    for (size_t i = 0; i < rank->nic_count; i++) {
        bool is_near = rank->nics[i].near & near;

        near_one |= is_near;
        used |= rank->nics[i].used && rank->nics[i].near;
        near_used |= rank->nics[i].used && is_near;
    }
    return near && used && near_one && !near_used;
}

struct aif_rank_verdict aif_rankmap_judge(const struct aif_rankmap *map, size_t index)
{
    const struct aif_rank *rank = &map->ranks[index];
    struct aif_rank_verdict verdict = {0};
    uint64_t near = near_gpus(rank);

    verdict.known = near && rank->domains;
    verdict.far = verdict.known && !(rank->domains & near);
    verdict.loose = verdict.known && !verdict.far && !map->by_node && (rank->domains & ~near);
    verdict.far_nic = is_far_nic(rank, near);
    verdict.shares = !map->by_node && rank->shares_with != AIF_RANK_NONE;
    return verdict;
}

/* ---- all ---- */

/* Levels that a step from one place to another goes up; 0 on one node. Paths have the same number of names. */
static uint32_t distance(const char *a, const char *b)
{
    uint32_t levels = 1;

    if (!strcmp(a, b))
        return 0;
    for (; *a && *a == *b; a++)
        b++;
    for (; *a; a++)
        levels += *a == '.';
    return levels;
}

static uint32_t steps_of(const char *const *places, size_t count)
{
    uint32_t steps = 0;

    for (size_t i = 1; i < count; i++)
        steps += distance(places[i - 1], places[i]);
    return steps;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/*
 * In a tree whose leaves are all equally deep, an order that keeps each island together makes as few steps as a spanning
 * tree; sorting by path is one.
 */
static void count_steps(const struct aif_rankmap *map, struct aif_rankmap_score *score)
{
    const char **places = aif_tool_alloc(map->count, sizeof(*places));
    size_t count = 0;

    for (size_t i = 0; i < map->count; i++)
        if (map->ranks[i].address && map->ranks[i].rank != AIF_RANK_NONE)
            places[count++] = map->ranks[i].address;
    score->steps = steps_of(places, count);
    if (count)
        qsort(places, count, sizeof(*places), by_text);
    score->least_steps = steps_of(places, count);
    free(places);
}

struct aif_rankmap_score aif_rankmap_score(const struct aif_rankmap *map)
{
    struct aif_rankmap_score score = {.order = 100, .binding = 100};

    for (size_t i = 0; i < map->count; i++) {
        struct aif_rank_verdict verdict = aif_rankmap_judge(map, i);

        score.known += verdict.known;
        score.bound += verdict.known && !verdict.far && !verdict.loose;
    }
    if (score.known)
        score.binding = (uint32_t)(UINT64_C(100) * score.bound / score.known);
    count_steps(map, &score);
    if (score.steps)
        score.order = (uint32_t)(UINT64_C(100) * score.least_steps / score.steps);
    return score;
}

/* ---- sentences ---- */

static void say_where(const struct aif_rank *rank, char *text)
{
    if (rank->rank == AIF_RANK_NONE)
        snprintf(text, SENTENCE_MAX, "%.64s", rank->node);
    else
        snprintf(text, SENTENCE_MAX, "rank %u on %.64s", rank->rank, rank->node);
}

static void binding_sentence(const struct aif_rankmap *map, const struct aif_rank *rank, bool far, char *text)
{
    char where[SENTENCE_MAX], here[AIF_RANK_MASK_SIZE], there[AIF_RANK_MASK_SIZE];

    say_where(rank, where);
    aif_rank_mask_text(rank->domains, here);
    aif_rank_mask_text(near_gpus(rank), there);
    snprintf(text, SENTENCE_MAX,
             far ? "%.100s: wrong binding: cores %.40s are in %s %s, its GPUs in %s %s; try --gpu-bind=closest, or bind cores with --cpu-bind"
                 : "%.100s: loose binding: cores %.40s are in %s %s, its GPUs only in %s %s; give each task the cores near to its GPUs (--cpu-bind)",
             where, rank->cores ? rank->cores : "?", map->domain, here, map->domain, there);
}

static void nic_sentence(const struct aif_rankmap *map, const struct aif_rank *rank, char *text)
{
    char where[SENTENCE_MAX], there[AIF_RANK_MASK_SIZE];
    const char *used = "?", *better = "?";
    uint64_t near = near_gpus(rank);

    for (size_t i = rank->nic_count; i-- > 0;) {
        if (rank->nics[i].used)
            used = rank->nics[i].name;
        if (rank->nics[i].near & near)
            better = rank->nics[i].name;
    }
    say_where(rank, where);
    aif_rank_mask_text(near, there);
    snprintf(text, SENTENCE_MAX, "%.100s: wrong network device: it uses %.40s, its GPUs are in %s %s where %.40s is; choose that one", where,
             used, map->domain, there, better);
}

static void share_sentence(const struct aif_rank *rank, char *text)
{
    snprintf(text, SENTENCE_MAX, "rank %u on %.64s: shares GPU %u with rank %u; give each task its own (--gpus-per-task)",
             rank->rank, rank->node, rank->shared_gpu, rank->shares_with);
}

size_t aif_rankmap_complain(const struct aif_rankmap *map, void (*say)(void *arg, const char *text), void *arg)
{
    char text[SENTENCE_MAX];
    size_t count = 0;

    for (size_t i = 0; i < map->count; i++) {
        struct aif_rank_verdict verdict = aif_rankmap_judge(map, i);

        if (verdict.far || verdict.loose) {
            binding_sentence(map, &map->ranks[i], verdict.far, text);
            say(arg, text);
        }
        if (verdict.far_nic) {
            nic_sentence(map, &map->ranks[i], text);
            say(arg, text);
        }
        if (verdict.shares) {
            share_sentence(&map->ranks[i], text);
            say(arg, text);
        }
        count += (verdict.far || verdict.loose) + verdict.far_nic + verdict.shares;
    }
    return count;
}
