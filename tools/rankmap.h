/*
 * rankmap.h - the ranks of a job step: where each runs, on which cores, with which GPUs, and what is wrong with that
 *
 * Pure but for json-c. NUMA nodes (or sockets, where only Slurm was asked) are bits of a mask, 0: not known. Owned texts are
 * malloc'ed. One map is used by one thread.
 */
#ifndef AIF_TOOL_RANKMAP_H
#define AIF_TOOL_RANKMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "error.h"

#define AIF_RANK_NONE UINT32_MAX /* a node's share of a job, no rank */
#define AIF_RANK_GPUS_MAX 16
#define AIF_RANK_NICS_MAX 16
#define AIF_RANKS_MAX 65536

struct aif_rank_gpu {
    uint32_t index; /* as Slurm numbers it on the node */
    uint64_t near;
};

struct aif_rank_nic {
    char *name;
    uint64_t near;
    bool used; /* the rank's environment names it */
};

struct aif_rank {
    uint32_t rank;
    char *node;
    char *address; /* place in the topology with the node, "core.leaf1.n1"; NULL: not known */
    char *cores;   /* "0-3"; NULL: not known */
    uint64_t domains;
    struct aif_rank_gpu gpus[AIF_RANK_GPUS_MAX];
    size_t gpu_count;
    struct aif_rank_nic nics[AIF_RANK_NICS_MAX];
    size_t nic_count;
    uint32_t shares_with; /* another rank of the node that has one of its GPUs, too; AIF_RANK_NONE: none (aif_rankmap_sort()) */
    uint32_t shared_gpu;
};

struct aif_rankmap {
    const char *domain; /* what the bits are: "NUMA" or "socket" */
    struct aif_rank *ranks; /* [count], sorted by aif_rankmap_sort() */
    size_t count;
    bool by_node; /* cores and GPUs are those of the job on the node: who has which of them is not known */
};

void aif_rankmap_clear(struct aif_rankmap *map);

/* A new rank at the end, zeroed but for its number; NULL above AIF_RANKS_MAX. Ends the program when memory is out. */
struct aif_rank *aif_rankmap_append(struct aif_rankmap *map, uint32_t rank);

/* Append what a rank said of itself (aif_rank_json()). Fails for what has not that form, or is too much. */
int aif_rankmap_read(struct aif_rankmap *map, struct json_object *object, struct aif_error *err);

/* {"rank":0,"node":"n1","address":…,"cores":"0-3","domains":[0],"gpus":[{"gpu":0,"near":[0]}],"nics":[…]}; the caller's. */
struct json_object *aif_rank_json(const struct aif_rank *rank);

/* By rank, nodes without ranks last; and find out who shares GPUs. To be called once all are there, before judging. */
void aif_rankmap_sort(struct aif_rankmap *map);

/* ---- judging ---- */

struct aif_rank_verdict {
    bool known;      /* it has GPUs, and where these and its cores are is known */
    bool far;        /* no core is near to any of its GPUs */
    bool loose;      /* some cores are near, others are not */
    bool far_nic;    /* it uses a network device that is not near to its GPUs, and another one is */
    bool shares;     /* another rank of the node has one of its GPUs, too */
};

struct aif_rank_verdict aif_rankmap_judge(const struct aif_rankmap *map, size_t index);

struct aif_rankmap_score {
    uint32_t bound, known; /* ranks whose cores are all near to their GPUs, of those of which that is known */
    uint32_t steps;        /* how far apart neighbouring ranks are, in levels of the topology, all together */
    uint32_t least_steps;  /* the same if the ranks were numbered in the best order; exact */
    uint32_t order;        /* 100 x least_steps / steps, rounded down; 100 for no steps */
    uint32_t binding;      /* 100 x bound / known, rounded down; 100 if nothing is known */
};

/* Ranks of unknown place make no steps. */
struct aif_rankmap_score aif_rankmap_score(const struct aif_rankmap *map);

/* One sentence per thing that is wrong, "rank 3 on n2: …; bind it …". Calls say for each. Returns how many. */
size_t aif_rankmap_complain(const struct aif_rankmap *map, void (*say)(void *arg, const char *text), void *arg);

/* "0-1,4" of a mask, into a buffer of AIF_RANK_MASK_SIZE; "-" for none. */
#define AIF_RANK_MASK_SIZE 192
void aif_rank_mask_text(uint64_t mask, char *ret_text);

#endif
