/*
 * place_private.h - what the parts of the choice share (place*.c)
 *
 * Only the fabric's levels of weight > 0 count: they are the tiers, innermost first. One more tier
 * is on top, the whole machine, one island of weight 0. An island's numbers are those of its level.
 *
 * Classes come first: of the fitting candidates as many as needed are taken class by class, so all
 * below one class are taken in any case ("forced"), and there is a choice only among those of that
 * class ("open"). The quota of an innermost island is how many of its open nodes are taken.
 */
#ifndef AIF_PLACE_PRIVATE_H
#define AIF_PLACE_PRIVATE_H

#include "place.h"

#define AIF_PLACE_TIERS_MAX (AIF_FABRIC_LEVELS_MAX + 1)
#define AIF_PLACE_WHOLE_MAX 4095 /* nodes for which place_whole.c has room */
#define AIF_PLACE_NOT_COUNTED 64 /* shift of a tier whose leftover is not counted */

/* Something to be sorted: an open node with its additive key, or an island. */
struct aif_place_item {
    int64_t stranded;
    uint32_t links;
    uint32_t index;
};

/* The additive part of a key that is left to choose. */
struct aif_place_value {
    uint64_t span; /* AIF_PLACE_IMPOSSIBLE: there is no such choice */
    int64_t stranded;
    uint64_t links;
    uint64_t leftover;
};

#define AIF_PLACE_IMPOSSIBLE UINT64_MAX

/* What a cover takes. */
struct aif_place_effort {
    uint64_t steps;
    uint64_t choices; /* to keep */
};

__extension__ typedef unsigned __int128 aif_place_wide;

struct aif_place_tier {
    const struct aif_fabric_levelconf *conf; /* NULL: the whole machine */
    uint64_t weight;
    unsigned shift; /* of its part of the leftover */
    uint32_t island_count;
    const uint32_t *island_of; /* [node_count] */
    uint32_t *parent;          /* [island_count]: in the next tier */
    uint32_t *child; /* [island_count + 1]: first child in the tier below; NULL innermost */
    uint32_t *fit;   /* [island_count] fitting candidates */
    uint32_t *forced;
    uint32_t *open;
    uint32_t *quota;              /* [island_count] open nodes to take */
    uint32_t *take;               /* [island_count] of the nodes whose key is worked out */
    struct aif_place_item *order; /* [island_count] room for islands to sort */

    /* of place_cover.c and place_whole.c */
    struct aif_place_value *sums; /* [nodes of its largest island + 1] */
    aif_place_wide *states;       /* [AIF_PLACE_WHOLE_MAX + 1 or fewer]; NULL innermost */
    uint32_t *choices;            /* [island_count]: where an island's begin … */
    uint32_t *choices_low;        /* … and for how many nodes that one is */
};

struct aif_place_scratch {
    const struct aif_fabric *fabric;
    uint64_t steps_max;
    uint32_t whole_max;
    uint32_t tier_count;
    struct aif_place_tier tiers[AIF_PLACE_TIERS_MAX];
    uint32_t *machine; /* [node_count] zeros: island_of of the whole machine */
    uint32_t
        *marks[AIF_FABRIC_LEVELS_MAX]; /* [island_count] of each level: last epoch touched in */
    uint32_t epoch;
    uint32_t *fitting; /* fitting candidates, ascending */
    uint32_t fitting_count;
    uint8_t *class_of; /* [node_count], of fitting candidates where there are classes */
    uint8_t class;     /* the open one */
    uint32_t forced_count;
    uint32_t open_count;
    uint32_t need;   /* open nodes to take */
    uint32_t *start; /* [innermost island_count + 1]: where an island's nodes begin in items */
    struct aif_place_item *items; /* open nodes, island by island */
    struct aif_place_item *spare; /* [node_count] for sorting */
    uint8_t *picked;              /* [node_count], all 0 between calls */
    uint32_t *sizes;              /* [node_count + 1], all 0 between calls: islands by open nodes */
    uint16_t *choices;            /* what each child gives, for each count of nodes */
    uint64_t choices_size;
    uint32_t *other; /* [node_count]: another choice, to compare */
};

/* One call of the choice. */
struct aif_place_run {
    const struct aif_place_view *view;
    const struct aif_place_ask *ask;
    const uint8_t *classes; /* NULL: all alike */
    struct aif_place_scratch *scratch;
    bool uniform; /* all open nodes have the same additive key; known after aif_place_group() */
};

static inline int aif_place_value_compare(const struct aif_place_value *a,
                                          const struct aif_place_value *b)
{
    if (a->span != b->span)
        return a->span < b->span ? -1 : 1;
    if (a->stranded != b->stranded)
        return a->stranded < b->stranded ? -1 : 1;
    if (a->links != b->links)
        return a->links < b->links ? -1 : 1;
    return (a->leftover > b->leftover) - (a->leftover < b->leftover);
}

static inline uint32_t aif_place_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* a - b, or 0 if that is less. */
static inline uint32_t aif_place_minus(uint32_t a, uint32_t b)
{
    return a > b ? a - b : 0;
}

static inline bool aif_place_is_idle(const struct aif_place_node *node)
{
    return node->free == node->gpus && !node->other_used;
}

static inline bool aif_place_fits(const struct aif_place_ask *ask,
                                  const struct aif_place_node *node)
{
    if (node->gpus > AIF_PLACE_GPUS_MAX)
        return false;
    if (ask->unused)
        return node->gpus >= ask->gpus;
    return node->free >= ask->gpus && (!ask->whole || aif_place_is_idle(node));
}

/* Change in GPU-seconds free on nodes in use, if the job takes its GPUs on a node that fits. */
static inline int64_t aif_place_stranded(const struct aif_place_ask *ask,
                                         const struct aif_place_node *node)
{
    const int64_t rest = (int64_t)node->gpus - ask->gpus;
    int64_t shared;

    if (ask->whole)
        return 0;
    if (ask->unused || aif_place_is_idle(node))
        return rest * ask->seconds;
    shared = node->until > ask->now ? node->until - ask->now : 0;
    if (shared > ask->seconds)
        shared = ask->seconds;
    return rest * (ask->seconds - shared) - (int64_t)ask->gpus * shared +
           (int64_t)ask->leftover_seconds * ((int64_t)node->free - ask->gpus);
}

/* ---- place_key.c ---- */

/* Links lost where devices and links are known. */
uint32_t aif_place_links_lost(const struct aif_place_view *view, const struct aif_place_ask *ask,
                              const struct aif_place_node *node);

/* The same, 0 where they are not known or do not matter. */
static inline uint32_t aif_place_links(const struct aif_place_view *view,
                                       const struct aif_place_ask *ask,
                                       const struct aif_place_node *node)
{
    if (node->pattern == AIF_PLACE_PATTERN_NONE || ask->whole || ask->unused || !node->free_mask)
        return 0;
    return aif_place_links_lost(view, ask, node);
}

/* Rank of the largest size of the list that divides what was given, see struct aif_place_key. */
uint32_t aif_place_uneven(const struct aif_fabric_levelconf *conf, uint32_t nodes, uint32_t taken);

/* The key of ask->nodes fitting nodes; fit of all tiers must be known. Does not set exact. */
void aif_place_evaluate(const struct aif_place_run *run, const uint32_t *nodes,
                        struct aif_place_result *ret_result);

/* ---- place_gather.c ---- */

/* Fill fitting, fit and, with classes, class_of. */
void aif_place_gather(const struct aif_place_run *run, const uint32_t *candidates, uint32_t count);

/* Fill class, forced, open, need. False if fewer than ask->nodes fit. */
bool aif_place_open(const struct aif_place_run *run);

/* Fill items with the open nodes of each island, in the order in which they should be taken. */
void aif_place_group(struct aif_place_run *run);

/* Sort by stranded, links; equal ones stay in their order. spare has room for count. */
void aif_place_sort(struct aif_place_item *items, uint32_t count, struct aif_place_item *spare);

/* Write the forced nodes and each innermost island's quota of open ones. */
void aif_place_emit(const struct aif_place_run *run, uint32_t *ret_nodes);

/* Set all quotas to 0. */
void aif_place_clear_quotas(struct aif_place_scratch *scratch);

/* ---- place_one.c ---- */

/* The best of the fitting nodes alone; false if there is none. */
bool aif_place_one(const struct aif_place_run *run, uint32_t *ret_node);

/* ---- place_cover.c ---- */

/* Quotas: the best. False if that takes too many steps; quotas are then the best seen so far, if
 * anything was (ret_found). */
bool aif_place_cover(const struct aif_place_run *run, bool *ret_found);

/* ---- place_any.c ---- */

/* Add what an island of a tier costs when extra of its open nodes are taken. */
void aif_place_add_touch(const struct aif_place_scratch *scratch, const uint32_t *segments,
                         uint32_t at, uint32_t island, uint32_t extra,
                         struct aif_place_value *value);

/* Add what aif_place_any() takes. */
void aif_place_any_count(const struct aif_place_scratch *scratch, uint32_t at, uint32_t island,
                         struct aif_place_effort *effort);

/* The value of the job inside an island, without that one's own cost unless it is innermost. */
void aif_place_any(const struct aif_place_run *run, const uint32_t *segments, uint32_t at,
                   uint32_t island, struct aif_place_value *ret_value);

/* Quotas for that, right after it; others stay. */
void aif_place_any_assign(struct aif_place_scratch *scratch, uint32_t at, uint32_t island);

/* ---- place_approach.c ---- */

/* Quotas: a good one. open and forced are spoilt. */
void aif_place_approach(const struct aif_place_run *run);

/* ---- place_whole.c ---- */

/* Whether that is the case: nodes alike, none forced, no segments but innermost. */
bool aif_place_whole_applies(const struct aif_place_run *run, const uint32_t *segments);

/* At most so many steps, and choices to keep. */
uint64_t aif_place_whole_steps(struct aif_place_scratch *scratch, uint32_t at, uint32_t island);

/* The value of the job inside an island that is not innermost, without that one's own cost. False:
 * there are not enough nodes. */
bool aif_place_whole(struct aif_place_scratch *scratch, uint32_t segment, uint32_t at,
                     uint32_t island, struct aif_place_value *ret_value);

/* Quotas for that, right after it; others stay. */
void aif_place_whole_assign(struct aif_place_scratch *scratch, uint32_t segment, uint32_t at,
                            uint32_t island);

/* ---- place_greedy.c ---- */

/* Quotas for need open nodes: the largest islands first, the last one by best fit. Quotas of
 * islands without open nodes stay. */
void aif_place_greedy(struct aif_place_scratch *scratch, uint32_t need);

/* Quotas: innermost islands in turn, the largest first. */
void aif_place_spread(struct aif_place_run *run);

/* ---- place_scratch.c ---- */

/*
 * For tests: after how many steps the choice is no longer exact, and for how many nodes
 * place_whole.c is used; no more than the defaults.
 */
void aif_place_scratch_limit(struct aif_place_scratch *scratch, uint64_t steps_max,
                             uint32_t whole_max);

#endif
