/* decide_fixture.h - a small site for tests of the decision; "now" is NOW */
#ifndef DECIDE_FIXTURE_H
#define DECIDE_FIXTURE_H

#include "decide.h"

#define NOW ((time_t)1795219200) /* 2026-11-21 00:00:00 UTC */
#define HOUR 3600

/* policy_edit: NULL, or "old\tnew": a replacement in the policy's text before it is parsed. */
struct aif_snapshot *fixture_create(const char *policy_edit);
void fixture_destroy(struct aif_snapshot *snapshot);

#endif
