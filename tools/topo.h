/*
 * topo.h - the map that "aif topo" shows: ranks, and how good their places are
 *
 * Tools only: what cannot be found out is left out, after one line where a user would miss it.
 */
#ifndef AIF_TOPO_H
#define AIF_TOPO_H

#include <stdbool.h>
#include <stdint.h>

#include "commands.h"
#include "placescore.h"
#include "rankmap.h"

#define AIF_TOPO_NO_STEP UINT32_MAX

struct aif_topo {
    struct aif_rankmap map;
    bool from_ranks; /* through PMIx; else from Slurm alone, which does not know what each rank was given */
    uint32_t job;
    uint32_t step;   /* AIF_TOPO_NO_STEP: the whole job */
    char *mode, *allocation, *residency;  /* NULL: not known */
    char islands[AIF_PLACESCORE_SIZE];    /* against an empty machine; "" where the topology is not known */
};

/* Run the helper of this rank. False in *ret_here for ranks that have nothing to print. Returns an exit code after one line. */
int aif_topo_ask_ranks(struct aif_topo *topo, bool *ret_here);

/* Fill the map from slurmctld (aif_slurm_init() was called). Returns an exit code after one line. */
int aif_topo_ask_slurm(struct aif_topo *topo);

/* Addresses of nodes and the score of their islands, as slurmctld knows them; ctx's policy names levels if it can be read. */
void aif_topo_find_islands(struct aif_cmd_context *ctx, struct aif_topo *topo);

/* Above all: 100 only if nothing could be better. */
uint32_t aif_topo_percent(const struct aif_topo *topo, const struct aif_rankmap_score *score);

/* The innermost island of a rank, "core.leaf1"; malloc'ed, "-" where not known. */
char *aif_topo_island(const struct aif_rank *rank);

/* Print to stdout; the last returns an exit code after one line. */
void aif_topo_print(const struct aif_topo *topo, bool parsable);
void aif_topo_print_json(const struct aif_topo *topo);
int aif_topo_draw(const struct aif_topo *topo, const char *path);

#endif
