/*
 * lane_file.h - what of the lanes outlives slurmctld, in StateSaveLocation (state_file.h)
 *
 * aif_lanes.json has the share windows (sharewindow.h), aif_lifted the jobs that are not ours and have points from
 * us.
 */
#ifndef AIF_LANE_FILE_H
#define AIF_LANE_FILE_H

#include "lane_book.h"

/* The jobs that have points from us, as text; malloc'ed, NULL when memory is out. */
extern char *aif_lane_file_lifted(const struct aif_lane_book *book);

/*
 * And back, into a book that has not looked yet; *ret_count as many as there are. Lines of anything else: -1,
 * none.
 */
#define AIF_LANE_LIFTED_MAX (64u << 20) /* bytes */
extern int aif_lane_file_put_back(struct aif_lane_book *book, const char *text, struct aif_error *err);

#endif
