/* devicepick.c - see devicepick.h */
#include "devicepick.h"

static bool has(uint32_t set, uint32_t device)
{
    return set >> device & 1;
}

/* Both directions of every link between the two sets, so twice what people call a link. */
static uint32_t between(const struct aif_devicepick *node, uint32_t a, uint32_t b)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < node->count; i++)
        for (uint32_t j = 0; j < node->count; j++)
            if (i != j && has(a, i) && has(b, j))
                sum += (uint32_t)node->links[i][j] + node->links[j][i];
    return sum;
}

uint32_t aif_devicepick_inside(const struct aif_devicepick *node, uint32_t set)
{
    return between(node, set, set) / 4; /* each pair twice, each of them in both directions */
}

static uint32_t count_of_kind(const struct aif_devicepick *node, uint32_t set, uint8_t kind)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < node->count; i++)
        count += has(set, i) && node->kind[i] == kind;
    return count;
}

bool aif_devicepick_alike(const struct aif_devicepick *node, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < node->count; i++)
        if (count_of_kind(node, a, node->kind[i]) != count_of_kind(node, b, node->kind[i]))
            return false;
    return true;
}

uint32_t aif_devicepick(const struct aif_devicepick *node, uint32_t free, uint32_t chosen)
{
    const uint32_t pool = free | chosen;
    uint32_t best = chosen, best_inside, best_cut;

    if (node->count > AIF_DEVICEPICK_GPUS_MAX)
        return chosen;
    best_inside = between(node, chosen, chosen);
    best_cut = between(node, chosen, pool & ~chosen);
    for (uint32_t set = 0; set < 1u << node->count; set++) {
        uint32_t inside, cut;

        if (set & ~pool || !aif_devicepick_alike(node, set, chosen))
            continue;
        inside = between(node, set, set);
        cut = between(node, set, pool & ~set);
        if (inside < best_inside || (inside == best_inside && cut >= best_cut))
            continue;
        best = set, best_inside = inside, best_cut = cut;
    }
    return best;
}
