/*
 * plot.h - "aif report plot": consumption against pace, and islands with their fragmentation
 */
#ifndef AIF_PLOT_H
#define AIF_PLOT_H

#include "commands.h"

/*
 * What each allocation (or the one named) used by day, beside an even pace, from the ledger at path. output: file, NULL for
 * stdout. The context has its snapshot. Returns an exit code after one line.
 */
int aif_plot_consumption(struct aif_cmd_context *ctx, const char *ledger, const char *allocation, const char *output);

/* GPUs of each island by what they do, and how much of what is free lies on nodes in use. */
int aif_plot_islands(struct aif_cmd_context *ctx, const char *output);

#endif
