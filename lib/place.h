/*
 * place.h - which nodes a GPU job should get
 *
 * The rule (reference topology.md section 5.3; doc/architecture.md, "Placement"): of all sets of
 * ask->nodes candidates that fit, one whose key is least. Keys are added up over the chosen nodes
 * and the islands they touch, and compared member by member in the order of struct aif_place_key,
 * so that the reason for a choice can be told in one line. Pure; nothing is allocated in
 * aif_place_choose(), one scratch per thread.
 *
 * A node is idle if none of its GPUs and nothing else of it is in use. Fitting: free >= ask->gpus,
 * or idle with at least ask->gpus GPUs for ask->whole.
 *
 * Levels of weight 0 count in nothing: not in span, not in uneven, not in leftover.
 *
 * Cost: a pass over the candidates for a single node; else a dynamic program over the tree of
 * islands as well, exact as long as its steps stay below AIF_PLACE_STEPS_MAX (and its table in the
 * scratch); beyond that span is close to the least, 2 % above it at most in the mean, and
 * result.exact is false.
 */
#ifndef AIF_PLACE_H
#define AIF_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "fabric.h"
#include "gpulinks.h"

#define AIF_PLACE_GPUS_MAX 64 /* of one node; a node with more is never chosen by us */
#define AIF_PLACE_STEPS_MAX 2000000
#define AIF_PLACE_PATTERN_NONE 255

/* One node as it is now, for the kind of GPU asked. 16 bytes: a job looks at thousands. */
struct aif_place_node {
    uint64_t free_mask; /* devices that are free; 0 where devices are not known */
    uint32_t until; /* latest expected end of what runs there, seconds since the epoch; not looked
                       at if idle */
    uint8_t gpus;
    uint8_t free;       /* <= gpus */
    uint8_t pattern;    /* index into view->patterns; AIF_PLACE_PATTERN_NONE: links do not matter */
    uint8_t other_used; /* not 0: something that is no GPU of this kind runs there, so that the node
                           is not idle */
};

struct aif_place_view {
    const struct aif_fabric *fabric;
    const struct aif_place_node *nodes; /* [fabric->node_count] */
    const struct aif_gpulinks *const *patterns;
};

struct aif_place_ask {
    uint32_t nodes;   /* >= 1 */
    uint32_t gpus;    /* per node, at least 1 */
    bool whole;       /* the job gets its nodes alone */
    bool spread;      /* as many islands as possible instead */
    bool unused;      /* take every node as idle: what would the best be on an empty machine? */
    uint32_t seconds; /* how long it may run at most */
    uint32_t now;     /* seconds since the epoch */
    uint32_t leftover_seconds; /* what a GPU left free on a node in use counts, GPU-seconds (60) */
};

/* What is minimised, the most important first. */
struct aif_place_key {
    uint64_t weight;   /* sum of the chosen nodes' classes (Slurm's node weights, lowest class 0) */
    uint64_t span;     /* sum over levels of weight x islands touched */
    uint32_t uneven;   /* rank of the largest segment size that divides what each touched island
                          gives, where a level has a list: 0 for the first that divides
                          ask->nodes, one more per step down the list from there, list length if
                          none does; summed over levels */
    int64_t stranded;  /* change in GPU-seconds free on nodes in use: partial node -k*min(e,H) +
                          (G-k)*max(0,e-H) + leftover_seconds*(free-k); idle node (G-k)*e; 0 for
                          whole nodes. G = its GPUs, k = ask->gpus, e = ask->seconds, H = time
                          that the node is in use anyway */
    uint64_t links;    /* sum of aif_gpulinks_loss(); 0 where devices or links are not known */
    uint64_t leftover; /* fitting nodes not taken in touched islands: innermost counting level
                          first, 20 bits each for the first three */
};

struct aif_place_result {
    struct aif_place_key key;
    uint32_t islands[AIF_FABRIC_LEVELS_MAX]; /* touched, by level */
    bool exact;                              /* key is the least there is */
};

/*
 * Working memory for one fabric, which must outlive it: 300 to 450 bytes per node on machines of
 * thousands. NULL when memory is out.
 */
struct aif_place_scratch;
struct aif_place_scratch *aif_place_scratch_create(const struct aif_fabric *fabric);
void aif_place_scratch_destroy(struct aif_place_scratch *scratch);

/*
 * Choose among candidates (indexes, ascending, count of them) with their weight classes (classes[i]
 * is that of candidates[i]; NULL: all alike) into ret_nodes (room for ask->nodes; ascending).
 * Returns false if fewer than ask->nodes fit, or for 0 nodes; then nothing is written. Ties go to
 * lower indexes where that costs nothing. scratch must be of view->fabric.
 * spread: islands of the innermost level that counts in turn, largest first; the key is worked out
 * afterwards, and exact is false.
 */
bool aif_place_choose(const struct aif_place_view *view, const struct aif_place_ask *ask,
                      const uint32_t *candidates, const uint8_t *classes, uint32_t count,
                      struct aif_place_scratch *scratch, uint32_t *ret_nodes,
                      struct aif_place_result *ret_result);

/*
 * The key of nodes chosen by somebody else (ask->nodes of them, ascending, each once). Returns
 * false if one of them is no candidate or does not fit. exact is false.
 */
bool aif_place_judge(const struct aif_place_view *view, const struct aif_place_ask *ask,
                     const uint32_t *candidates, const uint8_t *classes, uint32_t count,
                     const uint32_t *nodes, struct aif_place_scratch *scratch,
                     struct aif_place_result *ret_result);

/* Below 0, 0, above 0: a is better, as good, worse. */
int aif_place_key_compare(const struct aif_place_key *a, const struct aif_place_key *b);

#endif
