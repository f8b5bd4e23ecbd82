/*
 * lanes_show.h - what "aif lanes" prints
 */
#ifndef AIF_TOOL_LANES_SHOW_H
#define AIF_TOOL_LANES_SHOW_H

#include "lanedata.h"
#include "lanestat.h"

/* stats: as aif_lanestat_fill() leaves them. */
void aif_lanes_show_text(const struct aif_lanedata *data, const struct aif_lanestat *stats);
void aif_lanes_show_parsable(const struct aif_lanedata *data, const struct aif_lanestat *stats);
void aif_lanes_show_json(const struct aif_lanedata *data, const struct aif_lanestat *stats);

/* Whether the lane of a mode is open: "open", "closed", "partly" (closed for some categories),
 * "none", "off" (no plugin). */
const char *aif_lanes_show_state(const struct aif_lanedata *data, const struct aif_mode *mode);

#endif
