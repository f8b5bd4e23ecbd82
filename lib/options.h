/*
 * options.h - what a user asked for with --ai-mode and its kin, and the ways it travels
 *
 * The same options come from SPANK (--ai-mode=…), from "aif:mode=…" in --comment (REST, portals, scrontab) or
 * from Lua. Between sbatch and slurmctld they travel as one string in the job's SPANK environment, AIF_REQUEST:
 * "mode=playground;allocation=EHPC-…;residency=EEA30-CH;placement=pack,strict", with '%', ';', '=' and bytes
 * outside printable ASCII as %XX. All of it is user-controlled: every reader validates.
 */
#ifndef AIF_OPTIONS_H
#define AIF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "datasetids.h"
#include "error.h"
#include "placement.h"

#define AIF_OPTIONS_ENV "AIF_REQUEST"
#define AIF_OPTIONS_TEXT_MAX 2048 /* encoded, with NUL */

/* Empty string: not given. What is behind the end of a text is not defined. */
struct aif_options {
    char mode[64];
    char allocation[64];
    char explain[8];    /* "yes": say what is left even where accepted jobs are silent; set by "aif check" */
    char purpose[32];   /* "inference", "training" or "other" */
    char placement[AIF_PLACEMENT_SIZE]; /* as aif_placement_format() writes it */
    char residency[256];
    char datasets[AIF_DATASETIDS_SIZE]; /* as datasetids.h has it */
};

/* The keys, in order, NULL-terminated: "mode", "allocation", "residency", "placement", "purpose", "explain", "dataset". */
extern const char *const aif_options_keys[];

/*
 * Set one option from text that a user wrote. Checks the form only (length, characters, placement and purpose words,
 * residency grammar without site groups): whether a mode or data set exists is the controller's to say. Rule ids AIF-C009, -R001,
 * -P001.
 */
int aif_options_set(struct aif_options *options, const char *key, const char *value,
                    struct aif_error *err);

/* Nothing is given. */
void aif_options_clear(struct aif_options *options);

/* Nothing is asked of the job. A wish for an explanation alone asks nothing. */
bool aif_options_empty(const struct aif_options *options);

/* What more asks and options do not: of a key that both have, that of options stays. */
void aif_options_add(struct aif_options *options, const struct aif_options *more);

/* Encode for AIF_OPTIONS_ENV; only options that are set appear. -1 if size does not suffice. */
int aif_options_format(const struct aif_options *options, char *ret_text, size_t size);

/* Decode and validate; unknown and repeated keys are refused, and then *ret_options has nothing. */
int aif_options_parse(const char *text, struct aif_options *ret_options, struct aif_error *err);

/*
 * Find "aif:key=value[,key=value…]" as a blank-separated word of a job comment ("placement" takes '+strict' and "dataset"
 * ID+ID here, since ',' separates keys). Returns 1 and *ret_options if there, 0 and leaves that alone if the comment has
 * none, -1 if malformed, and then *ret_options has nothing.
 */
int aif_options_from_comment(const char *comment, struct aif_options *ret_options, struct aif_error *err);

#endif
