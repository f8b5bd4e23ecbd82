/*
 * advice.h - what looks odd about a lane or an allocation although it is valid
 *
 * For "aif config check": a slip of the pen in an amount, a date or an ID is cheapest to find
 * before the first job. Advice never refuses anything, since awards differ from what their calls
 * publish.
 */
#ifndef AIF_ADVICE_H
#define AIF_ADVICE_H

#include <time.h>

#include "alloc.h"
#include "fabricmap.h"
#include "policy.h"

#define AIF_ADVICE_MAX 480 /* bytes of one line, with NUL */

/* Gets one line without newline: "allocation <id>: <what>: <value>, <comparison>; <next step>". */
typedef void (*aif_advice_fn)(void *arg, const char *text);

/*
 * Look at the lanes of a policy: a target that nothing is done for, a headroom's partition without headroom, no guard
 * beside lanes. Lines are "mode <name>: …" or "lanes: …". Pure, thread-safe.
 */
void aif_advice_lanes(const struct aif_policy *policy, aif_advice_fn give, void *arg);

/*
 * Look at placement: levels that make no difference, because none counts or nothing is placed, and partitions that are
 * named for nothing. map may be NULL. Lines are "placement: …". Pure, thread-safe.
 */
void aif_advice_placement(const struct aif_policy *policy, const struct aif_fabricmap *map, aif_advice_fn give,
                          void *arg);

/*
 * Look at what the policy says of rules ("enforce"): which only advise, which are off. Lines are "enforce: …". Pure, thread-safe.
 */
void aif_advice_enforce(const struct aif_policy *policy, aif_advice_fn give, void *arg);

/*
 * Look at one allocation of the policy: its amount, time and unit against its mode's award, its ID
 * against the grammar of project IDs and its mode's code, its category against the mode, and
 * whether it has ended. Pure but for the machine's time zone; thread-safe.
 */
void aif_advice_give(const struct aif_policy *policy, const struct aif_alloc *alloc, time_t now,
                     aif_advice_fn give, void *arg);

#endif
