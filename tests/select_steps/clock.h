/*
 * clock.h - the clock of a slurmctld under test, which the test can put forward
 *
 * Preloaded into slurmctld (clock.c), which then sees the machine's clock plus what the stepper (steps.c) has added in a
 * file that both map. So a scheduler that wakes up once a second wakes up as soon as the stepper says that a second has
 * passed, and jobs reach their time limits. Plain sleeps are cut short.
 */
#ifndef AIF_SELECT_STEPS_CLOCK_H
#define AIF_SELECT_STEPS_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

/* Where the file is; without it nothing is added. */
#define CLOCK_ENV "AIF_STEP_CLOCK"

struct step_clock {
    _Atomic int64_t ahead_ns;
};

#endif
