/*
 * array_count.h - how many tasks a job array has, without expanding it
 */
#ifndef AIF_ARRAY_COUNT_H
#define AIF_ARRAY_COUNT_H

#include <stdint.h>

/*
 * Number of tasks in an array expression as sbatch takes it ("0-15:4%2,20"; NULL: 1), at most max (MaxArraySize).
 * An index written twice counts twice. An expression that Slurm does not take counts as far as it is understood,
 * at least 1: Slurm refuses it right after us. O(length of the text).
 */
extern uint32_t aif_array_count(const char *text, uint32_t max);

#endif
