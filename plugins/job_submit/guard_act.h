/*
 * guard_act.h - do what the guard found to do
 */
#ifndef AIF_GUARD_ACT_H
#define AIF_GUARD_ACT_H

#include "guard_look.h"

/*
 * Carry out the steps for jobs that are still as they were found. Needs the config read, job and node write and
 * partition read locks. Returns whether a job was released.
 */
extern bool aif_guard_act(const struct aif_guard_plan *plan);

#endif
