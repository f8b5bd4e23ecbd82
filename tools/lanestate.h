/*
 * lanestate.h - the shares as the controller's plugin last wrote them into StateSaveLocation
 */
#ifndef AIF_TOOL_LANESTATE_H
#define AIF_TOOL_LANESTATE_H

#include "sharewindow.h"

/*
 * Put them into fresh windows. *ret_at: up to when what ran then is counted. 0; -1 where there is
 * no such file, or the caller may not read it: nothing is changed and nothing is said, and *ret_at
 * stays.
 */
int aif_lanestate_read(const char *state_dir, struct aif_sharewindow *windows, time_t *ret_at);

/*
 * Points that a job which is not ours had before the guard lifted it, from the list that the plugin
 * keeps there. 1; 0 if it was not lifted; -1 if the caller may not know.
 */
int aif_lanestate_given(const char *state_dir, uint32_t job_id, int64_t *ret_points);

#endif
