/*
 * charge.h - between what Slurm counts (TRES-seconds) and what was awarded (seconds of an allocation's unit)
 *
 * Rounded against the user where it must be rounded: what was used goes up, what Slurm may still count goes down, so
 * that no sum of roundings ever exceeds an amount.
 */
#ifndef AIF_CHARGE_H
#define AIF_CHARGE_H

#include <stdint.h>

#include "policy.h"

/* Seconds of the unit that tres_secs of the charged TRES cost; rounded up, saturating. */
uint64_t aif_charge_cost(const struct aif_charge *charge, uint64_t tres_secs);

/* The most TRES-seconds whose cost is not above unit_secs; rounded down, saturating. */
uint64_t aif_charge_tres_secs(const struct aif_charge *charge, uint64_t unit_secs);

/* "gres/gpu", "node", "billing" */
const char *aif_charge_tres_name(enum aif_charge_tres tres);

#endif
