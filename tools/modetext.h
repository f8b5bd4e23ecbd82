/*
 * modetext.h - the rules of a mode in words for people
 *
 * Pure. Each function gives malloc'ed text, or NULL where the policy says nothing on the matter.
 */
#ifndef AIF_TOOL_MODETEXT_H
#define AIF_TOOL_MODETEXT_H

#include <stdbool.h>
#include <time.h>

#include "policy.h"

/* "open", "closed", or "partly" when some partitions are closed at that moment. */
const char *aif_modetext_state(const struct aif_mode *mode, time_t now);

/* Whether a closure is in force, or still to come, at that moment. */
bool aif_modetext_closed_now(const struct aif_closure *closure, time_t now);
bool aif_modetext_closes_later(const struct aif_closure *closure, time_t now);

/* "boost, acc until 2026-09-15: demand" */
char *aif_modetext_closure(const struct aif_closure *closure);

/* "1 to 8", "up to 8", "at least 4", "4" */
char *aif_modetext_range(const struct aif_range *range);

/* "sme, startup"; NULL: everybody. */
char *aif_modetext_categories(uint32_t categories);

/* "boost, acc"; NULL: all. */
char *aif_modetext_partitions(const struct aif_mode *mode);

char *aif_modetext_jobs(const struct aif_mode *mode);
char *aif_modetext_inference(const struct aif_mode *mode);
char *aif_modetext_interactive(const struct aif_mode *mode);
char *aif_modetext_pacing(const struct aif_pacing *pacing);
char *aif_modetext_award(const struct aif_award *award);
char *aif_modetext_residency(const struct aif_mode *mode);
char *aif_modetext_lane(const struct aif_lane *lane);

/* What happens to the mode's jobs when a lane takes their place; NULL: none does. */
char *aif_modetext_yield(const struct aif_policy *policy, const struct aif_mode *mode);

/* Whether a lane of another mode takes the place of the mode's jobs (free: of those on a free QOS). */
bool aif_modetext_yields(const struct aif_policy *policy, const struct aif_mode *mode, bool free);

/* Whether the share counts this mode's jobs. */
bool aif_modetext_in_share(const struct aif_share *share, const struct aif_mode *mode);
/* "Playground and Fast Lane: at most 10 % of the machine" */
char *aif_modetext_share(const struct aif_share *share);

#endif
