/* property_seed.c - see property_seed.h */
#include "property_seed.h"

#include <stdlib.h>
#include <string.h>

uint64_t seed;
static uint64_t state_of_chance;

uint64_t chance(uint64_t below)
{
    uint64_t z = state_of_chance += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % below;
}

int64_t chance_in(int64_t least, int64_t most)
{
    return least + (int64_t)chance((uint64_t)(most - least) + 1);
}

void shuffle(size_t *ret_order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ret_order[i] = i;
    for (size_t i = count; i > 1; i--) {
        const size_t j = chance(i), kept = ret_order[i - 1];

        ret_order[i - 1] = ret_order[j];
        ret_order[j] = kept;
    }
}

bool for_each_seed(uint64_t runs, uint64_t runs_checked, void (*sequence)(void))
{
    const char *text = getenv("AIF_PROPERTY_SEED"), *preload = getenv("LD_PRELOAD");
    const bool alone = text && *text, checked = preload && strstr(preload, "vgpreload");
    const uint64_t first = alone ? strtoull(text, NULL, 10) : 1;
    const uint64_t count = alone ? 1 : checked ? runs_checked : runs;

    for (seed = first; seed < first + count; seed++) {
        state_of_chance = seed;
        sequence();
    }
    return count == runs;
}
