/*
 * jsonout.h - what a command found, as JSON; to stdout for programs: as it is, or as lines of key and text
 */
#ifndef AIF_JSONOUT_H
#define AIF_JSONOUT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* How a command shall tell what it found. */
enum aif_format { AIF_FORMAT_PLAIN, AIF_FORMAT_JSON, AIF_FORMAT_PARSABLE };

/* Add a member to an object; the text is copied, NULL and "" become null. */
void aif_jsonout_text(json_object *object, const char *key, const char *text);
void aif_jsonout_number(json_object *object, const char *key, int64_t number);

/*
 * parsable: a line KEY|TEXT for each value that is no object or list, with the keys on the way to it joined by dots, members of
 * lists numbered from 1; "-" stands for nothing. Takes the object, or list, over.
 */
void aif_jsonout_print(json_object *object, bool parsable);

#endif
