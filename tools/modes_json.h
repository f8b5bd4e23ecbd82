/*
 * modes_json.h - the modes of a policy as JSON, for portals
 */
#ifndef AIF_TOOL_MODES_JSON_H
#define AIF_TOOL_MODES_JSON_H

#include <stddef.h>
#include <time.h>

#include "policy.h"

/* Print an array with one object per mode to stdout. Keys that the policy does not set are left
 * out. */
void aif_modes_json_print(const struct aif_policy *policy, const struct aif_mode *const *modes,
                          size_t count, time_t now);

#endif
