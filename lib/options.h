/*
 * options.h - what a user asked for with --ai-mode and its kin, and the ways it travels
 *
 * The same four options come from SPANK (--ai-mode=…), from "aif:mode=…" in --comment (REST, portals, scrontab) or
 * from Lua. Between sbatch and slurmctld they travel as one string in the job's SPANK environment, AIF_REQUEST:
 * "mode=playground;allocation=EHPC-…;residency=EEA30-CH;placement=pack,strict", with '%', ';', '=' and bytes
 * outside printable ASCII as %XX. All of it is user-controlled: every reader validates.
 */
#ifndef AIF_OPTIONS_H
#define AIF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

#define AIF_OPTIONS_ENV "AIF_REQUEST"
#define AIF_OPTIONS_TEXT_MAX 2048 /* encoded, with NUL */

enum aif_placement { AIF_PLACE_DEFAULT, AIF_PLACE_PACK, AIF_PLACE_SPREAD, AIF_PLACE_ANY };

/* Empty string: not given. */
struct aif_options {
    char mode[64];
    char allocation[64];
    char residency[256];
    char placement[32]; /* "pack", "spread", "any", each optionally followed by ",strict" */
};

/* The keys, in order, NULL-terminated: "mode", "allocation", "residency", "placement". */
extern const char *const aif_options_keys[];

/*
 * Set one option from text that a user wrote. Checks the form only (length, characters, placement words, residency
 * grammar without site groups): whether a mode exists is the controller's to say. Rule ids AIF-C009, -R001, -P001.
 */
int aif_options_set(struct aif_options *options, const char *key, const char *value,
                    struct aif_error *err);

bool aif_options_empty(const struct aif_options *options);

/* Encode for AIF_OPTIONS_ENV; only options that are set appear. -1 if size does not suffice. */
int aif_options_format(const struct aif_options *options, char *ret_text, size_t size);

/* Decode and validate; unknown and repeated keys are refused. */
int aif_options_parse(const char *text, struct aif_options *ret_options, struct aif_error *err);

/*
 * Find "aif:key=value[,key=value…]" as a blank-separated word of a job comment ("placement" takes '+strict' here
 * because ',' separates keys). Returns 1 and *ret_options if there, 0 if the comment has none, -1 if malformed.
 */
int aif_options_from_comment(const char *comment, struct aif_options *ret_options, struct aif_error *err);

/* Placement text -> value; *ret_strict may be NULL. Empty text is AIF_PLACE_DEFAULT. */
int aif_placement_parse(const char *text, enum aif_placement *ret_placement, bool *ret_strict,
                        struct aif_error *err);
const char *aif_placement_name(enum aif_placement placement);

#endif
