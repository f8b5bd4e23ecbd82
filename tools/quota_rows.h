/*
 * quota_rows.h - the standing of allocations as a table, as columns for scripts, or as JSON
 */
#ifndef AIF_TOOL_QUOTA_ROWS_H
#define AIF_TOOL_QUOTA_ROWS_H

#include <time.h>

#include "standing.h"

enum aif_quota_format { AIF_QUOTA_TABLE, AIF_QUOTA_PARSABLE, AIF_QUOTA_JSON };

struct aif_quota_rows;

struct aif_quota_rows *aif_quota_rows_create(enum aif_quota_format format,
                                             const struct aif_snapshot *snapshot, time_t now);
void aif_quota_rows_destroy(struct aif_quota_rows *rows);

void aif_quota_rows_add(struct aif_quota_rows *rows, const struct aif_alloc *alloc,
                        const struct aif_standing *standing);

/* Print to stdout: for a table nothing if there are no rows. */
void aif_quota_rows_print(const struct aif_quota_rows *rows);

#endif
