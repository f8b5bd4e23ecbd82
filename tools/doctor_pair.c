/* doctor_pair.c - see doctor_links.h */
#include "config.h"

#include <stdlib.h>

#include "doctor_links.h"

uint32_t aif_doctor_release(const char *version)
{
    char *end;
    unsigned long year, month;

    year = version ? strtoul(version, &end, 10) : 0;
    if (!year || year > 99 || *end != '.')
        return 0;
    month = strtoul(end + 1, NULL, 10);
    return month >= 1 && month <= 12 ? (uint32_t)(year * 100 + month) : 0;
}

/* What Slurm sorts by once it gave "first": its own count stays 0. */
static uint32_t count_of(const struct aif_gpulinks *links, uint32_t first, uint32_t gpu)
{
    return gpu == first ? 0 : aif_gpulinks_inside(links, UINT64_C(1) << first | UINT64_C(1) << gpu);
}

/* The place of a GPU in the sorted list, fewest links first, then by index. */
static uint32_t place_of(const struct aif_gpulinks *links, uint32_t first, uint32_t gpu)
{
    const uint32_t own = count_of(links, first, gpu);
    uint32_t place = 0;

    for (uint32_t other = 0; aif_gpulinks_socket(links, other); other++)
        if (count_of(links, first, other) < own ||
            (count_of(links, first, other) == own && other < gpu))
            place++;
    return place;
}

/*
 * The GPU of the socket that Slurm takes after "first": the nearest to the front of the sorted
 * list, whose first place it leaves out (_pick_gres_topo() in gres_select_filter.c of cons_tres).
 * It takes none of them: first.
 */
static uint32_t second_of(const struct aif_gpulinks *links, uint64_t socket, uint32_t first)
{
    uint32_t best = first, best_place = UINT32_MAX;

    for (uint32_t gpu = 0; gpu < AIF_GPULINKS_GPUS_MAX; gpu++) {
        const uint32_t place = place_of(links, first, gpu);

        if (!(socket >> gpu & 1) || gpu == first || !place || place > best_place)
            continue;
        best = gpu;
        best_place = place;
    }
    return best;
}

bool aif_doctor_find_pair(const struct aif_gpulinks *links, struct aif_doctor_pair *ret_pair)
{
    uint64_t done = 0;

    for (uint32_t gpu = 0; gpu < AIF_GPULINKS_GPUS_MAX; gpu++) {
        const uint64_t socket = aif_gpulinks_socket(links, gpu);
        const uint32_t second = second_of(links, socket, gpu);
        struct aif_doctor_pair pair = {.best = aif_gpulinks_pick(links, socket, 2)};

        if ((done & socket) || !pair.best || second == gpu)
            continue;
        done |= socket;
        pair.slurm = UINT64_C(1) << gpu | UINT64_C(1) << second;
        pair.slurm_links = aif_gpulinks_inside(links, pair.slurm);
        pair.best_links = aif_gpulinks_inside(links, pair.best);
        if (pair.slurm_links >= pair.best_links)
            continue;
        *ret_pair = pair;
        return true;
    }
    return false;
}
