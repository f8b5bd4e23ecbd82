/* charge.c - see charge.h */
#include "charge.h"

/* a x b / c without overflow in between; the caller rounds. */
static unsigned __int128 scaled(uint64_t a, uint64_t b)
{
    return (unsigned __int128)a * b;
}

static uint64_t saturated(unsigned __int128 value)
{
    return value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
}

/* Rounded up. Apart, because most count their units one to one. */
__attribute__((cold)) static uint64_t cost_by_factor(const struct aif_charge *charge,
                                                     uint64_t tres_secs)
{
    return saturated((scaled(tres_secs, charge->millionths) + AIF_MILLION - 1) / AIF_MILLION);
}

__attribute__((cold)) static uint64_t secs_by_factor(const struct aif_charge *charge,
                                                     uint64_t unit_secs)
{
    return saturated(scaled(unit_secs, AIF_MILLION) / charge->millionths);
}

uint64_t aif_charge_cost(const struct aif_charge *charge, uint64_t tres_secs)
{
    /* Saturated or unknown stays so, whatever the factor. */
    if (tres_secs == UINT64_MAX || charge->millionths == AIF_MILLION)
        return tres_secs;
    return cost_by_factor(charge, tres_secs);
}

uint64_t aif_charge_tres_secs(const struct aif_charge *charge, uint64_t unit_secs)
{
    if (charge->millionths == AIF_MILLION)
        return unit_secs;
    return secs_by_factor(charge, unit_secs);
}

const char *aif_charge_tres_name(enum aif_charge_tres tres)
{
    static const char *const names[] = {"gres/gpu", "node", "billing"};

    return names[tres];
}
