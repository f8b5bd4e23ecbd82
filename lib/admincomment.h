/*
 * admincomment.h - what a job's admin_comment carries of ours:
 *     {"aif":{"v":1,"mode":…,"alloc":…,"res":…,"data":…,"place":…,"use":…,"rule":…,"hold":…,"held":…,"over":…,"pol":…,
 *             "score":…,"node":…}}
 *
 * Foreign content is kept: other keys of a JSON object stay; a text that is no JSON object is never overwritten.
 */
#ifndef AIF_ADMINCOMMENT_H
#define AIF_ADMINCOMMENT_H

#include <stddef.h>
#include <time.h>

#include "datasetids.h"
#include "error.h"
#include "placement.h"
#include "placescore.h"
#include "restag.h"

#define AIF_ADMINCOMMENT_MAX 1024 /* Slurm's own cap on the string, with NUL */

struct aif_admincomment {
    char mode[64];
    char alloc[64];
    char residency[AIF_RESTAG_TEXT_MAX]; /* canonical, see restag.h */
    char datasets[AIF_DATASETIDS_SIZE]; /* key "data": the data sets that the job named, see datasetids.h */
    char rule[16];
    char purpose[32]; /* key "use": "inference" where it was said */
    char hold[16];    /* rule id for which the job is held by us; "" if it is not */
    char held[24];    /* since when: "2026-11-21T09:00:00Z"; "" if it is not, or has been since older times */
    char override[64]; /* key "over": what an operator did against the rules: "AIF-M007 by 0 at 2026-11-21T09:00:00Z" */
    char policy[20]; /* first 16 hex digits of the snapshot's hash */
    char placement[AIF_PLACEMENT_SIZE]; /* key "place": what the job asked for, as aif_placement_parse() reads it; "" if nothing */
    char score[AIF_PLACESCORE_SIZE]; /* how well the job's present (or last) run was placed; "" if not known */
    char node[96];    /* which node refused the job under rule: "n2 at 2026-11-21T09:00:00Z"; "" if none did */
};

/*
 * Merge ours into existing (NULL or "" or text). *ret_text is malloc'ed. Returns 0; 1 if existing is not a JSON
 * object, then *ret_text is NULL and existing must stay as it is; -1 when out of memory or too long (AIF_ELIMIT).
 * Members of ours that are "" are left out; members of an older "aif" object do not survive.
 */
int aif_admincomment_merge(const char *existing, const struct aif_admincomment *ours, char **ret_text,
                           struct aif_error *err);

/*
 * The same as merging into nothing, but into a buffer and without allocating. -1 where that cannot be: size does not
 * suffice, or a member has characters that JSON escapes; ret_text is then no JSON.
 */
int aif_admincomment_format(const struct aif_admincomment *ours, char *ret_text, size_t size);

/*
 * Read ours back. Returns 1 if there, 0 if not (or not JSON). Missing members are "". A member that is no string or
 * is too long is given as "?", which no grammar takes: a damaged residency tag must not look like no tag.
 */
int aif_admincomment_read(const char *text, struct aif_admincomment *ret_ours);

/*
 * Write down that the job is held under rule, as of now. A hold that goes on, if under another rule, keeps its begin.
 * rule "": it is not held.
 */
void aif_admincomment_hold(struct aif_admincomment *ours, const char *rule, time_t now);

#endif
