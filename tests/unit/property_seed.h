/*
 * property_seed.h - random sequences that can be repeated
 *
 * AIF_PROPERTY_SEED=<n> repeats the sequence that a failure names, alone.
 */
#ifndef PROPERTY_SEED_H
#define PROPERTY_SEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPEATS "AIF_PROPERTY_SEED=%llu repeats it"

extern uint64_t seed; /* of the sequence under way */

/* A number from 0 to below - 1; from least to most. */
uint64_t chance(uint64_t below);
int64_t chance_in(int64_t least, int64_t most);

/* 0 to count - 1 in any order. */
void shuffle(size_t *ret_order, size_t count);

/* So many sequences, fewer under valgrind, which is slow. Returns whether it was all of them. */
bool for_each_seed(uint64_t runs, uint64_t runs_checked, void (*sequence)(void));

#endif
