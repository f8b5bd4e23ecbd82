/*
 * placed.h - the score of a job's placement in words and in JSON
 *
 * Pure. Scores are texts as lib/placescore.h describes them, from admin_comment: what does not have that form has no words.
 */
#ifndef AIF_TOOL_PLACED_H
#define AIF_TOOL_PLACED_H

#include <json-c/json.h>

/* "83 % of the best possible then: leaf 3 (least 2), group 1 (least 1)", malloc'ed; NULL where score is none. */
char *aif_placed_text(const char *score);

/* {"percent":83,"levels":[{"level":"leaf","islands":3,"least":2},…]}, owned by the caller; NULL where score is none. */
struct json_object *aif_placed_json(const char *score);

#endif
