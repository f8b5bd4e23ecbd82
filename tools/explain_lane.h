/*
 * explain_lane.h - what a waiting job's priority is made of, where it stands in its lane, and what
 * is ahead of it
 */
#ifndef AIF_TOOL_EXPLAIN_LANE_H
#define AIF_TOOL_EXPLAIN_LANE_H

#include "ahead.h"
#include "lanedata.h"
#include "siteparts.h"

struct aif_explain;

struct aif_explain_lane {
    struct aif_lanedata *data;     /* NULL: the job does not wait, or left the queue just now; then
                                      nothing else is set */
    const struct aif_livejob *job; /* in data */
    struct aif_siteparts parts;
    struct aif_ahead ahead; /* of the jobs that the caller may see */
};

/* Fill e->lane of a job that waits; e's other facts must be there. Returns AIF_EXIT_OK, or an exit
 * code after one line. */
int aif_explain_lane_load(struct aif_explain *e);
void aif_explain_lane_free(struct aif_explain_lane *lane);

/* One line each; malloc'ed, NULL: nothing to say. */
char *aif_explain_lane_priority(const struct aif_explain *e);
char *aif_explain_lane_text(const struct aif_explain *e);
char *aif_explain_lane_expected(const struct aif_explain *e);
char *aif_explain_lane_ahead(const struct aif_explain *e);

/* The share that has closed the job's lane, and what it has used; NULL: it is open, or which one is
 * not known. */
const struct aif_share *aif_explain_lane_share(const struct aif_explain *e,
                                               struct aif_sharewindow_state *ret_state);

struct json_object;

/* The same as objects "parts", "factors", "lane", "ahead" and number "expected" of object. */
void aif_explain_lane_json(const struct aif_explain *e, struct json_object *object);

#endif
