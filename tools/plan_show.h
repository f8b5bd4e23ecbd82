/*
 * plan_show.h - plans as text and as JSON
 */
#ifndef AIF_TOOL_PLAN_SHOW_H
#define AIF_TOOL_PLAN_SHOW_H

#include "commands.h"
#include "plan.h"

/* One line per change on stdout, flushed, so that it is seen before anything is done. */
void aif_plan_print(const struct aif_plan *plan);

/* "applied 3 changes, 0 conflicts"; nothing for an empty plan. verb: what became of the changes. */
void aif_plan_print_sum(const struct aif_plan *plan, const char *verb);

/* prune: NULL if nothing was to be removed. */
/* A row for each field of each change, separated by '|'; prune may be NULL. */
void aif_plan_print_parsable(const struct aif_plan *plan, const struct aif_plan *prune);

void aif_plan_print_json(const struct aif_cmd_context *ctx, const struct aif_plan *plan, const struct aif_plan *prune,
                         bool applied);

#endif
