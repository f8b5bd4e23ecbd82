/*
 * moments.h - a list of what happens when, for the simulators of tests/bench
 *
 * In descending order, so that the next one is taken from the end. Of equal times the one with the smaller job number
 * comes first.
 */
#ifndef MOMENTS_H
#define MOMENTS_H

#include <stddef.h>
#include <stdint.h>

struct moment {
    int64_t at;
    uint32_t job;
};

struct moments {
    struct moment *items; /* the caller's, with room for all that is added */
    size_t count;
};

void moments_add(struct moments *list, int64_t at, uint32_t job);

/* What is removed must be there. */
void moments_remove(struct moments *list, int64_t at, uint32_t job);

/* INT64_MAX: there is none. */
int64_t moments_next(const struct moments *list);

#endif
