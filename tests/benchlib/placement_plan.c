/* placement_plan.c - see placement_plan.h */
#include "placement_plan.h"

#include <stdlib.h>
#include <string.h>

int placement_plans_init(struct placement_plans *plans, const struct placement_cluster *cluster)
{
    const uint32_t count = cluster->shape.nodes;
    bool good = true;

    for (uint32_t i = 0; i <= PLACEMENT_PLANS_MAX; i++) {
        plans->reserved[i] = calloc(count, 1);
        good = good && plans->reserved[i];
    }
    plans->nodes = calloc(count, sizeof(*plans->nodes));
    plans->chosen = calloc(count, sizeof(*plans->chosen));
    plans->free = calloc(count, sizeof(*plans->free));
    return good && plans->nodes && plans->chosen && plans->free ? 0 : -1;
}

void placement_plans_free(struct placement_plans *plans)
{
    for (uint32_t i = 0; i <= PLACEMENT_PLANS_MAX; i++)
        free(plans->reserved[i]);
    free(plans->nodes);
    free(plans->chosen);
    free(plans->free);
}

uint32_t placement_plans_before(const struct placement_plans *plans, int64_t time)
{
    uint32_t count = 0;

    while (count < plans->count && plans->at[count] < time)
        count++;
    return count;
}

struct query {
    struct placement_plans *plans;
    const struct placement_cluster *cluster;
    struct placement_chooser *chooser;
    const struct placement_job *jobs;
    const struct moments *limits;
    const struct placement_wish *wish;
};

static const struct placement_job *ended(const struct query *query, size_t index)
{
    return &query->jobs[query->limits->items[query->limits->count - 1 - index].job];
}

/* How many running jobs must end until enough nodes are free, wherever they are; above all: they
 * never are. */
static size_t enough_ended(const struct query *query)
{
    const uint8_t *reserved = query->plans->reserved[query->plans->count];
    const uint32_t gpus = query->wish->gpus;
    uint8_t *left = query->plans->free;
    uint32_t count = 0;
    size_t done = 0;

    for (uint32_t i = 0; i < query->cluster->shape.nodes; i++) {
        left[i] = query->cluster->nodes[i].free;
        count += left[i] >= gpus && !reserved[i];
    }
    for (; count < query->wish->nodes && done < query->limits->count; done++) {
        const struct placement_job *job = ended(query, done);

        for (uint32_t n = 0; n < job->nodes; n++) {
            const uint32_t node = job->at[n], before = left[node];

            left[node] = (uint8_t)(before + job->gpus);
            count += before < gpus && left[node] >= gpus && !reserved[node];
        }
    }
    return count < query->wish->nodes ? query->limits->count + 1 : done;
}

/* Whether the job can start when so many jobs have ended. Which of their devices get free nobody
 * knows. */
static bool fits_after(const struct query *query, size_t count)
{
    struct placement_plans *plans = query->plans;

    memcpy(plans->nodes, query->cluster->nodes,
           query->cluster->shape.nodes * sizeof(*plans->nodes));
    for (size_t i = 0; i < count; i++) {
        const struct placement_job *job = ended(query, i);

        for (uint32_t n = 0; n < job->nodes; n++) {
            struct aif_place_node *node = &plans->nodes[job->at[n]];

            node->free = (uint8_t)(node->free + job->gpus);
            node->free_mask = 0;
            node->pattern = AIF_PLACE_PATTERN_NONE;
        }
    }
    return placement_choose_planned(query->chooser, plans->nodes, plans->reserved[plans->count],
                                    query->wish, plans->chosen);
}

/* Fewest jobs that must end, 1 or more; above all: the job cannot be planned. Leaves its nodes in
 * chosen. */
static size_t earliest(const struct query *query)
{
    const size_t all = query->limits->count;
    size_t low = enough_ended(query), high = low, step = 1;

    if (!low)
        high = low = 1;
    if (low > all || fits_after(query, low))
        return low;
    while (high < all && !fits_after(query, high = high + step < all ? high + step : all)) {
        low = high;
        step *= 2;
    }
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;

        if (fits_after(query, middle))
            high = middle;
        else
            low = middle;
    }
    return fits_after(query, high) ? high : all + 1;
}

uint32_t placement_plans_add(struct placement_plans *plans, const struct placement_cluster *cluster,
                             struct placement_chooser *chooser, const struct placement_job *jobs,
                             const struct moments *limits, const struct placement_wish *wish)
{
    const struct query query = {plans, cluster, chooser, jobs, limits, wish};
    const size_t first = plans->count < PLACEMENT_PLANS_MAX ? earliest(&query) : limits->count + 1;
    uint32_t place;
    int64_t at;

    if (first > limits->count)
        return plans->count;
    at = limits->items[limits->count - first].at;
    place = placement_plans_before(plans, at);
    memmove(&plans->at[place + 1], &plans->at[place],
            (plans->count - place) * sizeof(plans->at[0]));
    plans->at[place] = at;
    for (uint32_t i = ++plans->count; i > place; i--) {
        memcpy(plans->reserved[i], plans->reserved[i - 1], cluster->shape.nodes);
        for (uint32_t n = 0; n < wish->nodes; n++)
            plans->reserved[i][plans->chosen[n]] = 1;
    }
    return place;
}
