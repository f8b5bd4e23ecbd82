/*
 * place_case.h - small random machines and jobs, and the best choice found by trying all
 *
 * The brute force works keys out from the words of place.h by itself and shares no code with
 * lib/place*.c.
 */
#ifndef PLACE_CASE_H
#define PLACE_CASE_H

#include "place.h"

#define SMALL 12 /* nodes */
#define PATTERNS 3
#define CASE_GPUS 4

struct place_case {
    struct aif_fabric *fabric;
    struct aif_place_node nodes[SMALL];
    struct aif_gpulinks *patterns[PATTERNS];
    uint16_t links[PATTERNS][CASE_GPUS * CASE_GPUS];
    uint32_t candidates[SMALL];
    uint8_t classes[SMALL];
    uint32_t count; /* of candidates */
    bool has_classes;
    struct aif_place_ask ask;
    struct aif_place_view view; /* of the above */
};

/* What a random case may have. */
struct place_kind {
    bool segments;
    bool classes;
};

void place_case_draw(struct place_case *drawn, const struct place_kind *kind);
void place_case_free(struct place_case *drawn);

const uint8_t *place_case_classes(const struct place_case *drawn);

/* The key of a set of nodes (bits); false if it may not be chosen. */
bool place_case_key(const struct place_case *drawn, uint32_t set, struct aif_place_key *ret_key);

/* The least key of all sets; false if there is none. */
bool place_case_best(const struct place_case *drawn, struct aif_place_key *ret_key);

/* Below 0, 0, above 0, as words say. */
int place_case_compare(const struct aif_place_key *a, const struct aif_place_key *b);

/* The nodes of a set, ascending, and back. */
void place_case_nodes(uint32_t set, uint32_t *ret_nodes);
uint32_t place_case_set(const uint32_t *nodes, uint32_t count);

#endif
