/*
 * jsonout.h - what a command found, to stdout for programs: as JSON, or as lines of key and text
 */
#ifndef AIF_JSONOUT_H
#define AIF_JSONOUT_H

#include <json-c/json.h>
#include <stdbool.h>

/*
 * parsable: a line KEY|TEXT for each value that is no object or list, with the keys on the way to it joined by dots, members of
 * lists numbered from 1; "-" stands for nothing. Takes the object over.
 */
void aif_jsonout_print(json_object *object, bool parsable);

#endif
