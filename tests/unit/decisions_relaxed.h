/* decisions_relaxed.h - the decision table once more, with rules that only advise or are off */
#ifndef DECISIONS_RELAXED_H
#define DECISIONS_RELAXED_H

#include "decisions_read.h"

/* After decide_case(). Returns NULL, or what does not hold. The site's policy is as before afterwards. */
const char *check_relaxed(struct aif_snapshot *site, const struct subject *subject);

#endif
